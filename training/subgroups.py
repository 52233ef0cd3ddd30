"""Figures apart for parts of the images: by sex, age, body site, skin tone, confirmation, frame."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.bootstrap import LesionDraws
from training.datasets import LabelledImage
from training.figures import DRAWS, plain_report
from training.metrics import Floats, areas, class_rates, mean_defined
from training.operating import malignant_probability

LEAST_IMAGES = 30
"""A smaller group gets its counts, and no figures."""
LEAST_EACH = 10
"""Images of a diagnosis that its recall takes; malignant and other images that an area takes."""
AGE_BANDS = ((0, "<30"), (30, "30-44"), (45, "45-59"), (60, "60-74"), (75, "75+"))
_UNKNOWN = "unknown"
_NAMES = {
    "sex": "sex",
    "age": "age",
    "localization": "body site",
    "skin_tone_class": "skin tone",
    "dx_type": "confirmation",
    "frame": "frame",
}


def age_band(text: str) -> str:
    """Return the band that an age in years falls into; `unknown` for what is no age."""
    try:
        years = float(text)
    except ValueError:
        return _UNKNOWN
    bands = [name for least, name in AGE_BANDS if years >= least]
    return bands[-1] if bands else _UNKNOWN


def subgroups(
    images: Sequence[LabelledImage],
    truth: NDArray[np.intp],
    probabilities: NDArray[np.floating[Any]],
    codes: Sequence[str],
    *,
    malignant: Sequence[str] = (),
    draws: int = DRAWS,
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return figures by attribute and group, fit for JSON.

    Balanced accuracy is over the diagnoses that a group has; groups with other diagnoses cannot be
    set against each other by it. Of a group of fewer than `LEAST_IMAGES` images there are counts
    only, and what takes more images than it has is None.

    Args:
        images: With their attributes; one that no image has is left out.
        truth: The images' diagnoses as numbers, (n,).
        probabilities: The classifier's, calibrated, (n, k).
        codes: The diagnoses, k.
        malignant: Those whose sum is the malignant probability.
        draws: Of the bootstrap.
    """
    shares = probabilities.astype(np.float64)
    report: dict[str, dict[str, dict[str, Any]]] = {}
    for column, name in _NAMES.items():
        if not any(column in image.attributes for image in images):
            continue
        groups = np.array([_group(image.attributes, column) for image in images])
        report[name] = {}
        for group in _in_order(set(groups.tolist()), column):
            rows = groups == group
            lesions = [image.lesion for image, here in zip(images, rows, strict=True) if here]
            found = _figures(truth[rows], shares[rows], lesions, codes, malignant, draws)
            report[name][group] = plain_report(found)
    return report


def write_subgroups(
    path: Path, report: Mapping[str, Mapping[str, Mapping[str, Any]]], codes: Sequence[str]
) -> None:
    """Write what `subgroups` returns as a CSV, one row a group; empty where there is no figure."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        ends = ("", "_low", "_high")
        writer.writerow(
            [
                *("attribute", "group", "images", "lesions", "diagnoses"),
                *(f"balanced_accuracy{end}" for end in ends),
                "malignant_images",
                *(f"malignant_auc{end}" for end in ends),
                *(f"images_{code}" for code in codes),
                *(f"recall_{code}" for code in codes),
            ]
        )
        for attribute, groups in report.items():
            for group, found in groups.items():
                writer.writerow([attribute, group, *_cells(found, codes)])


def _cells(found: Mapping[str, Any], codes: Sequence[str]) -> Iterator[Any]:
    shown = found["images_per_diagnosis"]
    yield from (found["images"], found["lesions"], sum(shown[code] > 0 for code in codes))
    yield from (found["balanced_accuracy"], *found["balanced_accuracy_interval"])
    yield from (found["malignant_images"], found["malignant_auc"])
    yield from found["malignant_auc_interval"]
    yield from (shown[code] for code in codes)
    yield from (found["recall"][code] for code in codes)


def _group(attributes: Mapping[str, str], column: str) -> str:
    text = attributes.get(column, _UNKNOWN)
    return age_band(text) if column == "age" else text


def _in_order(groups: set[str], column: str) -> list[str]:
    order = [name for _, name in AGE_BANDS] if column == "age" else sorted(groups - {_UNKNOWN})
    return [group for group in (*order, _UNKNOWN) if group in groups]


def _figures(
    truth: NDArray[np.intp],
    shares: Floats,
    lesions: Sequence[str],
    codes: Sequence[str],
    malignant: Sequence[str],
    draws: int,
) -> dict[str, Any]:
    """Return counts of a group and, as far as they allow, figures."""
    k, chosen = len(codes), shares.argmax(axis=1)
    shown = np.bincount(truth, minlength=k)
    marks = np.isin(truth, [codes.index(code) for code in malignant])
    report: dict[str, Any] = {
        "images": len(truth),
        "lesions": len(set(lesions)),
        "images_per_diagnosis": dict(zip(codes, map(int, shown), strict=True)),
        "balanced_accuracy": None,
        "balanced_accuracy_interval": (None, None),
        "recall": dict.fromkeys(codes),
        "malignant_images": int(marks.sum()) if malignant else None,
        "malignant_auc": None,
        "malignant_auc_interval": (None, None),
    }
    if len(truth) < LEAST_IMAGES:
        return report

    def recalls(weights: Floats) -> Floats:
        return class_rates(weights, truth, chosen, k)["recall"]

    drawn = LesionDraws(lesions, draws=draws)
    report["balanced_accuracy"], report["balanced_accuracy_interval"] = drawn.around(
        lambda weights: mean_defined(recalls(weights))
    )
    found = np.where(shown >= LEAST_EACH, recalls(np.ones((1, len(truth))))[0], np.nan)
    report["recall"] = dict(zip(codes, found, strict=True))
    if malignant and min(marks.sum(), (~marks).sum()) >= LEAST_EACH:
        score = malignant_probability(shares, codes, malignant)
        report["malignant_auc"], report["malignant_auc_interval"] = drawn.around(
            lambda weights: areas(weights, marks, score)
        )
    return report
