"""DICOM: from a data set's first frame to RGB, by what the data set says of its numbers."""

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.pixels import (
    apply_color_lut,
    apply_modality_lut,
    apply_voi,
    apply_windowing,
    convert_color_space,
    get_decoder,
)

from lesionviewer.core.decode_colour import (
    PROFILE_NOTICE,
    STRETCH_NOTICE,
    STRIP_PIXELS,
    colour_profile,
    scale_levels,
)
from lesionviewer.core.errors import ImageError

_GREYS = ("MONOCHROME1", "MONOCHROME2")
_LUMA_CHROMA = ("YBR_FULL", "YBR_FULL_422")
_FAR = 1e12
_VALUE_NAMES = (
    *("BitsStored", "PixelRepresentation", "PhotometricInterpretation"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence"),
    *("WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence"),
)
_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_GROUP_PARTS = ("PixelValueTransformationSequence", "FrameVOILUTSequence")

Render = Callable[[NDArray[Any]], NDArray[Any]]
"""Turns rows of stored values into 8-bit RGB or, with one channel, grey levels."""


def first_frame(dataset: Any) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return the first frame as RGB pixels, (height, width, 3), and notices about it.

    Raises:
        ImageError: The frame has a number of channels that no photograph has.
    """
    decoder = get_decoder(dataset.file_meta.TransferSyntaxUID)
    # Raw: pydicom would turn YBR into RGB by way of four bytes a sample, for the whole picture.
    stored, properties = decoder.as_array(dataset, index=0, raw=True)
    colours = str(properties["photometric_interpretation"])
    bits = int(properties["bits_stored"])
    notices: list[str] = []
    if stored.ndim == 3 and stored.shape[2] == 3:
        render = _colours(dataset, stored, colours, bits, notices)
    elif stored.ndim != 2:
        raise ImageError(f"The DICOM picture has {stored.shape[-1]} channels; 1 or 3 are read.")
    elif colours == "PALETTE COLOR":
        render = _palette(dataset, stored)
    else:
        render = _greys(dataset, stored, bits, notices)
    height, width = stored.shape[:2]
    pixels = np.empty((height, width, 3), np.uint8)
    rows = max(1, STRIP_PIXELS // width)
    for top in range(0, height, rows):
        pixels[top : top + rows] = render(stored[top : top + rows])
    return pixels, tuple(notices)


def _colours(
    dataset: Any, stored: NDArray[Any], colours: str, bits: int, notices: list[str]
) -> Render:
    low, high = _range(dataset, bits)
    profile = None
    if icc := dataset.get("ICCProfile"):
        profile = colour_profile(bytes(icc), "RGB")
        if not profile.usable:
            notices.append(PROFILE_NOTICE)

    def render(strip: NDArray[Any]) -> NDArray[Any]:
        if (low, high) != (0, 255) or strip.dtype != np.uint8:
            strip = scale_levels(strip, low, high)
        if colours in _LUMA_CHROMA:
            strip = convert_color_space(strip, colours, "RGB")
        if profile is not None and profile.changes_colours:
            strip = np.asarray(profile.apply(Image.fromarray(np.ascontiguousarray(strip))))
        return strip

    return render


def _palette(dataset: Any, stored: NDArray[Any]) -> Render:
    # A table of every value that can be stored: cheaper than looking up 16-bit colours per pixel.
    values, lowest = _all_values(stored.dtype)
    table = apply_color_lut(values[None], dataset)[0, :, :3]
    table = scale_levels(table, 0, np.iinfo(table.dtype).max)
    return lambda strip: table[strip.astype(np.int32) - lowest]


def _greys(dataset: Any, stored: NDArray[Any], bits: int, notices: list[str]) -> Render:
    settings = _value_settings(dataset, bits)
    darkest, brightest = stored.min(), stored.max()
    if stored.dtype.kind not in "iu" or stored.dtype.itemsize > 2:
        to_grey = _grey_step(settings, np.array([darkest, brightest]), notices)
        return lambda strip: to_grey(strip)[..., None]
    values, lowest = _all_values(stored.dtype)
    between = values[int(darkest) - lowest : int(brightest) - lowest + 1]
    table = _grey_step(settings, between, notices)(values)
    return lambda strip: table[strip.astype(np.int32) - lowest][..., None]


def _grey_step(
    settings: Dataset, occurring: NDArray[Any], notices: list[str]
) -> Callable[[NDArray[Any]], NDArray[np.uint8]]:
    """Return the way from stored values to grey levels: modality, then window or VOI table.

    Args:
        settings: What the data set says of its numbers.
        occurring: Stored values between the frame's lowest and highest, these included.
        notices: What a reader should know is added.
    """
    rescale = _or_unchanged(lambda values: apply_modality_lut(values, settings), occurring)
    window: Callable[[NDArray[Any]], NDArray[Any]] = _unchanged
    rescaled = rescale(occurring)
    found = _window(settings, rescaled)
    if found is not None:
        window, low, high = found
    elif rescale is _unchanged and settings.BitsStored <= 8 and not settings.PixelRepresentation:
        low, high = 0.0, 2.0**settings.BitsStored - 1
    else:
        low, high = float(rescaled.min()), float(rescaled.max())
        notices.append(STRETCH_NOTICE)
    if settings.get("PhotometricInterpretation") == "MONOCHROME1":
        low, high = high, low
    return lambda values: scale_levels(window(rescale(values)), low, high)


def _window(
    settings: Dataset, rescaled: NDArray[Any]
) -> tuple[Callable[[NDArray[Any]], NDArray[Any]], float, float] | None:
    """Return the VOI step with its lowest and highest output, or None without a usable one."""
    # Whatever is wrong with the window, the picture without it is still one.
    with contextlib.suppress(Exception), np.errstate(all="ignore"):
        if settings.get("VOILUTSequence"):
            bits = int(settings.VOILUTSequence[0].LUTDescriptor[2])
            apply_voi(rescaled.astype(np.int32), settings)
            return lambda values: apply_voi(values.astype(np.int32), settings), 0.0, 2.0**bits - 1
        if "WindowCenter" in settings and "WindowWidth" in settings:
            low, high = apply_windowing(np.array([-_FAR, _FAR]), settings)
            return lambda values: apply_windowing(values, settings), float(low), float(high)
    return None


def _value_settings(dataset: Any, bits: int) -> Dataset:
    """Return what says how to read the numbers of the first frame, wherever it stands."""
    settings = Dataset()
    settings.file_meta = dataset.file_meta
    settings.PixelRepresentation = 0
    sources = [dataset]
    for group in _GROUPS:
        for item in list(dataset.get(group) or ())[:1]:
            sources += [part for name in _GROUP_PARTS for part in list(item.get(name) or ())[:1]]
    for source in sources:
        for name in _VALUE_NAMES:
            if name in source and source[name].value not in (None, ""):
                settings[name] = source[name]
    settings.BitsStored = bits
    return settings


def _range(dataset: Any, bits: int) -> tuple[int, int]:
    if dataset.get("PixelRepresentation"):
        return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return 0, 2**bits - 1


def _all_values(dtype: np.dtype[Any]) -> tuple[NDArray[Any], int]:
    info = np.iinfo(dtype)
    return np.arange(info.min, info.max + 1).astype(dtype.newbyteorder("=")), int(info.min)


def _unchanged(values: NDArray[Any]) -> NDArray[Any]:
    return values


def _or_unchanged(
    step: Callable[[NDArray[Any]], NDArray[Any]], probe: NDArray[Any]
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return `step` if it works on `probe` and does something, else one that changes nothing."""
    with contextlib.suppress(Exception):
        if not np.array_equal(step(probe), probe):
            return step
    return _unchanged
