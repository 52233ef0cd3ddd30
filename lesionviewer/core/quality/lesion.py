"""Where the lesion roughly lies: cut by the frame, or small in it."""

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.quality.views import Pixels, Views

_EDGE = 56
_REACH_PX = 14
_ROWS, _COLUMNS = np.mgrid[:_EDGE, :_EDGE] - (_EDGE - 1) / 2
_CORNERS = np.hypot(_ROWS, _COLUMNS) > 31
"""Left out: there, a dark frame looks like a lesion."""
_IN_CIRCLE = (~_CORNERS).astype(np.uint8)


def rough_lesion(views: Views) -> NDArray[np.bool_]:
    """Return which pixels differ from skin in colour, of the shape nearest the middle, (56, 56).

    Skin is the mean colour of what Otsu's threshold calls light in the blue channel; a second
    such threshold, on the distance from it in L*a*b*, gives the shapes (Otsu, IEEE Transactions
    on Systems, Man, and Cybernetics 9:62, 1979). Of these the one with the largest area times
    nearness to the middle is taken. It is a rough outline for these figures and no segmentation.
    """
    import cv2

    blue = cv2.extractChannel(views.quarter, 2)
    light = cv2.threshold(blue, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1]
    skin = cv2.mean(views.quarter_lab, cv2.bitwise_and(light, _IN_CIRCLE))
    offset = cv2.subtract(views.quarter_lab, skin, dtype=cv2.CV_32F)
    distance = np.sqrt(np.einsum("ijk,ijk->ij", offset, offset)).clip(0, 255).astype(np.uint8)
    distance = cv2.blur(distance, (5, 5))
    other = cv2.threshold(distance, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1]
    return _nearest_middle(cv2.bitwise_and(other, _IN_CIRCLE))


def edge_share(lesion: NDArray[np.bool_]) -> float:
    """Return how much of the frame the lesion takes, in % of its length; corners never count."""
    inner = slice(1, -1)
    taken = lesion[0].sum() + lesion[-1].sum() + lesion[inner, 0].sum() + lesion[inner, -1].sum()
    return float(100 * taken / (4 * (_EDGE - 1)))


def area_share(lesion: NDArray[np.bool_]) -> float:
    """Return how much of the square the lesion covers, in %."""
    return float(100 * lesion.mean())


def _nearest_middle(marked: Pixels) -> NDArray[np.bool_]:
    import cv2

    count, numbers, stats, centres = cv2.connectedComponentsWithStats(marked, connectivity=8)
    if count < 2:
        return np.zeros(marked.shape, np.bool_)
    away = ((centres[1:] - (_EDGE - 1) / 2) ** 2).sum(axis=1)
    weight = stats[1:, 4] * np.exp(-away / (2 * _REACH_PX**2))
    return np.asarray(numbers == 1 + int(np.argmax(weight)))
