"""An evaluation as one page of HTML that needs nothing else: figures, tables, pictures."""

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lesionviewer.core.card import ModelCard
from training.figures import COMMON
from training.operating import TARGETS, point_name
from training.subgroups import LEAST_EACH, LEAST_IMAGES

_STYLE = """
body { font: 15px/1.5 sans-serif; color: #222; max-width: 62rem; margin: 2rem auto }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #ddd; text-align: right }
th:first-child, td:first-child, td.words { text-align: left }
img { width: 30rem; max-width: 100% }
.quiet { color: #666 }
"""
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
    parts = [
        *_head(title, report),
        _table(("figure", "value", "95 %"), main_rows(report)),
        "<h2>By diagnosis</h2>",
        _table(("diagnosis", "images", *EACH), diagnosis_rows(report)),
        *_malignant(report),
        *_calibration(report, card),
        *_pictures(pictures),
        *_subgroups(report, card.codes),
        f'<p class="quiet">{_text(card.intended_use)}</p>',
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{_text(title)}'
        f"</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _head(title: str, report: Mapping[str, Any]) -> list[str]:
    views = report["views"]
    shown = "each as it is" if views == 1 else f"logits averaged over {views} flips and turns"
    left_out = report["left_out"]
    lines = [
        f"<h1>{_text(title)}</h1>",
        f"<p>{report['images']} images of {report['lesions']} lesions, {shown}; engine "
        f"{_text(report['engine'])}. Intervals: {_text(report['interval'])}. Such an interval says "
        "little of a diagnosis with a handful of images: where all of them are right, every draw "
        "finds all of them right.</p>",
    ]
    if left_out:
        lines.append(
            f"<details><summary>{len(left_out)} entries of the whole data set are left out."
            f"</summary><p>{'<br>'.join(map(_text, left_out))}</p></details>"
        )
    return lines


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


def _malignant(report: Mapping[str, Any]) -> list[str]:
    if "malignant_auc" not in report:
        return []
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
    return [
        "<h2>Malignant probability</h2>",
        _table(("operating point", *names), rows),
        "<p>An image counts as malignant from the threshold on. The thresholds were chosen on "
        "these very images, and the default decision does not use them. The intervals of threshold "
        "and specificity choose the threshold anew in every draw, that of the sensitivity keeps "
        "it.</p>",
    ]


def _calibration(report: Mapping[str, Any], card: ModelCard) -> list[str]:
    prior = report["prior"] or "The card of this model does not say."
    return [
        "<h2>Calibration</h2>",
        f"<p>Temperature {card.temperature}. Class prior of the probabilities: {_text(prior)}</p>",
        *_other_frequencies(report),
        "<p>What chance alone makes of the calibration error: labels drawn from the model's own "
        "probabilities (Bröcker and Smith 2007; Vaicenavicius et al. 2019).</p>",
    ]


def _other_frequencies(report: Mapping[str, Any]) -> list[str]:
    if not (found := report.get("at_frequencies_of_val")):
        return []
    return [
        "<p>With each probability weighted by its diagnosis' frequency in val, the expected "
        f"calibration error is {_number(found['expected_calibration_error'])}; a perfectly "
        f"calibrated model would get {_number(found['calibration_error_if_perfect'])}.</p>"
    ]


def _pictures(files: Sequence[Path]) -> list[str]:
    return [
        f'<img alt="{file.stem}" src="data:image/png;base64,'
        f'{base64.b64encode(file.read_bytes()).decode()}">'
        for file in files
    ]


def _subgroups(report: Mapping[str, Any], codes: Sequence[str]) -> list[str]:
    parts = []
    for attribute, groups in report.get("subgroups", {}).items():
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
        head = ("images", "lesions", "diagnoses", "balanced accuracy", "malignant AUC", *codes)
        parts.append(_table((attribute, *head), rows))
    if not parts:
        return []
    return [
        "<h2>By subgroup</h2>",
        f"<p>Counts only below {LEAST_IMAGES} images. The recall of a diagnosis takes {LEAST_EACH} "
        f"of its images, an area {LEAST_EACH} malignant and {LEAST_EACH} other ones. Balanced "
        "accuracy is over the diagnoses that a group has: it does not compare groups that have "
        "different ones.</p>",
        *parts,
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["".join(f"<th>{_text(cell)}</th>" for cell in head)]
    lines += ["".join(f"<td>{_text(cell)}</td>" for cell in row) for row in rows]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _with_ends(value: float | None, ends: Sequence[float | None]) -> str:
    return _number(value) if value is None else f"{_number(value)} ({_ends(ends)})"


def _ends(ends: Sequence[float | None]) -> str:
    return " to ".join(map(_number, ends))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _text(words: object) -> str:
    return html.escape(str(words))
