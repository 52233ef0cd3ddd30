"""Sets of diagnoses that hold the true one as often as they say, for each diagnosis by itself.

Split conformal prediction, conditional on the class (Vovk 2012, "Conditional validity of inductive
conformal predictors"), with the score 1 - p of the class (Sadinle, Lei and Wasserman 2019,
"Least ambiguous set-valued classifiers with bounded error levels").
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import BundleError

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class ClassThreshold:
    """How probable a diagnosis must be to stay in a set.

    Attributes:
        least: Lowest probability that keeps it in, 0.0 to 1.0.
        images: Images of the diagnosis that the threshold rests on.
        guaranteed: Coverage that so many exchangeable images warrant, at most the level.
    """

    least: float
    images: int
    guaranteed: float


@dataclass(frozen=True, slots=True, eq=False)
class ConformalSets:
    """Thresholds by level in percent, each (k,), in card order."""

    least: Mapping[int, NDArray[np.float64]]

    @property
    def levels(self) -> tuple[int, ...]:
        """Levels in percent, the lowest first."""
        return tuple(sorted(self.least))

    def members(self, probabilities: Floats, level: int) -> NDArray[np.bool_]:
        """Return which diagnoses are in the set of each image, (n, k).

        A set that would be empty holds the most probable diagnosis: coverage only grows by it.

        Args:
            probabilities: Calibrated, (n, k).
            level: One of `levels`.
        """
        inside = probabilities >= self.least[level]
        inside[np.arange(len(inside)), probabilities.argmax(axis=1)] = True
        return inside

    def sets(self, probabilities: Floats) -> list[dict[int, tuple[int, ...]]]:
        """Return each image's sets by level, the most probable diagnosis first."""
        order = np.argsort(-probabilities, axis=1, kind="stable")
        inside = {level: self.members(probabilities, level) for level in self.levels}
        return [
            {
                level: tuple(int(place) for place in order[row] if members[row, place])
                for level, members in inside.items()
            }
            for row in range(len(probabilities))
        ]


def class_thresholds(
    probabilities: Floats, truth: NDArray[np.intp], level: int
) -> list[ClassThreshold]:
    """Return the threshold of each diagnosis that covers it at `level`.

    Of n images of a diagnosis, the score of rank ceil((n + 1) · level) covers a further one with at
    least that probability. Where that rank is above n, the images cannot warrant the level but only
    n / (n + 1): the threshold is then the least strict of all diagnoses, and lets in each of the n.

    Args:
        probabilities: Calibrated, of images that the model was not trained on, (n, k).
        truth: Their diagnoses, (n,).
        level: In percent.
    """
    wanted, found = level / 100, []
    for code in range(probabilities.shape[1]):
        own = np.sort(probabilities[truth == code, code])[::-1]
        # Exact in whole numbers: 0.95 · 20 must not round up to a rank that is not there.
        rank = math.ceil((len(own) + 1) * level / 100 - 1e-9)
        enough = 0 < rank <= len(own)
        least = float(own[rank - 1]) if enough else float(own[-1]) if len(own) else 1.0
        share = wanted if enough else len(own) / (len(own) + 1)
        found.append((enough, ClassThreshold(least, len(own), share)))
    fitted = [item.least for enough, item in found if enough]
    loosest = min(fitted, default=0.0)
    return [
        item if enough else ClassThreshold(min(item.least, loosest), item.images, item.guaranteed)
        for enough, item in found
    ]


def read_conformal(entry: Mapping[str, Any], codes: Sequence[str]) -> ConformalSets | None:
    """Return the sets that a card's `calibration.conformal` describes, None if it has none.

    Raises:
        BundleError: The entry is damaged.
    """
    if not entry:
        return None
    try:
        least = {
            int(level): np.array([float(found[code]["least"]) for code in codes])
            for level, found in entry["levels"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(
            "The conformal thresholds in the model's card are damaged. Export the model again."
        ) from error
    if not all(np.isfinite(values).all() for values in least.values()):
        raise BundleError("The model's card has a conformal threshold that is no number.")
    return ConformalSets(least)
