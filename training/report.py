"""An evaluation as one page of HTML that needs nothing else: figures, tables, pictures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lesionviewer.core.card import ModelCard
from training.document import Heading, Part, Picture, Table, Words, as_html
from training.figures import COMMON
from training.operating import TARGETS, point_name
from training.subgroups import LEAST_EACH, LEAST_IMAGES

EACH = ("recall", "precision", "f1", "specificity", "auc")
"""Figures of each diagnosis, in the order of their columns."""
_ALL = {
    "balanced_accuracy": "Balanced accuracy",
    "balanced_accuracy_common": f"Balanced accuracy, diagnoses of {COMMON} or more images",
    "macro_auc": "Macro AUC, one against the rest",
    "accuracy": "Accuracy",
    "expected_calibration_error": "Expected calibration error, 15 bins",
    "calibration_error_if_perfect": "the same of a perfectly calibrated model, by chance alone",
    "malignant_auc": "AUC of the malignant probability",
}


def report_page(report: Mapping[str, Any], card: ModelCard, pictures: Sequence[Path]) -> str:
    """Return the page.

    Args:
        report: The figures, as `metrics.json` holds them.
        card: Of the model.
        pictures: PNG files that the page takes in.
    """
    title = f"{report['bundle']} on {report['data']}, {report['split']}"
    return as_html(title, _parts(report, card, pictures))


def _parts(report: Mapping[str, Any], card: ModelCard, pictures: Sequence[Path]) -> Iterator[Part]:
    yield from _head(report)
    yield Table(("figure", "value", "95 %"), list(main_rows(report)))
    yield Heading("By diagnosis")
    yield Table(("diagnosis", "images", *EACH), list(diagnosis_rows(report)))
    yield from _malignant(report)
    yield from _calibration(report, card)
    for file in pictures:
        yield Picture(file.read_bytes(), file.stem)
    yield from _subgroups(report, card.codes)
    yield Words(card.intended_use, quiet=True)


def _head(report: Mapping[str, Any]) -> Iterator[Part]:
    views = report["views"]
    shown = "each as it is" if views == 1 else f"logits averaged over {views} flips and turns"
    yield Words(
        f"{report['images']} images of {report['lesions']} lesions, {shown}; engine "
        f"{report['engine']}. Intervals: {report['interval']}. Such an interval says "
        "little of a diagnosis with a handful of images: where all of them are right, every draw "
        "finds all of them right."
    )
    if left_out := report["left_out"]:
        words = f"{len(left_out)} entries of the whole data set are left out."
        yield Words("\n".join([words, *left_out]), quiet=True)


def main_rows(report: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    """Yield the figures over all diagnoses: words, value, interval."""
    for key, words in _ALL.items():
        if key in report:
            yield words, _number(report[key]), _ends(report[f"{key}_interval"])


def diagnosis_rows(report: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    """Yield the figures of each diagnosis: code, images, those of `EACH` with their intervals."""
    for code, count in report["images_per_diagnosis"].items():
        cells = (_with_ends(report[k][code], report[f"{k}_interval"][code]) for k in EACH)
        yield code, str(count), *cells


def _malignant(report: Mapping[str, Any]) -> Iterator[Part]:
    if "malignant_auc" not in report:
        return
    names = ("threshold", "sensitivity", "specificity")
    rows = [
        (
            f"sensitivity of {target:.0%}",
            *(
                _with_ends(
                    report[point_name(target)][n], report[f"{point_name(target)}_interval"][n]
                )
                for n in names
            ),
        )
        for target in TARGETS
    ]
    yield Heading("Malignant probability")
    yield Table(("operating point", *names), rows)
    yield Words(
        "An image counts as malignant from the threshold on. The thresholds were chosen on "
        "these very images, and the default decision does not use them. The intervals of threshold "
        "and specificity choose the threshold anew in every draw, that of the sensitivity keeps it."
    )


def _calibration(report: Mapping[str, Any], card: ModelCard) -> Iterator[Part]:
    prior = report["prior"] or "The card of this model does not say."
    yield Heading("Calibration")
    yield Words(f"Temperature {card.temperature}. Class prior of the probabilities: {prior}")
    if found := report.get("at_frequencies_of_val"):
        yield Words(
            "With each probability weighted by its diagnosis' frequency in val, the expected "
            f"calibration error is {_number(found['expected_calibration_error'])}; a perfectly "
            f"calibrated model would get {_number(found['calibration_error_if_perfect'])}."
        )
    yield Words(
        "What chance alone makes of the calibration error: labels drawn from the model's own "
        "probabilities (Bröcker and Smith 2007; Vaicenavicius et al. 2019)."
    )


def _subgroups(report: Mapping[str, Any], codes: Sequence[str]) -> Iterator[Part]:
    subgroups = report.get("subgroups", {})
    if not subgroups:
        return
    yield Heading("By subgroup")
    yield Words(
        f"Counts only below {LEAST_IMAGES} images. The recall of a diagnosis takes {LEAST_EACH} "
        f"of its images, an area {LEAST_EACH} malignant and {LEAST_EACH} other ones. Balanced "
        "accuracy is over the diagnoses that a group has: it does not compare groups that have "
        "different ones."
    )
    head = ("images", "lesions", "diagnoses", "balanced accuracy", "malignant AUC", *codes)
    for attribute, groups in subgroups.items():
        rows = [
            (
                group,
                str(found["images"]),
                str(found["lesions"]),
                str(sum(count > 0 for count in found["images_per_diagnosis"].values())),
                _with_ends(found["balanced_accuracy"], found["balanced_accuracy_interval"]),
                _with_ends(found["malignant_auc"], found["malignant_auc_interval"]),
                *(_number(found["recall"][code]) for code in codes),
            )
            for group, found in groups.items()
        ]
        yield Table((attribute, *head), rows)


def _with_ends(value: float | None, ends: Sequence[float | None]) -> str:
    return _number(value) if value is None else f"{_number(value)} ({_ends(ends)})"


def _ends(ends: Sequence[float | None]) -> str:
    return " to ".join(map(_number, ends))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
