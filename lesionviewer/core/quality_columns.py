"""The picture quality of a set of images, in columns."""

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.quality.evidence import is_shown
from lesionviewer.core.quality.measure import figure_of
from lesionviewer.core.quality.result import PictureQuality
from lesionviewer.core.quality.rules import RULES

SHOWN = tuple(rule for rule in RULES if is_shown(rule.key))
"""The figures that are kept, in the order in which they are shown."""
_PLACES = {rule.key: place for place, rule in enumerate(SHOWN)}


class QualityColumns:
    """One row an image, one number a figure; words and flags are made of the numbers."""

    def __init__(self) -> None:
        self._values = np.zeros((0, len(SHOWN)), np.float32)
        self._flagged = np.zeros((0, len(SHOWN)), bool)

    def grow(self, rows: int) -> None:
        """Append empty rows until there are `rows`."""
        more = rows - len(self._values)
        self._values = np.pad(self._values, ((0, more), (0, 0)), constant_values=np.nan)
        self._flagged = np.pad(self._flagged, ((0, more), (0, 0)))

    def get(self, row: int) -> PictureQuality | None:
        """Return the quality in `row`, or None if it was not measured."""
        values = self._values[row].tolist()
        if np.isnan(values).all():
            return None
        return PictureQuality(
            tuple(figure_of(rule, value) for rule, value in zip(SHOWN, values, strict=True))
        )

    def put(self, row: int, quality: PictureQuality | None) -> None:
        """Keep a quality in `row`, or none."""
        self._values[row], self._flagged[row] = np.nan, False
        for figure in quality.figures if quality is not None else ():
            place = _PLACES[figure.key]
            self._values[row, place], self._flagged[row, place] = figure.value, figure.flagged

    def flagged(self, key: str, rows: int) -> NDArray[np.bool_]:
        """Return which of the first `rows` images the figure named `key` flags.

        Raises:
            KeyError: There is no such figure.
        """
        flags: NDArray[np.bool_] = self._flagged[:rows, _PLACES[key]]
        return flags

    def counts(self, rows: int) -> dict[str, int]:
        """Return how many of the first `rows` images each figure flags, by key, in order."""
        found = np.count_nonzero(self._flagged[:rows], axis=0)
        return {rule.key: int(count) for rule, count in zip(SHOWN, found, strict=True)}

    def flags(self, row: int) -> tuple[str, ...]:
        """Return the keys of the figures that flag the image in `row`, in order."""
        if not self._flagged[row].any():
            return ()
        return tuple(SHOWN[place].key for place in np.flatnonzero(self._flagged[row]))
