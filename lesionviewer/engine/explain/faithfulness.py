"""Does the probability fall when the region is hidden that a map calls hot?"""

from dataclasses import dataclass

import numpy as np

from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.explain.hiding import (
    SHARES,
    Floats,
    Pixels,
    Progress,
    blobs,
    blurred,
    curves,
    mean_height,
    nothing,
)

RANDOM_MAPS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Faithfulness:
    """How the probability of a diagnosis falls while more and more of a picture is hidden.

    Attributes:
        hidden: Share of the area that is hidden at each of 11 points, 0.0, 0.1 … 1.0.
        hottest: The probability with the map's hottest places hidden, (11,), 0.0 to 1.0.
        randoms: The probability with random connected regions hidden that are as large, (m, 11).
    """

    hidden: Floats
    hottest: Floats
    randoms: Floats

    @property
    def random(self) -> Floats:
        """The mean probability over the random maps, (11,)."""
        return np.asarray(self.randoms.mean(axis=0), np.float32)

    @property
    def area(self) -> float:
        """The area between both curves, -1.0 to 1.0.

        Above 0, hiding what the map calls hot costs more probability than hiding as much anywhere;
        near 0 the map says no more than chance, below 0 less. It is the area over the perturbation
        curve (AOPC; Samek et al. 2017, section III-C) less that of random regions, by the
        trapezoid rule over the hidden share.
        """
        return float(mean_height(self.random - self.hottest))

    @property
    def beats_all(self) -> bool:
        """Whether the probability falls faster by the map than by each of the random maps."""
        return bool(mean_height(self.hottest) < mean_height(self.randoms).min())


def faithfulness(
    classifier: Classifier,
    square: Pixels,
    heat: Floats,
    diagnosis: int,
    *,
    random_maps: int = RANDOM_MAPS,
    seed: int = 0,
    progress: Progress = nothing,
) -> Faithfulness:
    """Hide the hottest tenth, two tenths … of a picture, and as much of random regions.

    Takes 2 + 9 (1 + `random_maps`) passes: 38 by default.

    Args:
        classifier: Asked in batches of its own size, so that other work comes between.
        square: What the network saw, (s, s, 3), as `core.preprocess.cut_square` gives it.
        heat: The map of `diagnosis` over the square, (h, w), of any range: best the activation
            map before the ReLU, which orders cold places too.
        diagnosis: Its place in the card, 0 to k - 1.
        random_maps: To compare with, 1 or more.
        seed: Of the random maps.
        progress: Called before each batch with the passes done, of how many. What it raises ends
            the work.

    Raises:
        EngineError: The engine failed.
    """
    rng = np.random.default_rng(seed)
    heats = [heat, *(blobs(len(square), rng) for _ in range(random_maps))]
    found = curves(classifier, (square, blurred(square)), heats, diagnosis, progress=progress)
    return Faithfulness(SHARES, found[0], found[1:])
