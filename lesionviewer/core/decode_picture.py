"""JPEG, PNG, TIFF, BMP and WebP through Pillow.

Pillow's plugins are called by class: `Image.open` would import more of them, and its own guard
against bombs is a process-wide setting. Of a JPEG that carries further pictures (previews, gain
maps of phones) the plain JPEG reader sees the first, which is the picture itself.
"""

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    ExifTags,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from lesionviewer.core.decode_colour import (
    PROFILE_NOTICE,
    SEVERAL_NOTICE,
    STRETCH_NOTICE,
    STRIP_PIXELS,
    ColourProfile,
    colour_profile,
    lab_to_rgb,
    scale_levels,
)
from lesionviewer.core.decoded import DecodedImage
from lesionviewer.core.errors import ImageError
from lesionviewer.core.limits import DecodeLimits

ALPHA_NOTICE = "The picture is partly transparent; it is shown on white."

_PLUGINS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
}
KEPT_PIXELS = 20_000_000
"""Colour pictures of up to this size stay as Pillow holds them, which is fastest."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture of each EXIF orientation upright."""
_ANY_DEPTH_MODES = ("I", "F")
_TIFF_BITS, _TIFF_PHOTOMETRIC, _TIFF_WHITE_IS_ZERO = 258, 262, 0

Render = Callable[[Image.Image], Image.Image]
"""Turns rows of a picture as stored into RGB."""


def check_size(width: int, height: int, limits: DecodeLimits) -> None:
    """Check what a header declares.

    Raises:
        ImageError: The picture is empty, or larger than the limits allow.
    """
    if width < 1 or height < 1:
        raise ImageError("The picture has no pixels: its header says a width or height of 0.")
    if width * height > limits.max_pixels:
        raise ImageError(
            f"The picture is {width} × {height}, {width * height / 1e6:.0f} megapixels; at most "
            f"{limits.max_pixels / 1e6:.0f} are read."
        )


