"""What a threshold on the malignant probability would mean on the frozen test set."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Z = 1.959963984540054
"""97.5th percentile of the normal distribution: intervals of 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval; all NaN where it is a share of nothing."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What a threshold does to the images of the test set.

    Attributes:
        threshold: An image is flagged if its malignant probability is this or more, 0.0 to 1.0.
        sensitivity: Share of the malignant images that are flagged.
        specificity: Share of the others that are not.
        flagged: Images flagged.
        flagged_share: Their share of all images.
        images: Images in all.
    """

    threshold: float
    sensitivity: Share
    specificity: Share
    flagged: int
    flagged_share: Share
    images: int


@dataclass(frozen=True, slots=True, eq=False)
class OperatingCurve:
    """The malignant probabilities of the test set, sorted: of malignant images and of others."""

    malignant: NDArray[np.float32]
    others: NDArray[np.float32]

    def at(self, threshold: float) -> OperatingPoint:
        """Return what `threshold` does, with Wilson intervals (Wilson 1927).

        Images count one by one: where several show one lesion, the intervals are a little narrow.

        Args:
            threshold: 0.0 to 1.0; on the six digits that exports write.
        """
        below = [
            int(np.searchsorted(scores, np.float32(threshold), side="left"))
            for scores in (self.malignant, self.others)
        ]
        found, images = len(self.malignant) - below[0], len(self.malignant) + len(self.others)
        flagged = images - sum(below)
        return OperatingPoint(
            threshold,
            wilson(found, len(self.malignant)),
            wilson(below[1], len(self.others)),
            flagged,
            wilson(flagged, images),
            images,
        )


def wilson(hits: int, trials: int) -> Share:
    """Return hits / trials with its 95 % score interval (Wilson 1927)."""
    if not trials:
        return Share(math.nan, math.nan, math.nan)
    share, z2 = hits / trials, _Z**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    reach = share * (1 - share) / trials + z2 / (4 * trials**2)
    half = _Z / (1 + z2 / trials) * math.sqrt(reach)
    return Share(share, max(0.0, middle - half), min(1.0, middle + half))
