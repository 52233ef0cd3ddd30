"""The figures that a card and an evaluation report, the same way everywhere."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.metrics import (
    balanced_accuracy,
    cross_entropy,
    expected_calibration_error,
    macro_auc,
    over_lesions,
    recalls,
)

DRAWS = 1000


def figures(
    truth: NDArray[np.intp],
    probabilities: NDArray[np.floating[Any]],
    lesions: Sequence[str],
    codes: Sequence[str],
    *,
    draws: int = DRAWS,
) -> dict[str, Any]:
    """Return what a classifier achieves on labelled images, fit for JSON.

    Args:
        truth: The images' diagnoses as numbers, (n,).
        probabilities: The classifier's, calibrated, (n, k).
        lesions: The images' lesions, over which the 95 % intervals are drawn.
        codes: The diagnoses, k.
        draws: Of the bootstrap.
    """
    shares = probabilities.astype(np.float64)
    chosen, k = shares.argmax(axis=1), len(codes)
    found = recalls(truth, chosen, k)
    shown = np.bincount(truth, minlength=k)

    def interval(figure: Callable[[NDArray[np.intp]], float]) -> list[float | None]:
        return [_number(end) for end in over_lesions(figure, lesions, draws=draws)]

    return {
        "images": len(truth),
        "lesions": len(set(lesions)),
        "balanced_accuracy": _number(balanced_accuracy(truth, chosen, k)),
        "balanced_accuracy_interval": interval(
            lambda rows: balanced_accuracy(truth[rows], chosen[rows], k)
        ),
        "macro_auc": _number(macro_auc(truth, shares)),
        "macro_auc_interval": interval(lambda rows: macro_auc(truth[rows], shares[rows])),
        "accuracy": _number(float((truth == chosen).mean())),
        "expected_calibration_error": _number(expected_calibration_error(truth, shares)),
        "cross_entropy": _number(cross_entropy(truth, shares)),
        "recall": {code: _number(value) for code, value in zip(codes, found, strict=True)},
        "images_per_diagnosis": dict(zip(codes, map(int, shown), strict=True)),
        "interval": f"95 %, percentile bootstrap over lesions, {draws} draws",
    }


def agreement(
    truth: NDArray[np.intp],
    first: NDArray[np.floating[Any]],
    second: NDArray[np.floating[Any]],
) -> dict[str, Any]:
    """Return how far the probabilities `first` (n, k) are from the reference `second` (n, k)."""
    gaps = np.abs(first.astype(np.float64) - second)
    return {
        "images": len(truth),
        "same_diagnosis": _number(float((first.argmax(1) == second.argmax(1)).mean())),
        "mean_difference": _number(float(gaps.mean())),
        "largest_difference": _number(float(gaps.max())),
        "macro_auc_lower_by": _number(
            macro_auc(truth, second.astype(np.float64)) - macro_auc(truth, first.astype(np.float64))
        ),
    }


def in_words(report: Mapping[str, Any]) -> str:
    """Return the main figures of `figures` as one line."""
    low, high = report["balanced_accuracy_interval"]
    return (
        f"{report['images']} images, balanced accuracy {report['balanced_accuracy']:.4f} "
        f"(95 % {low:.4f} to {high:.4f}), macro AUC {report['macro_auc'] or float('nan'):.4f}"
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
