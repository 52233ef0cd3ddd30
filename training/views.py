"""Random views of an image: crop, turn, flip, resolution, JPEG quality, colour, field of view."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.preprocess import cut_square
from lesionviewer.core.region import SquareRegion
from training.disturbances import draw_hairs, round_field
from training.ranges import RANGES, Range

RULES = "2"
"""Changes whenever `random_view` would give other pixels, so that kept maps are not mixed up."""

_CROP_OF_A_FIELD = 0.88
"""Closer than this, a crop may miss a lesion that is small in its field."""
_LUMA = np.array([0.299, 0.587, 0.114])


def random_view(
    square: NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    size: int = 224,
    within: Range = RANGES["mild"],
) -> NDArray[np.uint8]:
    """Return a view as another photograph of the lesion might show it.

    Resolution and JPEG quality vary because data sets mix sharp crops and coarse frames: a
    network told them apart by sharpness instead of by the lesion.

    Args:
        square: RGB pixels of the image's centre square, (s, s, 3).
        rng: Where the chance comes from.
        size: Edge of the view in pixels.
        within: How far it may differ.
    """
    crop = within.crop
    if rng.random() < within.hairs:
        square = draw_hairs(square, rng)
    if rng.random() < within.round:
        square, crop = round_field(square, rng), max(crop, _CROP_OF_A_FIELD)
    edge = square.shape[0]
    side = max(1, round(edge * rng.uniform(crop, 1.0)))
    left, top = (int(rng.integers(0, edge - side + 1)) for _ in range(2))
    coarse = min(side, size)
    if rng.random() < 0.6:
        coarse = max(16, round(coarse * rng.uniform(0.45, 1.0)))
    cut = cut_square(square, region=SquareRegion(left, top, side), size=coarse)
    picture = Image.fromarray(cut)
    if rng.random() < 0.5:
        picture = _as_jpeg(picture, int(rng.integers(35, 95)))
    if coarse != size:
        picture = picture.resize((size, size), Image.Resampling.BILINEAR)
    picture = picture.convert("RGB", _colour_matrix(rng, within))
    if within.gamma:
        exponent = float(np.exp(rng.uniform(-within.gamma, within.gamma)))
        picture = picture.point(
            [round(255 * (level / 255) ** exponent) for level in range(256)] * 3
        )
    turned = np.rot90(np.asarray(picture), int(rng.integers(4)))
    return np.ascontiguousarray(turned[:, ::-1] if rng.random() < 0.5 else turned)


def _as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def _colour_matrix(rng: np.random.Generator, within: Range) -> tuple[float, ...]:
    """Return a random 3 × 4 matrix: saturation, white balance, contrast and brightness."""
    saturation, contrast = (
        rng.uniform(1 - most, 1 + most) for most in (within.saturation, within.contrast)
    )
    balance = rng.uniform(1 - within.balance, 1 + within.balance, 3)
    offset = 128 * (1 - contrast) + rng.uniform(-within.brightness, within.brightness)
    mix = saturation * np.eye(3) + (1 - saturation) * _LUMA
    rows = np.column_stack([contrast * balance[:, None] * mix, np.full(3, offset)])
    return tuple(float(value) for value in rows.ravel())
