"""The nearest of many rows, by OpenCV's exact matcher."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class NearestRows:
    """An index over rows of length 1; answers are exact.

    OpenCV is part of every installation, and its matcher answers 100,000 rows of 128 numbers in
    milliseconds: see docs/doubt.md for the libraries that it was compared with.
    """

    def __init__(self, rows: Floats) -> None:
        """Take the rows, (n, r) float32, of length 1; they are not copied if contiguous."""
        import cv2

        self._rows = np.ascontiguousarray(rows, np.float32)
        self._matcher: Any = cv2.BFMatcher(cv2.NORM_L2)

    def __len__(self) -> int:
        return len(self._rows)

    def search(self, queries: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
        """Return the places and cosines of the nearest rows, the nearest first, (m, c) each.

        Args:
            queries: Of length 1, (m, r).
            count: How many to find; c is `count`, or the number of rows if there are fewer.
        """
        kept = min(count, len(self))
        if not kept or not len(queries):
            empty = np.empty((len(queries), kept))
            return empty.astype(np.intp), empty.astype(np.float32)
        found = self._matcher.knnMatch(np.ascontiguousarray(queries, np.float32), self._rows, kept)
        places = np.array([[match.trainIdx for match in row] for row in found], np.intp)
        distances = np.array([[match.distance for match in row] for row in found], np.float32)
        # Of rows of length 1, the squared distance is 2 - 2 · cosine.
        return places, np.asarray(1 - distances**2 / 2, np.float32)
