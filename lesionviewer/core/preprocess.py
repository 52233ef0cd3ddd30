"""The one way from a picture to what a network sees: in training, calibration and viewing."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.errors import ImageError
from lesionviewer.core.region import SquareRegion, centre_square

RESIZE_RULE = "centre square, Pillow bilinear with antialiasing"
"""What `cut_square` does, as stored in a card. A bundle with another rule is refused."""


def cut_square(
    picture: Image.Image | NDArray[np.uint8],
    *,
    region: SquareRegion | None = None,
    size: int = 224,
) -> NDArray[np.uint8]:
    """Return the square that the network sees, resized.

    Args:
        picture: Upright RGB picture, as Pillow holds it or (height, width, 3), 0 to 255.
        region: The square to cut; the centre square if None.
        size: Edge of the returned square in pixels.

    Returns:
        RGB pixels, (size, size, 3), 0 to 255.

    Raises:
        ImageError: `picture` is no RGB picture, or `region` reaches beyond it.
    """
    width, height = size_of(picture)
    region = region or centre_square(width, height)
    if not region.fits(width, height):
        raise ImageError(
            f"The region {region.left}, {region.top}, side {region.side} reaches beyond the "
            f"{width} × {height} picture. Choose a square that lies within it."
        )
    square = _cropped(picture, region)
    return np.asarray(square.resize((size, size), Image.Resampling.BILINEAR))


def size_of(picture: Image.Image | NDArray[np.uint8]) -> tuple[int, int]:
    """Return width and height of an RGB picture.

    Raises:
        ImageError: It is none, or empty.
    """
    if isinstance(picture, Image.Image):
        if picture.mode != "RGB" or 0 in picture.size:
            raise ImageError(f"Expected an RGB picture, got {picture.mode} {picture.size}.")
        return picture.size
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
        raise ImageError(
            f"Expected RGB pixels (height, width, 3) of 8 bits, got {picture.shape} "
            f"{picture.dtype}."
        )
    height, width = picture.shape[:2]
    return width, height


def _cropped(picture: Image.Image | NDArray[np.uint8], region: SquareRegion) -> Image.Image:
    """Return the square alone: given it as a `box`, Pillow's resize would look beyond its edge."""
    left, top, side = region.left, region.top, region.side
    if isinstance(picture, Image.Image):
        return picture.crop((left, top, left + side, top + side))
    rows = np.ascontiguousarray(picture[top : top + side])
    # Read with the rows' own stride: a picture of 120 megapixels leaves no room for a copy.
    seen = rows.reshape(-1)[3 * left :]
    return Image.frombuffer("RGB", (side, side), seen, "raw", "RGB", rows.strides[0], 1)