def decode_picture(data: bytes, kind: str, limits: DecodeLimits) -> DecodedImage:
    """Return the picture that `data` holds.

    Args:
        data: The bytes of a file.
        kind: One of the formats above.
        limits: Bounds on the size that the header declares.

    Raises:
        ImageError: The picture is too large, damaged, or of a kind that Pillow does not read.
        MemoryError: There is not enough of it.
    """
    try:
        if kind == "WebP":
            check_size(*_webp_size(data), limits)
        image = _PLUGINS[kind](io.BytesIO(data))
        check_size(*image.size, limits)
        image.load()
        return _upright_rgb(image)
    except (ImageError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001
        # Damaged files give errors of every type. Not chained: their text may quote the file.
        raise ImageError(_damage(kind, error)) from None


def _damage(kind: str, error: Exception) -> str:
    if "truncated" in str(error).lower():
        return f"The {kind} picture is cut short: a part of the file is missing."
    return f"The {kind} picture is damaged, or of a kind that is not read here."


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return width and height that a WebP header declares; opening would allocate the canvas."""

    def number(offset: int, count: int) -> int:
        return int.from_bytes(data[offset : offset + count], "little")

    chunk = data[12:16]
    if chunk == b"VP8X":
        return number(24, 3) + 1, number(27, 3) + 1
    if chunk == b"VP8L":
        packed = number(21, 4)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    return number(26, 2) & 0x3FFF, number(28, 2) & 0x3FFF


def _upright_rgb(image: ImageFile.ImageFile) -> DecodedImage:
    notices: list[str] = []
    if getattr(image, "is_animated", False):
        notices.append(SEVERAL_NOTICE)
    render = _renderer(image, notices)
    orientation = _orientation(image)
    upright: Image.Image | NDArray[np.uint8]
    if image.width * image.height > (KEPT_PIXELS if image.mode == "RGB" else STRIP_PIXELS):
        upright = _in_strips(image, render, orientation)
    else:
        upright = render(image)
        if (turn := _TURNS.get(orientation)) is not None:
            upright = upright.transpose(turn)
    return DecodedImage(upright, tuple(dict.fromkeys(notices)))


def _in_strips(image: Image.Image, render: Render, orientation: int) -> NDArray[np.uint8]:
    """Return a large picture upright, at three bytes a pixel and without a second copy of it."""
    width, height = image.size
    shape = (width, height, 3) if orientation >= 5 else (height, width, 3)
    upright = np.empty(shape, np.uint8)
    as_stored = _as_stored(upright, orientation)
    rows = max(1, STRIP_PIXELS // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        as_stored[top:bottom] = np.asarray(render(image.crop((0, top, width, bottom))))
    return upright


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8. TIFF pictures come upright already, and say 1."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001
        # Damaged EXIF data give errors of every type; the picture is still one.
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _as_stored(upright: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Return a view of `upright` whose rows and columns run as in the file.

    Writing through the view turns the picture without a second copy of it.
    """
    turned = upright.swapaxes(0, 1) if orientation >= 5 else upright
    rows = -1 if orientation in (3, 4, 6, 7) else 1
    columns = -1 if orientation in (2, 3, 7, 8) else 1
    return turned[::rows, ::columns]


def _renderer(image: ImageFile.ImageFile, notices: list[str]) -> Render:
    """Return how rows of `image` become RGB; it adds what a reader should know to `notices`."""
    if image.mode.startswith("I;16"):
        return _grey16(image)
    if image.mode in _ANY_DEPTH_MODES:
        return _stretched(image, notices)
    if image.mode == "LAB":
        return lambda strip: lab_to_rgb().apply(strip)
    transparent = image.has_transparency_data
    mode = "RGB" if transparent or image.mode not in ("1", "L", "CMYK") else image.mode
    profile = _profile(image, "L" if mode == "1" else mode, notices)

    def render(strip: Image.Image) -> Image.Image:
        if transparent:
            strip = _flatten(strip, notices)
        if profile is not None:
            return profile.apply(strip)
        return strip if strip.mode == "RGB" else strip.convert("RGB")

    return render


def _profile(image: Image.Image, mode: str, notices: list[str]) -> ColourProfile | None:
    """Return the step to sRGB that the embedded profile asks for, if it changes anything."""
    icc = image.info.get("icc_profile")
    if not icc:
        return None
    profile = colour_profile(icc, mode)
    if not profile.usable:
        notices.append(PROFILE_NOTICE)
    return profile if profile.changes_colours else None


def _flatten(strip: Image.Image, notices: list[str]) -> Image.Image:
    rgba = strip.convert("RGBA")
    alpha = rgba.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return rgba.convert("RGB")
    notices.append(ALPHA_NOTICE)
    flat = Image.new("RGB", rgba.size, "white")
    flat.paste(rgba, mask=alpha)
    return flat


def _grey16(image: ImageFile.ImageFile) -> Render:
    low, high = 0, 65535
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # Pillow leaves the levels of such pictures as the file has them.
        bits = image.tag_v2.get(_TIFF_BITS, (16,))
        high = 2 ** bits[0] - 1 if bits[0] in range(9, 17) else high
        if image.tag_v2.get(_TIFF_PHOTOMETRIC) == _TIFF_WHITE_IS_ZERO:
            low, high = high, low
    return lambda strip: _grey(strip, low, high)


def _stretched(image: ImageFile.ImageFile, notices: list[str]) -> Render:
    """Levels of 32 bits or fractions name no black or white: take the darkest and brightest."""
    low, high = np.inf, -np.inf
    width, height = image.size
    rows = max(1, STRIP_PIXELS // width)
    for top in range(0, height, rows):
        values = np.asarray(image.crop((0, top, width, min(top + rows, height))))
        values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    notices.append(STRETCH_NOTICE)
    return lambda strip: _grey(strip, low, high)


def _grey(strip: Image.Image, low: float, high: float) -> Image.Image:
    return Image.fromarray(scale_levels(np.asarray(strip), low, high)).convert("RGB")
