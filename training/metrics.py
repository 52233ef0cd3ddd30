"""Figures of a classifier on labelled images, with confidence intervals over lesions."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def recalls(truth: NDArray[np.intp], chosen: NDArray[np.intp], k: int) -> Floats:
    """Return the share found of each diagnosis, (k,); NaN for one that does not occur."""
    counts = np.bincount(truth, minlength=k)
    hits = np.bincount(truth[truth == chosen], minlength=k)
    return np.where(counts > 0, hits / np.maximum(counts, 1), np.nan)


def balanced_accuracy(truth: NDArray[np.intp], chosen: NDArray[np.intp], k: int) -> float:
    """Return the mean recall over the diagnoses that occur, 0.0 to 1.0."""
    return float(np.nanmean(recalls(truth, chosen, k)))


def macro_auc(truth: NDArray[np.intp], probabilities: Floats) -> float:
    """Return the area under the ROC curve of one diagnosis against the rest, mean of all.

    Diagnoses that do not occur are left out; NaN where fewer than two diagnoses occur.
    """
    from sklearn.metrics import roc_auc_score

    k = probabilities.shape[1]
    present = [c for c in range(k) if 0 < (truth == c).sum() < len(truth)]
    areas = [roc_auc_score(truth == c, probabilities[:, c]) for c in present]
    return float(np.mean(areas)) if areas else float("nan")


def expected_calibration_error(
    truth: NDArray[np.intp], probabilities: Floats, *, bins: int = 15
) -> float:
    """Return the mean gap of confidence and accuracy in equal bins (Guo et al. 2017, eq. 3)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (place == b).mean() * abs(confidence[place == b].mean() - right[place == b].mean())
        for b in np.unique(place)
    ]
    return float(np.sum(gaps))


def softmax(logits: NDArray[np.floating[Any]]) -> Floats:
    """Return the probabilities of logits (n, k)."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def cross_entropy(truth: NDArray[np.intp], probabilities: Floats) -> float:
    """Return the mean negative logarithm of the true diagnosis' probability."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-12)).mean())


def over_lesions(
    figure: Callable[[NDArray[np.intp]], float],
    lesions: Sequence[str],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return a figure's 95 % interval when lesions are drawn anew (percentile bootstrap).

    Images of one lesion are alike, so whole lesions are drawn, not images.

    Args:
        figure: From row numbers to the figure of those rows.
        lesions: The lesion of each row.
        draws: How often lesions are drawn.
        seed: Of the drawing.
    """
    _, member = np.unique(np.asarray(lesions), return_inverse=True)
    order = np.argsort(member, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(member))[:-1])
    rng = np.random.default_rng(seed)
    values = [
        figure(np.concatenate([groups[g] for g in rng.integers(len(groups), size=len(groups))]))
        for _ in range(draws)
    ]
    if np.isnan(values).all():
        return float("nan"), float("nan")
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
