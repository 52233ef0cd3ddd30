"""Too dark, too bright, reflections, dark corners."""

import numpy as np

from lesionviewer.core.quality.views import Views, high_value

_CLIPPED = 250
_GLARE_PX = 9
_GLARE_RISE = 45
_GLARE_LEAST = 200
_CORNER_PX = 4


def brightness(views: Views) -> float:
    """Return the luma that a tenth of the square exceeds, 0 to 255."""
    return high_value(views.quarter_grey, 0.9)


def clipped_share(views: Views) -> float:
    """Return how much of the square has a colour at the end of its range (250 of 255), in %."""
    import cv2

    red, green, blue = cv2.split(views.half)
    brightest = cv2.max(cv2.max(red, green), blue)
    clipped = cv2.threshold(brightest, _CLIPPED - 1, 1, cv2.THRESH_BINARY)[1]
    return float(100 * cv2.countNonZero(clipped) / clipped.size)


def glare_share(views: Views) -> float:
    """Return how much of the square small white patches cover, in %.

    White means that the least of the three colours is above 200, small that it rises by more
    than 45 above what surrounds it within 9 pixels of 112 (white top-hat).
    """
    import cv2

    red, green, blue = cv2.split(views.half)
    least = cv2.min(cv2.min(red, green), blue)
    rise = cv2.morphologyEx(least, cv2.MORPH_TOPHAT, np.ones((_GLARE_PX, _GLARE_PX), np.uint8))
    high = cv2.threshold(rise, _GLARE_RISE, 255, cv2.THRESH_BINARY)[1]
    white = cv2.threshold(least, _GLARE_LEAST, 255, cv2.THRESH_BINARY)[1]
    return float(100 * cv2.countNonZero(cv2.bitwise_and(high, white)) / high.size)


def corner_darkness(views: Views) -> float:
    """Return by how much at least three corners are darker than the lighter skin, in %, 0 to 100.

    A corner is the mean luma of 1/14 of the edge squared; the lighter skin is the luma that a
    quarter of the square exceeds. Three, since a lesion or a hair may lie in one corner.
    """
    import cv2

    grey, near, far = views.quarter_grey, slice(None, _CORNER_PX), slice(-_CORNER_PX, None)
    corners = (grey[rows, columns] for rows in (near, far) for columns in (near, far))
    third = sorted(float(cv2.mean(corner)[0]) for corner in corners)[2]
    return max(0.0, 100 * (1 - third / max(high_value(grey, 0.75), 1.0)))
