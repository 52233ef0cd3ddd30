"""The doubt of a set of images, in columns."""

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.doubt import LEVELS, Doubt


class DoubtColumns:
    """One row an image; what similar cases are found by is kept in half precision.

    Attributes:
        outlier: Multiple of the threshold, NaN where there is none.
    """

    def __init__(self, diagnoses: int) -> None:
        """Make columns without rows, for predictions over so many diagnoses."""
        self.outlier = np.zeros(0, np.float32)
        self._known = np.zeros(0, bool)
        self._members = np.zeros((0, len(LEVELS), diagnoses), bool)
        self._reduced = np.zeros((0, 0), np.float16)

    def grow(self, rows: int) -> None:
        """Append empty rows until there are `rows`."""
        more = rows - len(self._known)
        self.outlier = np.pad(self.outlier, (0, more), constant_values=np.nan)
        self._known = np.pad(self._known, (0, more))
        self._members = np.pad(self._members, ((0, more), (0, 0), (0, 0)))
        self._reduced = np.pad(self._reduced, ((0, more), (0, 0)))

    def get(self, row: int, probabilities: NDArray[np.float32]) -> Doubt | None:
        """Return the doubt in `row`, or None.

        Args:
            row: One of the rows there are.
            probabilities: Of the prediction in that row, (k,); they order the sets.
        """
        if not self._known[row]:
            return None
        order = np.argsort(-probabilities, kind="stable")
        sets = {
            level: tuple(int(place) for place in order if members[place])
            for level, members in zip(LEVELS, self._members[row], strict=True)
            if members.any()
        }
        outlier, reduced = float(self.outlier[row]), self._reduced[row].astype(np.float32)
        return Doubt(
            sets, None if np.isnan(outlier) else outlier, reduced if reduced.any() else None
        )

    def put(self, row: int, doubt: Doubt | None) -> None:
        """Keep a doubt in `row`, or none."""
        self._known[row] = doubt is not None
        self._members[row] = False
        self.outlier[row] = np.nan
        self._reduced[row] = 0
        if doubt is None:
            return
        for number, level in enumerate(LEVELS):
            self._members[row, number, list(doubt.sets.get(level, ()))] = True
        if doubt.outlier is not None:
            self.outlier[row] = doubt.outlier
        if doubt.reduced is not None:
            if not self._reduced.shape[1]:
                self._reduced = np.zeros((len(self._known), len(doubt.reduced)), np.float16)
            self._reduced[row] = doubt.reduced
