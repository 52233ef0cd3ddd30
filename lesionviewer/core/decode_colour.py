"""Colours and greys of every kind to 8-bit sRGB."""

import io
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

SEVERAL_NOTICE = "The file holds several pictures (pages or frames); only the first is shown."
PROFILE_NOTICE = "The file's colour profile is damaged or does not fit the picture; it was ignored."
STRETCH_NOTICE = "The file does not say what is black and white; brightness was stretched to fit."
STRIP_PIXELS = 1_000_000
"""Large pictures are converted in strips of about this size, to keep memory low."""

_MAX_PROFILE_BYTES = 8_000_000
_SAME_COLOUR = 2
_PROFILE_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}


def scale_levels(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Return `values` scaled so that `low` becomes 0 and `high` 255; beyond them, clipped.

    What is no number becomes 0, and so does everything where `low` and `high` are the same.
    """
    if not np.isfinite(high - low) or high == low:
        return np.zeros(values.shape, np.uint8)
    scaled = (values.astype(np.float64) - low) * 255.0 / (high - low)
    scaled = np.nan_to_num(scaled, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    return (np.clip(scaled, 0.0, 255.0, out=scaled) + 0.5).astype(np.uint8)


class ColourProfile:
    """An embedded ICC profile, as a step from a picture's own colours to sRGB.

    A profile that changes no colour by more than 2 of 255 (sRGB under one of its many names, as
    most cameras write) is skipped: it would cost more time than decoding and change nothing.

    Attributes:
        usable: Whether the profile is one, and is made for pictures of this mode.
    """

    def __init__(self, icc: bytes, mode: str) -> None:
        self._mode = mode
        self._transform: ImageCms.ImageCmsTransform | None = None
        self.usable = False
        if mode not in _PROFILE_SPACES or len(icc) > _MAX_PROFILE_BYTES:
            return
        try:
            profile = ImageCms.getOpenProfile(io.BytesIO(icc))
            if profile.profile.xcolor_space != _PROFILE_SPACES[mode]:
                return
            transform = ImageCms.buildTransform(profile, _srgb(), mode, "RGB")
            if not _is_identity(transform, mode):
                self._transform = transform
            self.usable = True
        except Exception:  # noqa: BLE001
            # Whatever the library finds wrong, the profile is unusable.
            self._transform = None

    @property
    def changes_colours(self) -> bool:
        """Whether `apply` does anything."""
        return self._transform is not None

    def apply(self, picture: Image.Image) -> Image.Image:
        """Return `picture` in sRGB. It comes in the mode that this was made for, or a like one."""
        if self._transform is None:
            return picture.convert("RGB")
        return self._transform.apply(picture.convert(self._mode))


@lru_cache(maxsize=8)
def colour_profile(icc: bytes, mode: str) -> ColourProfile:
    """Return the profile's step to sRGB; remembered, as a folder's pictures mostly share one."""
    return ColourProfile(icc, mode)


@lru_cache(maxsize=1)
def lab_to_rgb() -> ImageCms.ImageCmsTransform:
    """Return the step from CIELab, as Pillow holds it, to sRGB."""
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _srgb(), "LAB", "RGB")


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _is_identity(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    if mode == "CMYK":
        return False
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    if mode == "RGB":
        colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
        probe = Image.fromarray(colours)
    else:
        probe = Image.fromarray(levels[None])
    before = np.asarray(probe.convert("RGB")).astype(np.int16)
    after = np.asarray(transform.apply(probe)).astype(np.int16)
    return bool(np.abs(after - before).max() <= _SAME_COLOUR)
