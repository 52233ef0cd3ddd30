"""Pictures of every kind come out upright, in the right colours, or with one clear error."""

import io
import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from lesionviewer.core import decode_picture
from lesionviewer.core.decode import decode_bytes, decode_file, read_file
from lesionviewer.core.decode_colour import PROFILE_NOTICE, SEVERAL_NOTICE, STRETCH_NOTICE
from lesionviewer.core.decode_picture import ALPHA_NOTICE
from lesionviewer.core.errors import ConfigError, ImageError
from lesionviewer.core.limits import DecodeLimits

LOSSLESS = {"PNG": {}, "TIFF": {}, "BMP": {}, "WEBP": {"lossless": True, "exact": True}}


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def pixels(picture: Image.Image, kind: str = "PNG", **options) -> np.ndarray:
    return decode_bytes(encoded(picture, kind, **options)).pixels


def orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def turned(colours: np.ndarray, value: int) -> np.ndarray:
    """What a file with these pixels and this EXIF orientation shows (EXIF 2.32, table 6)."""
    rows = colours.swapaxes(0, 1) if value >= 5 else colours
    if value in (3, 4, 7, 8):
        rows = rows[::-1]
    return rows[:, ::-1] if value in (2, 3, 6, 7) else rows


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_pictures_come_out_bit_for_bit(colours, kind):
    decoded = decode_bytes(encoded(Image.fromarray(colours), kind, **LOSSLESS[kind]))
    np.testing.assert_array_equal(decoded.pixels, colours)
    assert decoded.pixels.dtype == np.uint8
    assert decoded.notices == ()


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_every_orientation_is_turned_upright(colours, kind, value):
    found = pixels(Image.fromarray(colours), kind, exif=orientation(value), **LOSSLESS[kind])
    np.testing.assert_array_equal(found, turned(colours, value))


@pytest.mark.parametrize("value", range(1, 9))
def test_every_orientation_of_a_jpeg_is_turned_upright(colours, value):
    large = colours.repeat(16, axis=0).repeat(16, axis=1)
    found = pixels(Image.fromarray(large), "JPEG", quality=95, exif=orientation(value))
    wanted = turned(large, value)
    assert found.shape == wanted.shape
    assert np.abs(found[8::16, 8::16].astype(int) - wanted[8::16, 8::16]).max() < 12


def test_orientation_in_the_raw_exif_text_of_a_png_is_used(shared):
    path = shared / "hostile" / "pillow_exif_imagemagick_orientation.png"
    with Image.open(path) as picture:
        stored = np.asarray(picture.convert("RGB"))
    np.testing.assert_array_equal(decode_file(path).pixels, stored[::-1, ::-1])


def test_an_orientation_that_is_none_is_passed_over(colours):
    found = pixels(Image.fromarray(colours), exif=orientation(9))
    np.testing.assert_array_equal(found, colours)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "I;16", "CMYK"])
def test_a_picture_converted_in_strips_is_the_same(monkeypatch, mode):
    ramp = np.arange(40 * 30 * 3, dtype=np.uint8).reshape(30, 40, 3)
    picture = Image.fromarray(ramp).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 200)
    data = encoded(picture, "TIFF", exif=orientation(6))
    whole = decode_bytes(data).pixels
    monkeypatch.setattr(decode_picture, "KEPT_PIXELS", 100)
    monkeypatch.setattr(decode_picture, "STRIP_PIXELS", 100)
    np.testing.assert_array_equal(decode_bytes(data).pixels, whole)


def test_black_and_white_becomes_0_and_255():
    picture = Image.fromarray(np.array([[0, 255], [255, 0]], np.uint8)).convert("1")
    for kind in ("PNG", "TIFF"):
        assert pixels(picture, kind)[..., 0].tolist() == [[0, 255], [255, 0]]


def test_grey_fills_all_three_channels():
    grey = np.array([[0, 100, 255]], np.uint8)
    np.testing.assert_array_equal(pixels(Image.fromarray(grey)), np.stack([grey] * 3, axis=-1))


def test_a_palette_is_resolved(colours):
    found = pixels(Image.fromarray(colours).quantize(6))
    np.testing.assert_array_equal(found, colours)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_of_16_bits_is_scaled(kind):
    levels = np.array([[0, 257, 32896, 65535]], np.uint16)
    assert pixels(Image.fromarray(levels), kind)[0, :, 0].tolist() == [0, 1, 128, 255]


