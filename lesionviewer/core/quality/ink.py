"""Ink of a skin marker beside the lesion."""

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.quality.views import Views, high_value

_MARGIN_PX = 5
_LEAST_PX = 150
_INKED = 0.98


def ink_depth(views: Views, lesion: NDArray[np.bool_]) -> float:
    """Return how far the strongest fiftieth of what is beside the lesion looks like blue ink.

    Of each pixel it is the smaller of two differences, -255 to 255: blue over red, and the
    median red beside the lesion over this pixel's red. A violet cast has the first alone, a
    shadow the second alone. Blue within the lesion does not count. 0 where less than a twentieth
    of the square lies beside it.

    Args:
        views: Of the square.
        lesion: As `rough_lesion` finds it, (56, 56).
    """
    import cv2

    near = cv2.dilate(lesion.view(np.uint8), np.ones((_MARGIN_PX, _MARGIN_PX), np.uint8))
    beside = near == 0
    red, _, blue = (plane[beside].astype(np.int16) for plane in cv2.split(views.quarter))
    if len(red) < _LEAST_PX:
        return 0.0
    return high_value(np.minimum(blue - red, int(high_value(red, 0.5)) - red), _INKED)
