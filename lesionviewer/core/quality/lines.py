"""Thin dark shapes: hair, and the marks of a ruler."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.quality.views import Views

_WIDEST_PX = 7
_DEEPER = 20
_LEAST_SHARE = 64
_HAIR_LEAST = 7.5
_HAIR_WIDEST = 1.5
_STRAND_LEAST = 20
_STRAND_WIDEST = 2.5
_TANGLE_LEAST = 40
_TANGLE_FILL = 0.3
_MARK = (3, 12)
_ROW = 4.0
_SLOPES = np.array([[-0.1], [-0.05], [0.0], [0.05], [0.1]])


@dataclass(frozen=True, slots=True, eq=False)
class DarkShapes:
    """Connected thin dark shapes of one square, in pixels of its half size (112 × 112).

    Attributes:
        sizes: Width and height of each one's bounding box, and its area, (n, 3).
        centres: Column and row of each one's centre, (n, 2).
    """

    sizes: NDArray[np.float64]
    centres: NDArray[np.float64]


def dark_shapes(views: Views) -> DarkShapes:
    """Return what is darker than its surroundings and at most 6 pixels of 224 wide.

    The closing of DullRazor (Lee et al., Computers in Biology and Medicine 27:533, 1997) as a
    black-hat transform of the red channel, in which blood vessels hardly show. It is taken at
    full size and joined to shapes at half size, where a pixel counts if half of it does.
    """
    import cv2

    red = cv2.extractChannel(views.square, 0)
    kernel = np.ones((_WIDEST_PX, _WIDEST_PX), np.uint8)
    deeper = cv2.morphologyEx(red, cv2.MORPH_BLACKHAT, kernel)
    full = cv2.threshold(deeper, _DEEPER, 255, cv2.THRESH_BINARY)[1]
    half = cv2.resize(full, views.half_grey.shape, interpolation=cv2.INTER_AREA)
    marked = cv2.threshold(half, _LEAST_SHARE, 1, cv2.THRESH_BINARY)[1]
    found = cv2.connectedComponentsWithStats(marked, connectivity=8, ltype=cv2.CV_16U)
    return DarkShapes(found[2][1:, 2:5].astype(np.float64), found[3][1:])


def hair_share(shapes: DarkShapes) -> float:
    """Return how much of the square long dark lines cover, in %.

    Long is a bounding box with a diagonal of 15 pixels of 224 or more; a line has, at half size,
    an area of less than one and a half times its diagonal, or two and a half times where it is
    40 pixels or longer. Hairs that cross are one shape: from a diagonal of 80 pixels up, a shape
    also counts if it fills less than 0.3 of its box.
    """
    width, height, area = shapes.sizes.T
    diagonal = np.hypot(width, height)
    hairs = (diagonal >= _HAIR_LEAST) & (area < _HAIR_WIDEST * diagonal)
    hairs |= (diagonal >= _STRAND_LEAST) & (area < _STRAND_WIDEST * diagonal)
    hairs |= (diagonal >= _TANGLE_LEAST) & (area < _TANGLE_FILL * width * height)
    return float(100 * area[hairs].sum() / 112**2)


def marks_in_row(shapes: DarkShapes) -> float:
    """Return how many short parallel dark marks stand in one row, as on a ruler.

    The marks are upright and the row is level to within 6 degrees, or the other way round; they
    are 6 to 24 pixels of 224 long, at least half as long again as wide, and centred within 8.
    """
    width, height, area = shapes.sizes.T
    solid = area >= 0.5 * width * height
    return max(
        _longest_row(shapes.centres[_marks(width, height) & solid]),
        _longest_row(shapes.centres[_marks(height, width) & solid][:, ::-1]),
    )


def _marks(thick: NDArray[np.float64], long: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((long >= _MARK[0]) & (long <= _MARK[1]) & (long >= 1.5 * thick))


def _longest_row(centres: NDArray[np.float64]) -> float:
    if not len(centres):
        return 0.0
    across = np.sort(centres[:, 1] - _SLOPES * centres[:, 0], axis=1)
    numbers = np.arange(len(centres))
    rows = (np.searchsorted(line, line + _ROW, "right") - numbers for line in across)
    return float(max(row.max() for row in rows))