def test_grey_of_16_bits_where_zero_is_white_is_turned_over():
    levels = Image.fromarray(np.array([[0, 65535]], np.uint16))
    assert pixels(levels, "TIFF", tiffinfo={262: 0})[0, :, 0].tolist() == [255, 0]


@pytest.mark.parametrize("kind", [".png", ".tiff"])
def test_colour_of_16_bits_is_scaled(colours, kind):
    import cv2

    wide = colours.astype(np.uint16) * 257
    _, data = cv2.imencode(kind, wide[..., ::-1])
    np.testing.assert_array_equal(decode_bytes(data.tobytes()).pixels, colours)


def test_levels_without_a_known_range_are_stretched_with_a_notice():
    for levels in (np.array([[-1000, 0, 1000]], np.int32), np.array([[-2, 0, 2]], np.float32)):
        decoded = decode_bytes(encoded(Image.fromarray(levels), "TIFF"))
        assert decoded.pixels[0, :, 0].tolist() == [0, 128, 255]
        assert decoded.notices == (STRETCH_NOTICE,)


def test_what_is_no_number_becomes_black():
    levels = np.array([[np.nan, 1.0, 3.0, np.inf]], np.float32)
    assert pixels(Image.fromarray(levels), "TIFF")[0, :, 0].tolist() == [0, 0, 255, 255]


def test_cmyk_tiff_comes_out_in_its_colours(colours):
    picture = Image.fromarray(colours).convert("CMYK")
    assert np.abs(pixels(picture, "TIFF").astype(int) - colours).max() <= 2


def test_inverted_cmyk_jpeg_comes_out_in_its_colours():
    # Pillow writes CMYK JPEG inverted, with Adobe's marker, as Photoshop does.
    orange = Image.new("RGB", (32, 32), (240, 120, 20))
    data = encoded(orange.convert("CMYK"), "JPEG", quality=95)
    assert b"Adobe" in data
    assert np.abs(decode_bytes(data).pixels[16, 16].astype(int) - (240, 120, 20)).max() < 8


def test_cielab_comes_out_in_its_colours():
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    lab = to_lab.apply(Image.new("RGB", (4, 4), (200, 100, 50)))
    assert np.abs(pixels(lab, "TIFF")[0, 0].astype(int) - (200, 100, 50)).max() <= 3


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_transparency_is_laid_on_white_with_a_notice(kind):
    rgba = np.array([[[255, 0, 0, 255], [0, 0, 0, 0], [0, 0, 0, 51]]], np.uint8)
    decoded = decode_bytes(encoded(Image.fromarray(rgba), kind, **LOSSLESS[kind]))
    assert decoded.pixels.tolist() == [[[255, 0, 0], [255, 255, 255], [204, 204, 204]]]
    assert decoded.notices == (ALPHA_NOTICE,)


@pytest.mark.parametrize(
    ("picture", "transparency"),
    [
        (Image.fromarray(np.array([[0, 9]], np.uint8)), 9),
        (Image.fromarray(np.array([[0, 9]], np.uint8)).convert("RGB"), (9, 9, 9)),
        (Image.fromarray(np.array([[0, 9]], np.uint8)).convert("P"), 9),
    ],
)
def test_a_transparent_colour_is_laid_on_white(picture, transparency):
    decoded = decode_bytes(encoded(picture, transparency=transparency))
    assert decoded.pixels[0, :, 0].tolist() == [0, 255]
    assert decoded.notices == (ALPHA_NOTICE,)


def test_an_alpha_channel_that_hides_nothing_is_not_worth_a_notice(colours):
    picture = Image.fromarray(colours).convert("RGBA")
    decoded = decode_bytes(encoded(picture))
    np.testing.assert_array_equal(decoded.pixels, colours)
    assert decoded.notices == ()


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def red_and_green_swapped() -> bytes:
    swapped = srgb_profile().replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ")
    return swapped.replace(b"????", b"gXYZ")


def test_an_embedded_profile_is_followed():
    red = Image.new("RGB", (2, 2), (255, 0, 0))
    decoded = decode_bytes(encoded(red, icc_profile=red_and_green_swapped()))
    assert np.abs(decoded.pixels[0, 0].astype(int) - (0, 255, 0)).max() <= 2
    assert decoded.notices == ()


