"""The CSV: one row an image, all probabilities beside what the reader decided."""

from collections.abc import Callable, Iterator
from pathlib import Path

from lesionviewer.core.csvfile import CsvFile
from lesionviewer.core.export.contents import Contents, ExportedImage, label_of
from lesionviewer.core.intended_use import SHORT
from lesionviewer.core.metadata import FIELDS, LESION
from lesionviewer.core.prediction import malignant_probability
from lesionviewer.core.store.decision import Decision

_DECISION: tuple[tuple[str, Callable[[Decision], str]], ...] = (
    ("decision", label_of),
    ("unsure", lambda decision: _truth(decision.unsure)),
    ("poor_image", lambda decision: _truth(decision.poor_image)),
    ("flag", lambda decision: _truth(decision.flag)),
    ("star", lambda decision: _truth(decision.star)),
    ("note", lambda decision: decision.note),
    ("decided_utc", lambda decision: decision.decided_utc or ""),
    ("seconds", lambda decision: "" if decision.seconds is None else f"{decision.seconds:.3f}"),
    ("model_shown", lambda decision: _truth(decision.model_shown)),
    ("unaided", lambda decision: decision.unaided or ""),
)
_PATIENT = tuple(name for name in FIELDS if name != LESION)


def write_table(contents: Contents, path: Path) -> None:
    """Write the CSV, UTF-8 without byte-order mark.

    Raises:
        StoreError: The place cannot be written.
    """
    with CsvFile(path, list(_columns(contents))) as file:
        for image in contents.images:
            file.write(_row(image, contents))


def _columns(contents: Contents) -> Iterator[str]:
    yield from ("path", "sha256", "status", "error", "diagnosis", "probability")
    yield from (f"p_{code}" for code in contents.card.codes)
    yield from ("malignant_probability", "entropy", "region")
    yield from (name for name, _ in _DECISION)
    if contents.patient_data:
        yield from ("lesion", *(f"metadata_{name}" for name in _PATIENT))
    yield from ("reader", "session", "bundle", "bundle_sha256", "engine", "intended_use")


def _row(image: ExportedImage, contents: Contents) -> Iterator[str]:
    yield from (image.name, image.sha256, "error" if image.error else "ok", image.error)
    yield from _predicted(image, contents)
    decision = image.decision or Decision()
    yield from (cell(decision) for _, cell in _DECISION)
    if contents.patient_data:
        yield image.lesion
        yield from (image.metadata.get(name, "") for name in _PATIENT)
    yield from (contents.reader, contents.session, contents.card.id, contents.bundle)
    yield from (contents.engine, SHORT)


def _predicted(image: ExportedImage, contents: Contents) -> Iterator[str]:
    prediction, card = image.prediction, contents.card
    if prediction is None:
        yield from [""] * (len(card.codes) + 5)
        return
    malignant = malignant_probability(prediction.probabilities, card.diagnoses)
    yield card.codes[prediction.top]
    yield _figure(prediction.probabilities[prediction.top])
    yield from map(_figure, prediction.probabilities)
    yield "" if malignant is None else _figure(malignant)
    yield _figure(prediction.entropy)
    region = prediction.region
    yield f"{region.left} {region.top} {region.side}"


def _figure(value: float) -> str:
    return f"{value:.6f}"


def _truth(value: bool | None) -> str:
    return {None: "", True: "yes", False: "no"}[value]
