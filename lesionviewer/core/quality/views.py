"""What the quality figures share of one square, computed once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import ImageError

SQUARE_PX = 224
"""Edge of the squares that the figures and their thresholds hold for."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """One square at several sizes, uint8.

    Attributes:
        square: RGB, (224, 224, 3).
        half: RGB, (112, 112, 3), each pixel the mean of four.
        half_grey: Its luma (ITU-R BT.601), (112, 112).
        quarter: RGB, (56, 56, 3), each pixel the mean of sixteen.
        quarter_grey: Its luma, (56, 56).
        quarter_lab: CIE L*a*b* (D65), (56, 56, 3); L* times 255/100, a* and b* plus 128.
    """

    square: Pixels
    half: Pixels
    half_grey: Pixels
    quarter: Pixels
    quarter_grey: Pixels
    quarter_lab: Pixels


def share_views(square: Pixels) -> Views:
    """Return the views of `square`.

    Args:
        square: RGB pixels as the network saw them, (224, 224, 3), 0 to 255.

    Raises:
        ImageError: `square` has another shape or type.
    """
    import cv2

    if square.shape != (SQUARE_PX, SQUARE_PX, 3) or square.dtype != np.uint8:
        raise ImageError(
            f"Expected a square of {SQUARE_PX} × {SQUARE_PX} RGB pixels of 8 bits, got "
            f"{square.shape} {square.dtype}. Cut it with cut_square(picture, size={SQUARE_PX})."
        )
    half = cv2.resize(square, (112, 112), interpolation=cv2.INTER_AREA)
    quarter = cv2.resize(half, (56, 56), interpolation=cv2.INTER_AREA)
    return Views(
        square=square,
        half=half,
        half_grey=cv2.cvtColor(half, cv2.COLOR_RGB2GRAY),
        quarter=quarter,
        quarter_grey=cv2.cvtColor(quarter, cv2.COLOR_RGB2GRAY),
        quarter_lab=cv2.cvtColor(quarter, cv2.COLOR_RGB2LAB),
    )


def high_value(pixels: NDArray[np.uint8] | NDArray[np.int16], share: float) -> float:
    """Return the value that `share` of the pixels lie at or below, without interpolation."""
    place = min(int(share * pixels.size), pixels.size - 1)
    return float(np.partition(pixels.reshape(-1), place)[place])
