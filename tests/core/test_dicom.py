"""DICOM of every kind comes out in the right colours, or with one clear error."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, Sequence, dcmwrite, uid
from pydicom.data import get_testdata_file
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import pixel_array

from lesionviewer.core.decode import decode_bytes, decode_file
from lesionviewer.core.decode_colour import SEVERAL_NOTICE, STRETCH_NOTICE
from lesionviewer.core.decode_dicom import NOT_PHOTOGRAPHY_NOTICE
from lesionviewer.core.decoded import DecodedImage
from lesionviewer.core.errors import ImageError
from lesionviewer.core.limits import DecodeLimits

DERMOSCOPY = "1.2.840.10008.5.1.4.1.1.77.1.7"
PHOTOGRAPHY = "1.2.840.10008.5.1.4.1.1.77.1.4"
MAGNETIC_RESONANCE = "1.2.840.10008.5.1.4.1.1.4"


def dataset_of(stored: np.ndarray, **elements: Any) -> Dataset:
    """Return an uncompressed dermoscopic picture of these stored values."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.SOPClassUID = DERMOSCOPY
    dataset.SOPInstanceUID = "1.2.3"
    dataset.Rows, dataset.Columns = stored.shape[:2]
    dataset.SamplesPerPixel = 3 if stored.ndim == 3 else 1
    dataset.PhotometricInterpretation = "RGB" if stored.ndim == 3 else "MONOCHROME2"
    if stored.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = stored.itemsize * 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    dataset.PixelData = stored.tobytes()
    for name, value in elements.items():
        setattr(dataset, name, value)
    dataset["PixelData"].VR = "OW"
    return dataset


def sample(name: str) -> Path:
    """Return a file of pydicom's own tests, which come with it."""
    return Path(str(get_testdata_file(name, download=False)))


def file_of(dataset: Dataset) -> bytes:
    file = io.BytesIO()
    dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def decoded(stored: np.ndarray, **elements: Any) -> DecodedImage:
    return decode_bytes(file_of(dataset_of(stored, **elements)))


def greys(stored: np.ndarray, **elements: Any) -> list[int]:
    """The grey levels of the first row; all three channels must agree."""
    row = decoded(stored, **elements).pixels[0]
    assert (row == row[:, :1]).all()
    return row[:, 0].tolist()


def test_rgb_comes_out_bit_for_bit_without_a_notice(colours):
    picture = decoded(colours)
    np.testing.assert_array_equal(picture.pixels, colours)
    assert picture.notices == ()


def test_colours_stored_plane_by_plane_come_out_the_same(colours):
    planes = np.moveaxis(colours, -1, 0).tobytes()
    picture = decoded(colours, PlanarConfiguration=1, PixelData=planes)
    np.testing.assert_array_equal(picture.pixels, colours)


def test_colours_of_16_bits_are_scaled(colours):
    np.testing.assert_array_equal(decoded(colours.astype(np.uint16) * 257).pixels, colours)


def test_luminance_and_chroma_become_rgb():
    ybr = np.array([[[76, 85, 255], [150, 44, 21]]], np.uint8)  # red and green (PS3.3 C.7.6.3.1.2)
    found = decoded(ybr, PhotometricInterpretation="YBR_FULL").pixels.astype(int)
    assert np.abs(found - [[[255, 0, 0], [0, 255, 0]]]).max() <= 2


def test_grey_of_8_bits_is_shown_as_it_is():
    assert greys(np.array([[0, 7, 255]], np.uint8)) == [0, 7, 255]


def test_fewer_bits_than_allocated_fill_the_range():
    assert greys(np.array([[0, 15, 5]], np.uint8), BitsStored=4, HighBit=3) == [0, 255, 85]


def test_monochrome1_is_turned_over():
    stored = np.array([[0, 7, 255]], np.uint8)
    assert greys(stored, PhotometricInterpretation="MONOCHROME1") == [255, 248, 0]


def test_grey_of_16_bits_without_a_window_is_stretched_with_a_notice():
    picture = decoded(np.array([[1000, 1500, 2000]], np.uint16))
    assert picture.pixels[0, :, 0].tolist() == [0, 128, 255]
    assert picture.notices == (STRETCH_NOTICE,)


def test_the_first_window_is_applied_after_rescaling():
    stored = np.array([[0, 1024, 1074, 1124, 4000]], np.int16)
    elements = {
        "RescaleSlope": 1,
        "RescaleIntercept": -1024,
        "WindowCenter": [50, 400],
        "WindowWidth": [100, 2000],
    }
    found = greys(stored, **elements)
    assert found[:2] + found[3:] == [0, 0, 255, 255]  # linear: from 0 to 99 (PS3.3 C.11.2.1.2.1)
    assert found[2] == pytest.approx(128, abs=2)
    inverted = greys(stored, PhotometricInterpretation="MONOCHROME1", **elements)
    assert inverted == [255 - level for level in found]


