"""Test-time augmentation: how far a prediction moves while the picture is flipped and turned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.explain.hiding import Floats, Pixels, Progress, nothing, probabilities

VIEWS = 8
"""Four quarter turns of a square and of its mirror image: a lesion has no up and no left."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """The calibrated probabilities of one picture seen in all eight ways.

    Attributes:
        probabilities: (8, k), 0.0 to 1.0; the first row is of the picture as it is.
    """

    probabilities: Floats

    @property
    def mean(self) -> Floats:
        """Of each diagnosis over the views, (k,)."""
        return np.asarray(self.probabilities.mean(axis=0), np.float32)

    @property
    def deviation(self) -> Floats:
        """Standard deviation of each diagnosis over the views (all of them: n, not n - 1), (k,)."""
        return np.asarray(self.probabilities.std(axis=0), np.float32)

    @property
    def lowest(self) -> Floats:
        """The least probability of each diagnosis, (k,)."""
        return np.asarray(self.probabilities.min(axis=0), np.float32)

    @property
    def highest(self) -> Floats:
        """The largest probability of each diagnosis, (k,)."""
        return np.asarray(self.probabilities.max(axis=0), np.float32)

    @property
    def agreeing(self) -> int:
        """How many of the views have the most probable diagnosis of the first, 1 to 8."""
        tops = self.probabilities.argmax(axis=1)
        return int((tops == tops[0]).sum())


def spread(classifier: Classifier, square: Pixels, *, progress: Progress = nothing) -> Spread:
    """Predict a picture in all eight ways. Takes eight passes.

    Args:
        classifier: Asked in batches of its own size, so that other work comes between.
        square: What the network saw, (s, s, 3), as `core.preprocess.cut_square` gives it.
        progress: Called before each batch with the passes done, of how many. What it raises ends
            the work.

    Raises:
        EngineError: The engine failed.
    """
    views = np.concatenate([turn(square[None], view) for view in range(VIEWS)])
    return Spread(probabilities(classifier, views, progress=progress))


def turn(squares: NDArray[np.uint8], view: int) -> NDArray[np.uint8]:
    """Return squares (n, s, s, 3) turned by `view` quarters, from 4 on flipped before."""
    flipped = squares[:, :, ::-1] if view >= 4 else squares
    return np.ascontiguousarray(np.rot90(flipped, view % 4, axes=(1, 2)))
