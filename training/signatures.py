"""Perceptual hashes: the low frequencies of a picture, in the eight ways it can be turned."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Signatures = NDArray[np.float32]

_EDGE = 8
_ROW, _COLUMN = np.mgrid[:_EDGE, :_EDGE]


def signature(square: NDArray[np.uint8]) -> Signatures:
    """Return the lowest frequencies of a square's grey picture, (8, 8), of length 1.

    The usual perceptual hash keeps their signs only; the values tell pictures apart better, and
    their product is the correlation of two pictures. Pictures have less of a frequency the higher
    it is, so each is weighted by its number.

    Args:
        square: RGB pixels, (edge, edge, 3), 0 to 255.
    """
    import cv2

    grey = cv2.cvtColor(square, cv2.COLOR_RGB2GRAY).astype(np.float32)
    small = cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA)
    low = cv2.dct(small)[:_EDGE, :_EDGE] * np.hypot(_ROW, _COLUMN)
    return np.asarray(low / max(float(np.linalg.norm(low)), 1e-6), np.float32)


def signatures(squares: Iterable[NDArray[np.uint8]]) -> Signatures:
    """Return the signature of each square, (n, 8, 8)."""
    found = [signature(square) for square in squares]
    return np.stack(found) if found else np.zeros((0, _EDGE, _EDGE), np.float32)


def turned(low: Signatures) -> Iterator[Signatures]:
    """Yield the signatures, (n, 8, 8), of the pictures flipped and turned in all eight ways."""
    for swapped in (low, low.transpose(0, 2, 1)):
        for rows in (1, -1):
            for columns in (1, -1):
                signs = np.where(_ROW % 2, rows, 1) * np.where(_COLUMN % 2, columns, 1)
                yield (swapped * signs).astype(np.float32)
