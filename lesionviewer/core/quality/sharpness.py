"""How blurred a square is."""

import numpy as np

from lesionviewer.core.quality.views import Pixels, Views


def blur_effect(views: Views) -> float:
    """Return how little of the variation between neighbours a further blur takes away, 0 to 1.

    A sharp picture loses much by it, a blurred one little. The ratio does not change with
    exposure or contrast. After Crete et al., "The blur effect: perception and estimation with a
    new no-reference perceptual blur metric" (SPIE 6492, 2007), section 2, with a box of 3 pixels
    at 112 × 112 and the ratio of the sums instead of that of the positive differences.
    """
    import cv2

    grey = views.half_grey
    again = cv2.blur(grey, (3, 3))
    # One is added so that a picture of one colour counts as blurred.
    return (_variation(np.asarray(again)) + 1) / (_variation(grey) + 1)


def _variation(grey: Pixels) -> float:
    import cv2

    down = cv2.norm(grey[1:], grey[:-1], cv2.NORM_L1)
    return float(down + cv2.norm(grey[:, 1:], grey[:, :-1], cv2.NORM_L1))
