"""A figure for gel bubbles that did not prove its worth, kept so that this can be repeated."""

import numpy as np

from lesionviewer.core.quality.views import Pixels

_RIM_PX = 5
_RISE = 12
_SIZES_PX = (4, 30)


def ring_widths(square: Pixels) -> float:
    """Return the summed widths of round holes that a thin bright rim closes in, in pixels.

    Rims are a white top-hat of 5 pixels in the least of the three colours. A hole is 4 to 30
    pixels wide, about as wide as high, and fills most of its bounding box.

    Args:
        square: RGB pixels, (224, 224, 3), 0 to 255.
    """
    import cv2

    red, green, blue = cv2.split(square)
    least = cv2.min(cv2.min(red, green), blue)
    kernel = np.ones((_RIM_PX, _RIM_PX), np.uint8)
    rise = cv2.morphologyEx(least, cv2.MORPH_TOPHAT, kernel)
    within = cv2.threshold(rise, _RISE, 1, cv2.THRESH_BINARY_INV)[1]
    stats = cv2.connectedComponentsWithStats(within, connectivity=4, ltype=cv2.CV_16U)[2]
    width, height, area = stats[1:, 2:5].astype(np.float64).T
    shorter, longer = np.minimum(width, height), np.maximum(width, height)
    round_ = (longer <= 1.35 * shorter) & (area >= 0.62 * width * height)
    sized = (shorter >= _SIZES_PX[0]) & (longer <= _SIZES_PX[1])
    return float(longer[round_ & sized].sum())
