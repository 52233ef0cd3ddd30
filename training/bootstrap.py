"""Confidence intervals by drawing lesions anew (bootstrap)."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Figure = Callable[[Floats], Floats]
"""From weights of the images, (d, n), to a figure of each row of weights, (d, …)."""
_CELLS = 4_000_000


class LesionDraws:
    """Draws of lesions, the same for every figure, so that figures can be set against each other.

    Images of one lesion are alike, so whole lesions are drawn, not images. A draw is kept as how
    often it holds each lesion: every figure of a draw is then one of weighted images, and all
    draws are computed at once.

    Args:
        lesions: The lesion of each image.
        draws: How often as many lesions as there are, are drawn.
        seed: Of the drawing.
    """

    def __init__(self, lesions: Sequence[str], *, draws: int = 1000, seed: int = 0) -> None:
        names, self._member = np.unique(np.asarray(lesions), return_inverse=True)
        rng = np.random.default_rng(seed)
        self._counts = np.stack(
            [
                np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
                for _ in range(draws)
            ]
        ).astype(np.uint16)

    def values(self, figure: Figure) -> Floats:
        """Return `figure` of every draw, (draws, …)."""
        chunk = max(1, _CELLS // len(self._member))
        return np.concatenate(
            [
                figure(self._counts[start : start + chunk][:, self._member].astype(np.float64))
                for start in range(0, len(self._counts), chunk)
            ]
        )

    def interval(self, figure: Figure) -> Floats:
        """Return the ends of the 95 % interval (percentiles of the draws), (2, …)."""
        return ends(self.values(figure))

    def around(self, figure: Figure) -> tuple[Floats, Floats]:
        """Return `figure` of the images as they are, (…), and its interval, (2, …)."""
        return figure(np.ones((1, len(self._member))))[0], self.interval(figure)


def ends(values: Floats) -> Floats:
    """Return the 2.5th and 97.5th percentile over the first axis, NaN where all values are."""
    flat = values.reshape(len(values), -1)
    found = np.full((2, flat.shape[1]), np.nan)
    some = ~np.isnan(flat).all(axis=0)
    found[:, some] = np.nanpercentile(flat[:, some], [2.5, 97.5], axis=0)
    return found.reshape(2, *values.shape[1:])
