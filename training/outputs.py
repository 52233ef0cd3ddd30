"""The files of an evaluation: figures, predictions, tables, pictures, and a page of them all."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.card import ModelCard
from training.cards import malignant_codes
from training.datasets import LabelledImage, numbers
from training.operating import TARGETS, malignant_probability, point_name
from training.pictures import draw_confusion, draw_malignant, draw_reliability, draw_roc
from training.report import report_page
from training.subgroups import write_subgroups


def write_evaluation(
    out: Path,
    report: Mapping[str, Any],
    card: ModelCard,
    images: Sequence[LabelledImage],
    probabilities: NDArray[np.float32],
) -> None:
    """Write everything that an evaluation says into a folder, made if need be.

    Args:
        out: The folder.
        report: The figures, as `metrics.json` holds them.
        card: Of the model.
        images: What was classified.
        probabilities: Calibrated, (n, k).
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", "utf-8")
    _write_predictions(out / "predictions.csv", images, probabilities, card.codes)
    _write_confusion(out / "confusion.csv", report["confusion"], card.codes)
    write_subgroups(out / "subgroups.csv", report.get("subgroups", {}), card.codes)
    pictures = _draw(out, report, card, numbers(images, card.codes), probabilities)
    (out / "report.html").write_text(report_page(report, card, pictures), "utf-8")


def _draw(
    out: Path,
    report: Mapping[str, Any],
    card: ModelCard,
    truth: NDArray[np.intp],
    probabilities: NDArray[np.float32],
) -> list[Path]:
    """Draw the pictures of an evaluation and return their files."""
    files = [out / f"{name}.png" for name in ("confusion", "roc", "reliability")]
    draw_confusion(files[0], np.array(report["confusion"]), card.codes)
    draw_roc(files[1], truth, probabilities, card.codes)
    draw_reliability(files[2], report)
    malignant = malignant_codes(card)
    marks = np.isin(truth, [card.codes.index(code) for code in malignant])
    if marks.any() and not marks.all():
        score = malignant_probability(probabilities.astype(np.float64), card.codes, malignant)
        files.append(out / "malignant.png")
        draw_malignant(files[-1], marks, score, [report[point_name(t)] for t in TARGETS])
    return files


def _write_predictions(
    path: Path,
    images: Sequence[LabelledImage],
    probabilities: NDArray[np.float32],
    codes: Sequence[str],
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image", "lesion", "truth", "diagnosis", *(f"p_{code}" for code in codes)])
        for image, shares in zip(images, probabilities, strict=True):
            top = codes[int(shares.argmax())]
            figures = (f"{share:.6f}" for share in shares)
            writer.writerow([image.path.name, image.lesion, image.code, top, *figures])


def _write_confusion(path: Path, matrix: Sequence[Sequence[int]], codes: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["truth \\ diagnosis", *codes])
        for code, row in zip(codes, matrix, strict=True):
            writer.writerow([code, *row])
