"""The one way from a picture to what a network sees: in training, calibration and viewing."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.errors import ImageError
from lesionviewer.core.region import SquareRegion, centre_square

RESIZE_RULE = "centre square, Pillow bilinear with antialiasing"
"""What `cut_square` does, as stored in a card. A bundle with another rule is refused."""


def cut_square(
    pixels: NDArray[np.uint8], *, region: SquareRegion | None = None, size: int = 224
) -> NDArray[np.uint8]:
    """Return the square that the network sees, resized.

    Args:
        pixels: Upright RGB picture, (height, width, 3), 0 to 255.
        region: The square to cut; the centre square if None.
        size: Edge of the returned square in pixels.

    Returns:
        RGB pixels, (size, size, 3), 0 to 255.

    Raises:
        ImageError: `pixels` is no RGB picture, or `region` reaches beyond it.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise ImageError(
            f"Expected RGB pixels (height, width, 3) of 8 bits, got {pixels.shape} {pixels.dtype}."
        )
    height, width = pixels.shape[:2]
    region = region or centre_square(width, height)
    if not region.fits(width, height):
        raise ImageError(
            f"The region {region.left}, {region.top}, side {region.side} reaches beyond the "
            f"{width} × {height} picture. Choose a square that lies within it."
        )
    cut = pixels[region.top : region.top + region.side, region.left : region.left + region.side]
    picture = Image.fromarray(np.ascontiguousarray(cut))
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR))
