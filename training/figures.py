"""The figures that a card and an evaluation report, the same way everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.bootstrap import LesionDraws
from training.metrics import (
    Floats,
    class_areas,
    class_rates,
    cross_entropy,
    macro_auc,
    mean_defined,
)
from training.operating import malignant_figures, malignant_probability
from training.reliability import calibration_figures

DRAWS = 1000
COMMON = 15
"""Images of a diagnosis from which on it counts as a common one."""


def figures(
    truth: NDArray[np.intp],
    probabilities: NDArray[np.floating[Any]],
    lesions: Sequence[str],
    codes: Sequence[str],
    *,
    malignant: Sequence[str] = (),
    draws: int = DRAWS,
) -> dict[str, Any]:
    """Return what a classifier achieves on labelled images, fit for JSON.

    Args:
        truth: The images' diagnoses as numbers, (n,).
        probabilities: The classifier's, calibrated, (n, k).
        lesions: The images' lesions, over which the 95 % intervals are drawn.
        codes: The diagnoses, k.
        malignant: Those whose sum is the malignant probability; no figures of it if none.
        draws: Of the bootstrap.
    """
    shares = probabilities.astype(np.float64)
    chosen, shown = shares.argmax(axis=1), np.bincount(truth, minlength=len(codes))
    drawn = LesionDraws(lesions, draws=draws)
    report: dict[str, Any] = {"images": len(truth), "lesions": len(set(lesions))}
    report |= _means(truth, shares, chosen, shown, drawn)
    report["common_diagnoses"] = [
        code for code, count in zip(codes, shown, strict=True) if count >= COMMON
    ]
    report |= calibration_figures(truth, shares, drawn, draws=draws)
    report["cross_entropy"] = cross_entropy(truth, shares)
    report |= _each(truth, shares, chosen, codes, drawn)
    report["images_per_diagnosis"] = dict(zip(codes, map(int, shown), strict=True))
    report["confusion"] = confusion(truth, chosen, len(codes)).tolist()
    if malignant:
        marks = np.isin(truth, [codes.index(code) for code in malignant])
        score = malignant_probability(shares, codes, malignant)
        report |= malignant_figures(marks, score, drawn)
    report["interval"] = f"95 %, percentile bootstrap over lesions, {draws} draws"
    return plain_report(report)


def confusion(truth: NDArray[np.intp], chosen: NDArray[np.intp], k: int) -> NDArray[np.intp]:
    """Return how often diagnosis i (row) was taken for j (column), (k, k)."""
    return np.bincount(truth * k + chosen, minlength=k * k).reshape(k, k)


def agreement(
    truth: NDArray[np.intp],
    first: NDArray[np.floating[Any]],
    second: NDArray[np.floating[Any]],
) -> dict[str, Any]:
    """Return how far the probabilities `first` (n, k) are from the reference `second` (n, k)."""
    gaps = np.abs(first.astype(np.float64) - second)
    lower = macro_auc(truth, second.astype(np.float64)) - macro_auc(truth, first.astype(np.float64))
    return plain_report(
        {
            "images": len(truth),
            "same_diagnosis": (first.argmax(1) == second.argmax(1)).mean(),
            "mean_difference": gaps.mean(),
            "largest_difference": gaps.max(),
            "macro_auc_lower_by": lower,
        }
    )


def in_words(report: Mapping[str, Any]) -> str:
    """Return the main figures of `figures` as one line."""
    low, high = report["balanced_accuracy_interval"]
    return (
        f"{report['images']} images, balanced accuracy {report['balanced_accuracy']:.4f} "
        f"(95 % {low:.4f} to {high:.4f}), macro AUC {report['macro_auc'] or float('nan'):.4f}"
    )


def plain_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures fit for JSON: plain numbers of six digits, None for what is not defined."""
    return {name: _plain(value) for name, value in report.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain_report(value)
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else round(float(value), 6)
    return value


def _means(
    truth: NDArray[np.intp],
    shares: Floats,
    chosen: NDArray[np.intp],
    shown: NDArray[np.intp],
    drawn: LesionDraws,
) -> dict[str, Any]:
    """Return the figures that sum up all diagnoses, each with its interval."""
    k, common = shares.shape[1], shown >= COMMON

    def recalls(weights: Floats) -> Floats:
        return class_rates(weights, truth, chosen, k)["recall"]

    right = (truth == chosen).astype(np.float64)
    found = {
        "balanced_accuracy": lambda weights: mean_defined(recalls(weights)),
        "balanced_accuracy_common": lambda weights: mean_defined(recalls(weights)[:, common]),
        "macro_auc": lambda weights: mean_defined(class_areas(weights, truth, shares)),
        "accuracy": lambda weights: weights @ right / weights.sum(axis=1),
    }
    report = {}
    for name, figure in found.items():
        report[name], report[f"{name}_interval"] = drawn.around(figure)
    return report


def _each(
    truth: NDArray[np.intp],
    shares: Floats,
    chosen: NDArray[np.intp],
    codes: Sequence[str],
    drawn: LesionDraws,
) -> dict[str, Any]:
    """Return recall, precision, F1, specificity and area of each diagnosis, with intervals."""
    names = ("recall", "precision", "f1", "specificity", "auc")

    def rates(weights: Floats) -> Floats:
        found = class_rates(weights, truth, chosen, len(codes))
        area = class_areas(weights, truth, shares)
        return np.stack([*(found[name] for name in names[:-1]), area], axis=1)

    values, ends = drawn.around(rates)
    report: dict[str, Any] = {}
    for number, name in enumerate(names):
        report[name] = dict(zip(codes, values[number], strict=True))
        report[f"{name}_interval"] = dict(zip(codes, ends[:, number].T, strict=True))
    return report
