"""Figures of a classifier on labelled images, each image with a weight.

A row of weights is one bootstrap draw (how often it holds each image), or ones for the images as
they are. All figures are computed for many rows at once.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def class_rates(
    weights: Floats, truth: NDArray[np.intp], chosen: NDArray[np.intp], k: int
) -> Mapping[str, Floats]:
    """Return recall, precision, F1 and specificity of each diagnosis against the rest.

    Args:
        weights: Of the images, (d, n).
        truth: Their diagnoses, (n,).
        chosen: The classifier's, (n,).
        k: How many diagnoses there are.

    Returns:
        By name, (d, k); NaN where the figure is not defined.
    """
    marks, named = _one_hot(truth, k), _one_hot(chosen, k)
    hits, true, said = weights @ (marks * named), weights @ marks, weights @ named
    others = weights.sum(axis=1, keepdims=True) - true
    return {
        "recall": _ratio(hits, true),
        "precision": _ratio(hits, said),
        "f1": _ratio(2 * hits, true + said),
        "specificity": _ratio(others - (said - hits), others),
    }


def areas(weights: Floats, marks: NDArray[np.bool_], scores: Floats) -> Floats:
    """Return the area under the ROC curve, (d,); NaN where only one kind has weight.

    Args:
        weights: Of the images, (d, n).
        marks: Which images should score high, (n,).
        scores: Of the images, (n,). Equal ones count half.
    """
    high, low = by_score(weights, marks, scores)[1:]
    below = np.cumsum(low, axis=1) - low / 2
    pairs = high.sum(axis=1) * low.sum(axis=1)
    return _ratio((high * below).sum(axis=1), pairs)


def class_areas(weights: Floats, truth: NDArray[np.intp], probabilities: Floats) -> Floats:
    """Return the area under the ROC curve of each diagnosis against the rest, (d, k)."""
    columns = range(probabilities.shape[1])
    return np.stack([areas(weights, truth == c, probabilities[:, c]) for c in columns], axis=1)


def by_score(
    weights: Floats, marks: NDArray[np.bool_], scores: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the scores that occur, rising, (s,), and what marked and other images weigh at each.

    Args:
        weights: Of the images, (d, n).
        marks: Which images are marked, (n,).
        scores: Of the images, (n,).

    Returns:
        Scores, weight of the marked ones (d, s), weight of the others (d, s).
    """
    order = np.argsort(scores, kind="stable")
    values, starts = np.unique(scores[order], return_index=True)
    ordered = weights[:, order]
    both = np.add.reduceat(ordered, starts, axis=1)
    marked = np.add.reduceat(ordered * marks[order], starts, axis=1)
    return values, marked, both - marked


def mean_defined(values: Floats) -> Floats:
    """Return the mean over the last axis of what is no NaN; NaN where all is."""
    known = ~np.isnan(values)
    count = np.asarray(known.sum(axis=-1), np.float64)
    return _ratio(np.where(known, values, 0.0).sum(axis=-1), count)


def recalls(truth: NDArray[np.intp], chosen: NDArray[np.intp], k: int) -> Floats:
    """Return the share found of each diagnosis, (k,); NaN for one that does not occur."""
    return np.asarray(class_rates(_ones(truth), truth, chosen, k)["recall"][0])


def balanced_accuracy(truth: NDArray[np.intp], chosen: NDArray[np.intp], k: int) -> float:
    """Return the mean recall over the diagnoses that occur, 0.0 to 1.0."""
    return float(mean_defined(recalls(truth, chosen, k)))


def macro_auc(truth: NDArray[np.intp], probabilities: Floats) -> float:
    """Return the area under the ROC curve of one diagnosis against the rest, mean of all.

    Diagnoses that do not occur are left out; NaN where fewer than two diagnoses occur.
    """
    return float(mean_defined(class_areas(_ones(truth), truth, probabilities))[0])


def softmax(logits: NDArray[np.floating[Any]]) -> Floats:
    """Return the probabilities of logits (n, k)."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def cross_entropy(truth: NDArray[np.intp], probabilities: Floats) -> float:
    """Return the mean negative logarithm of the true diagnosis' probability."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-12)).mean())


def _one_hot(numbers: NDArray[np.intp], k: int) -> Floats:
    return np.asarray(np.eye(k)[numbers])


def _ones(truth: NDArray[np.intp]) -> Floats:
    return np.ones((1, len(truth)))


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)
