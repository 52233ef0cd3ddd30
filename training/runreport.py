"""The report of a run: curves, figures, calibration, and its worst mistakes as pictures."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core import intended_use
from lesionviewer.core.colormaps import COLOUR_MAPS, DEFAULT_MAP
from lesionviewer.core.errors import ConfigError
from lesionviewer.core.export.places import new_file
from lesionviewer.core.heat import overlay
from lesionviewer.core.region import centre_square
from training.document import Heading, Part, Picture, Table, Words, as_html, as_png, write_pdf
from training.events import clock
from training.judging import Judged, Mistake, judge
from training.pictures import (
    draw_confusion,
    draw_curves,
    draw_precision_recall,
    draw_reliability,
    draw_roc,
)
from training.pixels import read_pixels
from training.report import EACH, diagnosis_rows, main_rows

_MOST_PX = 420
_FORMATS = (".html", ".htm", ".pdf")
_RECALL = "recall_"


def write_run_report(run: Path, out: Path) -> None:
    """Write the report of a run's best epoch, whole or not at all.

    Args:
        run: The run folder; needs an epoch that is done.
        out: Named `.html` or `.pdf`.

    Raises:
        ConfigError: The folder is no such run, or `out` is called otherwise.
        DatasetError: The run's images are gone.
        StoreError: `out` cannot be written.
    """
    if out.suffix.lower() not in _FORMATS:
        raise ConfigError({"out": f"expected a name that ends in .html or .pdf, got {out.name}"})
    found = judge(run)
    title, parts = f"Run {run.resolve().name}", list(_parts(found))
    with new_file(out) as part:
        if out.suffix.lower() == ".pdf":
            write_pdf(part, title, parts)
        else:
            part.write_text(as_html(title, parts), "utf-8")


def _parts(found: Judged) -> Iterator[Part]:
    report = found.after
    yield Words("\n".join(_head(found)))
    yield Heading("Epochs")
    yield from _curves(found.history)
    yield Heading(f"Figures on {found.split}")
    yield Table(("figure", "value", "95 %"), list(main_rows(report)))
    yield Words(f"Intervals: {report['interval']}.", quiet=True)
    yield Heading("By diagnosis")
    yield Table(("diagnosis", "images", *EACH), list(diagnosis_rows(report)))
    truth, shares, codes = found.truth, found.shares, found.codes
    matrix, against = np.array(report["confusion"]), "of each diagnosis against the rest"
    yield _drawn("True and found diagnoses", draw_confusion, matrix, codes)
    yield _drawn(f"ROC curve {against}", draw_roc, truth, shares, codes)
    yield _drawn(f"Precision and recall {against}", draw_precision_recall, truth, shares, codes)
    yield from _calibration(found)
    yield from _mistakes(found)
    yield Words(intended_use.FULL, quiet=True)


def _head(found: Judged) -> Iterator[str]:
    config, report = found.member.config, found.after
    seconds = sum(float(row["seconds"]) for row in found.history)
    yield (
        f"{config.backbone}, {len(found.history)} of {config.length} epochs in {clock(seconds)}; "
        f"best epoch {found.member.epoch}. Data: {config.data.parent.name}/{config.data.name}."
    )
    yield (
        f"Measured on {report['images']} images of {report['lesions']} lesions, with the averaged "
        "weights of the best epoch, by Keras."
    )
    if found.split == "val":
        yield "The run has no test images: these figures flatter, the epoch was chosen by them."
    if found.unread:
        yield f"{len(found.unread)} images cannot be read any more and are left out."


def _curves(history: Sequence[Mapping[str, str]]) -> Iterator[Part]:
    epochs = [int(row["epoch"]) for row in history]

    def values(column: str) -> list[float]:
        return [float(row[column] or "nan") for row in history]

    recalls = [column for column in history[0] if column.startswith(_RECALL)]
    shown = {
        "Loss in training, and on val": {"training": "loss", "val": "val_loss"},
        "Balanced accuracy on val": {"balanced accuracy": "val_balanced_accuracy"},
        "Recall of each diagnosis on val": {c.removeprefix(_RECALL): c for c in recalls},
        "Learning rate at the end of the epoch": {"learning rate": "learning_rate"},
    }
    for words, columns in shown.items():
        lines = {name: values(column) for name, column in columns.items()}
        yield _drawn(words, draw_curves, epochs, lines)


def _calibration(found: Judged) -> Iterator[Part]:
    yield Heading("Calibration, before and after")
    yield Words(f"Temperature {found.temperature}, fitted on val.")
    for when, report in (("Before", found.before), ("After", found.after)):
        yield _drawn(f"{when}: accuracy over confidence", draw_reliability, report)


def _mistakes(found: Judged) -> Iterator[Part]:
    yield Heading("Worst mistakes")
    wrong = int((found.shares.argmax(axis=1) != found.truth).sum())
    some = f" The {len(found.worst)} it is surest of:" if wrong > len(found.worst) else ""
    yield Words(f"{wrong} of {len(found.truth)} images get another diagnosis than theirs.{some}")
    for mistake in found.worst:
        image = mistake.image
        words = (
            f"{image.path.name}: {image.code}, taken for {mistake.found} "
            f"({mistake.probability:.2f}); left the picture, right where the network looked"
        )
        yield Picture(as_png(_shown(mistake)), words, 0.48)


def _shown(mistake: Mistake) -> NDArray[np.uint8]:
    """Return the picture and its overlay side by side."""
    import cv2

    pixels = read_pixels(mistake.image.path)[0]
    scale = min(1.0, _MOST_PX / max(pixels.shape[:2]))
    size = [max(1, round(edge * scale)) for edge in pixels.shape[1::-1]]
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    region = centre_square(*size)
    tinted = overlay(small, mistake.heat, region, colours=COLOUR_MAPS[DEFAULT_MAP])
    return np.concatenate([small, tinted], axis=1)


def _drawn(words: str, draw: Callable[..., None], *what: object) -> Picture:
    file = io.BytesIO()
    draw(file, *what)
    return Picture(file.getvalue(), words, 0.48)