def test_an_s_shaped_window_is_applied():
    found = greys(
        np.array([[0, 500, 1000]], np.uint16),
        WindowCenter=500,
        WindowWidth=200,
        VOILUTFunction="SIGMOID",
    )
    assert found == [0, 128, 255]


def test_a_voi_table_is_applied_rather_than_a_window():
    table = Dataset()
    table.LUTDescriptor = [4, 10, 16]
    table.LUTData = np.array([65535, 257, 514, 0], "<u2").tobytes()
    found = greys(
        np.array([[0, 10, 11, 12, 13, 99]], np.uint16),
        VOILUTSequence=Sequence([table]),
        WindowCenter=500,
        WindowWidth=200,
    )
    assert found == [255, 255, 1, 2, 0, 0]


def test_a_modality_table_is_applied():
    table = Dataset()
    table.LUTDescriptor = [3, 0, 16]
    table.LUTData = np.array([300, 100, 200], "<u2").tobytes()
    table.ModalityLUTType = "US"
    found = greys(np.array([[0, 1, 2, 0]], np.uint16), ModalityLUTSequence=Sequence([table]))
    assert found == [255, 0, 128, 255]


def test_a_window_of_the_frame_itself_is_found():
    window = Dataset()
    window.WindowCenter, window.WindowWidth = 128, 2
    group = Dataset()
    group.FrameVOILUTSequence = Sequence([window])
    found = greys(
        np.array([[100, 126, 129, 200]], np.uint16),
        SharedFunctionalGroupsSequence=Sequence([group]),
    )
    assert found == [0, 0, 255, 255]


def test_an_unusable_window_does_not_hide_the_picture():
    picture = decoded(np.array([[0, 10]], np.uint16), WindowCenter=5, WindowWidth=0)
    assert picture.pixels[0, :, 0].tolist() == [0, 255]
    assert picture.notices == (STRETCH_NOTICE,)


def test_a_palette_is_resolved():
    ramp = np.array([0, 32896, 65535], "<u2").tobytes()
    flat = np.zeros(3, "<u2").tobytes()
    elements = {"PhotometricInterpretation": "PALETTE COLOR"}
    for colour, data in (("Red", ramp), ("Green", flat), ("Blue", ramp)):
        elements[f"{colour}PaletteColorLookupTableDescriptor"] = [3, 0, 16]
        elements[f"{colour}PaletteColorLookupTableData"] = data
    picture = decoded(np.array([[0, 1, 2, 9]], np.uint8), **elements)
    assert picture.pixels.tolist() == [[[0, 0, 0], [128, 0, 128], [255, 0, 255], [255, 0, 255]]]


def test_an_embedded_profile_that_is_garbage_is_passed_over_with_a_notice(colours):
    picture = decoded(colours, ICCProfile=b"garbage!" * 20)
    np.testing.assert_array_equal(picture.pixels, colours)
    assert len(picture.notices) == 1


def test_of_several_frames_the_first_is_shown_with_a_notice(colours):
    both = np.concatenate([colours, 255 - colours])
    picture = decoded(both, Rows=colours.shape[0], NumberOfFrames=2)
    np.testing.assert_array_equal(picture.pixels, colours)
    assert picture.notices == (SEVERAL_NOTICE,)


@pytest.mark.parametrize(
    ("kind", "notices"),
    [(DERMOSCOPY, ()), (PHOTOGRAPHY, ()), (MAGNETIC_RESONANCE, (NOT_PHOTOGRAPHY_NOTICE,))],
)
def test_what_is_no_photograph_carries_a_notice(colours, kind, notices):
    assert decoded(colours, SOPClassUID=kind).notices == notices


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_small_odd_big_endian.dcm",
        "SC_rgb_rle.dcm",
        "SC_rgb_rle_32bit.dcm",
        "SC_rgb_jpeg_dcmtk.dcm",
        "SC_rgb_jls_lossy_line.dcm",
        "SC_rgb_gdcm_KY.dcm",
        "SC_rgb_dcmtk_+eb+cy+s4.dcm",
        "examples_jpeg2k.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
    ],
)
def test_colours_of_every_compression_are_those_that_pydicom_gives(name):
    path = sample(name)
    wanted = pixel_array(path, index=0)
    if wanted.dtype == np.uint32:
        wanted = (wanted / 2**24).astype(np.uint8)
    found = decode_file(path).pixels
    assert np.abs(found.astype(int) - wanted).max() <= 1


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_bigendian.dcm",
        "MR_small_implicit.dcm",
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
    ],
)
def test_greys_of_every_lossless_compression_are_the_same(name):
    wanted = decode_file(sample("MR_small.dcm")).pixels
    np.testing.assert_array_equal(decode_file(sample(name)).pixels, wanted)


