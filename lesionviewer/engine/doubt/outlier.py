"""How unlike the training images an image is. Which score a model uses, its card says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import BundleError
from lesionviewer.engine.doubt.nearest import NearestRows
from lesionviewer.engine.doubt.reduction import Reduction, products, to_unit

Floats = NDArray[np.float32]
NEIGHBOUR = 10
"""Which nearest training image the score `knn` goes by."""


class Spread:
    """Where the training images of each diagnosis lie, as normal distributions of one covariance.

    The covariance has a variance of its own along each direction of the reduction and one for all
    others, as in probabilistic PCA (Tipping and Bishop 1999): no matrix has to be inverted.
    """

    def __init__(self, reduction: Reduction, means: Floats, variances: Floats) -> None:
        """Take what was fitted.

        Args:
            reduction: Of embeddings.
            means: Of each diagnosis' embeddings as `to_unit` gives them, (k, d).
            variances: Within a diagnosis along each direction, then of every other direction,
                (r + 1,).
        """
        self.reduction, self.means, self.variances = reduction, means, variances
        self._centres = reduction.project(means)
        self._lengths = np.vecdot(means, means)

    def distances(self, unit: Floats) -> NDArray[np.float64]:
        """Return squared Mahalanobis distances to the nearest diagnosis (Lee et al. 2018,
        equation 2), of embeddings as `to_unit` gives them, (n, d) → (n,).
        """
        inside = np.square(self.reduction.project(unit)[:, None] - self._centres)
        whole = np.vecdot(unit, unit)[:, None] + self._lengths - 2 * products(unit, self.means)
        rest = np.maximum(whole - inside.sum(axis=2), 0) / self.variances[-1]
        distances = (inside / self.variances[:-1]).sum(axis=2) + rest
        return np.asarray(distances.min(axis=1), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class OutlierRule:
    """A score and its threshold.

    Attributes:
        score: One of `SCORES`.
        threshold: What 95 % of the val images do not exceed, above 0.
        spread: Of the training images, for `mahalanobis`.
        library: Training images, reduced, for `knn`.
    """

    score: str
    threshold: float
    spread: Spread
    library: NearestRows

    def outlyingness(self, logits: Floats, embedding: Floats) -> NDArray[np.float64]:
        """Return the score as a multiple of the threshold, 0.0 and more, (n,).

        Args:
            logits: Not calibrated, (n, k).
            embedding: As the engine gives it, (n, d).
        """
        return np.asarray(SCORES[self.score](self, logits, embedding) / self.threshold)


def mahalanobis(rule: OutlierRule, logits: Floats, embedding: Floats) -> NDArray[np.float64]:
    """Return the squared Mahalanobis distance to the nearest diagnosis, (n,)."""
    return rule.spread.distances(to_unit(embedding))


def knn(rule: OutlierRule, logits: Floats, embedding: Floats) -> NDArray[np.float64]:
    """Return 1 - the cosine to the tenth-nearest training image (Sun et al. 2022)."""
    _, cosines = rule.library.search(rule.spread.reduction.reduce(embedding), NEIGHBOUR)
    return np.maximum(1 - cosines[:, -1].astype(np.float64), 0)


def energy(rule: OutlierRule, logits: Floats, embedding: Floats) -> NDArray[np.float64]:
    """Return exp of the free energy (Liu et al. 2020, equation 4): 1 / sum exp of the logits, (n,).

    The exponential keeps the order and makes the score positive, as the others are.
    """
    return np.asarray(np.exp(-np.logaddexp.reduce(logits.astype(np.float64), axis=1)))


def max_logit(rule: OutlierRule, logits: Floats, embedding: Floats) -> NDArray[np.float64]:
    """Return exp of the negative largest logit (Hendrycks et al. 2022), (n,)."""
    return np.asarray(np.exp(-logits.max(axis=1).astype(np.float64)))


SCORES: Mapping[str, Callable[[OutlierRule, Floats, Floats], NDArray[np.float64]]] = {
    "mahalanobis": mahalanobis,
    "knn": knn,
    "energy": energy,
    "max logit": max_logit,
}
"""By name: rule, logits (n, k) and embedding (n, d) to a score (n,), 0.0 and more, that rises with
unlikeness."""


def read_rule(entry: Mapping[str, Any], spread: Spread, library: NearestRows) -> OutlierRule | None:
    """Return the rule that a card's `out_of_distribution` describes, None if it has none.

    Raises:
        BundleError: The entry is damaged, or names a score that is unknown here.
    """
    if not entry:
        return None
    try:
        score, threshold = str(entry["score"]), float(entry["threshold"])
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(
            "The rule for unusual images in the model's card is damaged. Export the model again."
        ) from error
    if score not in SCORES or not 0 < threshold < np.inf:
        raise BundleError(
            f"The model's card has no usable rule for unusual images (score {score!r}, threshold "
            f"{threshold}). Use a version of lesionviewer that fits the model."
        )
    return OutlierRule(score, threshold, spread, library)