def test_a_profile_that_is_srgb_changes_no_bit(colours):
    found = pixels(Image.fromarray(colours), icc_profile=srgb_profile())
    np.testing.assert_array_equal(found, colours)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_profile_that_is_garbage_or_of_another_kind_is_passed_over_with_a_notice(mode):
    picture = Image.new(mode, (2, 2), "white")
    for icc in (
        b"garbage" * 50,
        b"",
        ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
    ):
        decoded = decode_bytes(encoded(picture, icc_profile=icc))
        assert decoded.pixels.min() == 255
        assert decoded.notices == ((PROFILE_NOTICE,) if icc else ())


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "WEBP"])
def test_of_several_pages_or_frames_the_first_is_shown_with_a_notice(colours, kind):
    first = Image.fromarray(colours)
    second = Image.fromarray(255 - colours)
    options = {**LOSSLESS[kind], "save_all": True, "append_images": [second]}
    decoded = decode_bytes(encoded(first, kind, **options))
    np.testing.assert_array_equal(decoded.pixels, colours)
    assert decoded.notices == (SEVERAL_NOTICE,)


def test_the_content_decides_the_format_not_the_name(tmp_path, colours):
    path = tmp_path / "picture.jpg"
    Image.fromarray(colours).save(path, "PNG")
    np.testing.assert_array_equal(decode_file(path).pixels, colours)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (b"", "The file is empty."),
        (b"GIF89a", "This is a GIF picture."),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "This is a PostScript file."),
        (b"%PDF-1.7", "This is a PDF file."),
        (b"<!doctype HTML>", "This is a web page."),
        (b"\0\0\0\x18ftypheic", "This is a HEIC or AVIF picture."),
        (b"Dear colleague", "This is not a picture in a format that is read here"),
    ],
)
def test_what_is_no_accepted_format_is_named(start, reason):
    with pytest.raises(ImageError, match=reason):
        decode_bytes(start)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP"])
def test_a_picture_cut_short_is_refused_rather_than_shown_in_part(kind):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    for share in (0.3, 0.6, 0.9):
        with pytest.raises(ImageError, match=r"picture is (damaged|cut short)"):
            decode_bytes(data[: int(len(data) * share)])


def test_an_error_tells_nothing_of_what_the_library_said():
    with pytest.raises(ImageError) as caught:
        decode_bytes(b"II*\0" + b"patient name" * 20)
    assert "patient" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


WEBP_KINDS = ({}, {"lossless": True}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"})


@pytest.mark.parametrize(
    "data",
    [encoded(Image.new("RGB", (40, 30)), kind) for kind in ("JPEG", "PNG", "TIFF", "BMP")]
    + [encoded(Image.new("RGB", (40, 30)), "WEBP", **options) for options in WEBP_KINDS],
)
def test_a_header_beyond_the_limit_is_refused_before_the_picture_is_read(monkeypatch, data):
    monkeypatch.setattr(
        "PIL.ImageFile.ImageFile.load", lambda _: pytest.fail("the picture was read")
    )
    with pytest.raises(ImageError, match="40 × 30, 0 megapixels"):
        decode_bytes(data, limits=DecodeLimits(max_pixels=1199))


def test_limits_of_nothing_cannot_be_made():
    with pytest.raises(ConfigError, match="max_pixels: expected more than 0, got 0"):
        DecodeLimits(max_pixels=0)


def test_a_file_too_large_is_refused(good_picture):
    with pytest.raises(ImageError, match="larger than 0 MB"):
        read_file(good_picture, limits=DecodeLimits(max_file_bytes=10))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path):
    os.mkfifo(tmp_path / "x.jpg")
    with pytest.raises(ImageError, match="pipe, socket or device"):
        decode_file(tmp_path / "x.jpg")


def test_folders_missing_files_and_links_that_lead_to_themselves_are_named(tmp_path):
    (tmp_path / "x.jpg").mkdir()
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    with pytest.raises(ImageError, match="a folder"):
        decode_file(tmp_path / "x.jpg")
    with pytest.raises(ImageError, match="no file of this name"):
        decode_file(tmp_path / "missing.jpg")
    with pytest.raises(ImageError, match="could not be read"):
        decode_file(tmp_path / "loop.jpg")


def test_a_file_that_may_not_be_read_is_named(good_picture, monkeypatch):
    def forbid(_):
        raise PermissionError(13, "Permission denied", "/patients/name.jpg")

    monkeypatch.setattr(Path, "read_bytes", forbid)
    with pytest.raises(ImageError, match="permissions") as caught:
        decode_file(good_picture)
    assert "name.jpg" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read all files")
def test_an_unreadable_file_is_named(good_picture):
    good_picture.chmod(0)
    with pytest.raises(ImageError, match="permissions"):
        decode_file(good_picture)


def test_damaged_exif_data_do_not_hide_the_picture(colours):
    data = encoded(Image.fromarray(colours), exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_array_equal(decode_bytes(data).pixels, colours)