def test_jpeg_of_12_bits_is_read():
    found = decode_file(sample("JPGExtended.dcm")).pixels
    # Stored 244 and 95 of at most 264, as pydicom's own tests hold.
    assert (found[420, 140, 0], found[230, 120, 0]) == (
        round(244 / 264 * 255),
        round(95 / 264 * 255),
    )


def test_a_jpeg_photograph_is_read():
    dataset = dataset_of(np.zeros((16, 16, 3), np.uint8))
    picture = Image.new("RGB", (16, 16), (200, 100, 50))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95, subsampling=0)
    dataset.PixelData = encapsulate([file.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    dataset.PhotometricInterpretation = "YBR_FULL_422"
    dataset.file_meta.TransferSyntaxUID = uid.JPEGBaseline8Bit
    found = decode_bytes(file_of(dataset)).pixels
    assert np.abs(found[8, 8].astype(int) - (200, 100, 50)).max() <= 3


def deflated(dataset: Dataset) -> bytes:
    dataset.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    return file_of(dataset)


def test_a_deflated_file_is_read(colours):
    data = deflated(dataset_of(colours))
    np.testing.assert_array_equal(decode_bytes(data).pixels, colours)


def test_a_deflated_file_is_not_inflated_beyond_the_limit():
    data = deflated(dataset_of(np.zeros((1000, 1000), np.uint8)))
    assert len(data) < 10_000
    with pytest.raises(ImageError, match="inflates to more than 0 MB"):
        decode_bytes(data, limits=DecodeLimits(max_file_bytes=500_000))


def test_a_deflated_file_cut_short_is_refused(colours):
    data = deflated(dataset_of(np.tile(colours, (100, 100, 1))))
    with pytest.raises(ImageError, match="damaged, cut short"):
        decode_bytes(data[:-40])


@pytest.mark.parametrize("implicit", [True, False])
def test_a_file_without_header_is_read(colours, implicit):
    file = io.BytesIO()
    dataset = dataset_of(colours)
    del dataset.file_meta
    dcmwrite(file, dataset, implicit_vr=implicit, little_endian=True)
    np.testing.assert_array_equal(decode_bytes(file.getvalue()).pixels, colours)


def test_rows_and_columns_beyond_the_limit_are_refused(colours):
    with pytest.raises(ImageError, match="65535 × 65535, 4295 megapixels"):
        decoded(colours, Rows=65535, Columns=65535)


@pytest.mark.parametrize(
    "elements", [{"NumberOfFrames": 2147483647}, {"BitsAllocated": 16}, {"Rows": 100}]
)
def test_less_data_than_declared_is_refused(colours, elements):
    with pytest.raises(ImageError, match="damaged, cut short"):
        decoded(colours, **elements)


def compressed(frame: bytes, syntax: str, **elements: Any) -> bytes:
    dataset = dataset_of(np.zeros((2, 2, 3), np.uint8), **elements)
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax
    return file_of(dataset)


def test_more_frames_than_fragments_are_refused():
    data = compressed(b"\xff\xd8" * 20, uid.JPEGBaseline8Bit, NumberOfFrames=2)
    with pytest.raises(ImageError, match="more frames than it holds"):
        decode_bytes(data)


@pytest.mark.parametrize(
    ("syntax", "frame"),
    [
        (uid.JPEGBaseline8Bit, "ffd8 ffe00004 0000 ffc00011 08 ea60 fa00 03"),
        (uid.JPEGLSLossless, "ffd8 fff7000b 08 ea60 fa00 01 011100"),
        (uid.JPEG2000Lossless, "ff4f ff51 002f 0000 0000fa00 0000ea60 00000000 00000000"),
    ],
)
def test_a_frame_that_declares_more_than_the_limit_is_refused(syntax, frame):
    with pytest.raises(ImageError, match="64000 × 60000, 3840 megapixels"):
        decode_bytes(compressed(bytes.fromhex(frame) + bytes(20), syntax))


def test_a_video_is_refused():
    with pytest.raises(ImageError, match="video"):
        decode_bytes(compressed(bytes(20), uid.MPEG4HP41))


def test_a_data_set_without_pixels_is_named(colours):
    dataset = dataset_of(colours)
    del dataset.PixelData
    with pytest.raises(ImageError, match="holds no picture"):
        decode_bytes(file_of(dataset))


def test_deep_nesting_is_refused(colours):
    dataset = dataset_of(colours)
    item = b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    start = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff" + item
    end = b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
    data = file_of(dataset)
    place = data.index(b"\x28\0\x02\0US")
    with pytest.raises(ImageError, match="nests its elements deeper"):
        decode_bytes(data[:place] + start * 2000 + end * 2000 + data[place:])


def test_an_error_tells_nothing_of_what_the_file_says(colours):
    dataset = dataset_of(colours, PatientName="CANARY", PhotometricInterpretation="CANARY")
    with pytest.raises(ImageError) as caught:
        decode_bytes(file_of(dataset)[:-20])
    assert "CANARY" not in str(caught.value)
    assert caught.value.__suppress_context__
