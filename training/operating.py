"""What the malignant probability tells apart: area, curve and operating points."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.bootstrap import LesionDraws
from training.metrics import Floats, areas, by_score

TARGETS = (0.90, 0.95)
"""Sensitivities that operating points are chosen for."""
_STEPS = 50
_DIGITS = 1e6


def malignant_probability(
    probabilities: Floats, codes: Sequence[str], malignant: Sequence[str]
) -> Floats:
    """Return the sum over the malignant diagnoses, (n,)."""
    return np.asarray(probabilities[:, [codes.index(code) for code in malignant]].sum(axis=1))


def malignant_figures(
    marks: NDArray[np.bool_], scores: Floats, lesions: LesionDraws
) -> dict[str, Any]:
    """Return area, operating points and curve of a score that should be high for `marks`.

    An image counts as malignant from the threshold on. Where a threshold is chosen by these very
    images, the figures at it flatter: it is drawn anew with every draw of lesions for its own
    interval and the specificity's. The sensitivity's interval is that of the threshold as stated.

    Args:
        marks: Which images are malignant, (n,).
        scores: Their malignant probability, (n,).
        lesions: The draws.
    """
    area, interval = lesions.around(lambda weights: areas(weights, marks, scores))
    report: dict[str, Any] = {"malignant_auc": float(area), "malignant_auc_interval": interval}
    # A threshold that is written with six digits must not lie above the image it stands for.
    floored = np.floor(scores * _DIGITS) / _DIGITS
    for target in TARGETS:
        point, ends = _operating_point(marks, floored, lesions, target)
        name = point_name(target)
        report |= {name: point, f"{name}_interval": ends}
    thresholds = np.arange(_STEPS + 1) / _STEPS
    sensitivity, specificity = curve(marks, floored, thresholds)
    report["malignant_curve"] = {
        "threshold": thresholds,
        "sensitivity": sensitivity,
        "specificity": specificity,
    }
    return report


def point_name(target: float) -> str:
    """Return the key of the operating point of a sensitivity."""
    return f"malignant_at_{round(100 * target)}_sensitivity"


def curve(marks: NDArray[np.bool_], scores: Floats, thresholds: Floats) -> tuple[Floats, Floats]:
    """Return sensitivity and specificity at each threshold; NaN where there is nothing to find."""
    return (
        _share_below(scores[marks], thresholds, above=True),
        _share_below(scores[~marks], thresholds, above=False),
    )


def points_at(weights: Floats, marks: NDArray[np.bool_], scores: Floats, target: float) -> Floats:
    """Return the highest threshold that reaches a sensitivity, and the specificity there, (d, 2).

    Args:
        weights: Of the images, (d, n).
        marks: Which images are malignant, (n,).
        scores: Of the images, (n,).
        target: The sensitivity to reach.
    """
    values, high, low = by_score(weights, marks, scores)
    found = np.cumsum(high[:, ::-1], axis=1)[:, ::-1]
    spared = np.cumsum(low, axis=1) - low
    total, others = found[:, :1], low.sum(axis=1)
    # What is found falls as the threshold rises: the last place that still reaches the target.
    place = (found >= target * total - 1e-9).sum(axis=1) - 1
    rows = np.arange(len(weights))
    specificity = spared[rows, place] / np.where(others > 0, others, np.nan)
    points = np.stack([values[place], specificity], axis=1)
    return np.where(total > 0, points, np.nan)


def _operating_point(
    marks: NDArray[np.bool_], scores: Floats, lesions: LesionDraws, target: float
) -> tuple[dict[str, float], dict[str, Floats]]:
    point, drawn = lesions.around(lambda weights: points_at(weights, marks, scores, target))
    found = (scores >= point[0])[marks]
    held = np.zeros(len(marks))
    held[marks] = found

    def sensitivity(weights: Floats) -> Floats:
        total = weights @ marks
        return np.asarray(weights @ held / np.where(total > 0, total, np.nan))

    share, held_ends = lesions.around(sensitivity)
    return (
        {"threshold": float(point[0]), "sensitivity": float(share), "specificity": float(point[1])},
        {"threshold": drawn[:, 0], "sensitivity": held_ends, "specificity": drawn[:, 1]},
    )


def _share_below(scores: Floats, thresholds: Floats, *, above: bool) -> Floats:
    if not len(scores):
        return np.full(len(thresholds), np.nan)
    below = np.searchsorted(np.sort(scores), thresholds, side="left") / len(scores)
    return np.asarray(1 - below if above else below)
