"""The JSON document: all that the export knows, and what `lesionviewer replay` needs."""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lesionviewer import __version__
from lesionviewer.core.errors import ImageError, StoreError
from lesionviewer.core.export.contents import Contents, ExportedImage
from lesionviewer.core.export.places import new_file
from lesionviewer.core.intended_use import FULL
from lesionviewer.core.prediction import malignant_probability
from lesionviewer.core.region import SquareRegion

FORMAT, VERSION = "lesionviewer export", 1
_MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class RecordedImage:
    """What a document says of an image that was predicted.

    Attributes:
        path: Where the file lay, as seen from the document's folder.
        name: As in the export.
        sha256: Of the file.
        region: The square that the network saw.
        chosen_region: Whether a reader chose it.
        probabilities: By code.
    """

    path: Path
    name: str
    sha256: str
    region: SquareRegion
    chosen_region: bool
    probabilities: dict[str, float]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a document says of the predictions in it.

    Attributes:
        model: Name of the model bundle.
        bundle: Its digest.
        engine: What predicted.
        images: Those that were predicted.
    """

    model: str
    bundle: str
    engine: str
    images: tuple[RecordedImage, ...]


def write_document(contents: Contents, path: Path) -> None:
    """Write the JSON, in ASCII. Files are named as seen from the document's folder.

    Raises:
        StoreError: The place cannot be written.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "program": __version__,
        "intended_use": FULL,
        "made_utc": contents.made_utc,
        "session": contents.session,
        "reader": contents.reader,
        "model": {
            "id": contents.card.id,
            "bundle": contents.bundle,
            "engine": contents.engine,
            "temperature": contents.card.temperature,
            "diagnoses": [
                {"code": item.code, "name": item.name, "malignant": item.malignant}
                for item in contents.card.diagnoses
            ],
        },
        "images": [_image(image, contents, path) for image in contents.images],
    }
    with new_file(path) as part:
        part.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="ascii")


def read_document(path: Path) -> Recorded:
    """Return the predictions that a document records.

    Raises:
        StoreError: It cannot be read, or is no such document.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise StoreError(f"{path.name} is larger than {_MOST_BYTES >> 20} MiB.")
        document = json.loads(path.read_bytes())
        if (document["format"], document["version"]) != (FORMAT, VERSION):
            raise ValueError
        model, entries = document["model"], document["images"]
        images = [_recorded(entry, path.parent) for entry in entries if entry["status"] == "ok"]
        return Recorded(str(model["id"]), str(model["bundle"]), str(model["engine"]), tuple(images))
    except OSError as error:
        raise StoreError(f"Cannot read {path}: {error.strerror or 'unknown reason'}.") from error
    except (ImageError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(
            f"{path.name} is no JSON export of this version of lesionviewer. Export it again."
        ) from error


def _image(image: ExportedImage, contents: Contents, document: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "path": image.name,
        "file": _seen_from(document, image.path),
        "sha256": image.sha256,
        "status": "error" if image.error else "ok",
        "error": image.error,
        "decision": None if image.decision is None else image.decision.as_json(),
    }
    if contents.patient_data:
        entry |= {"lesion": image.lesion, "metadata": dict(image.metadata)}
    if (prediction := image.prediction) is not None:
        region, card = prediction.region, contents.card
        values = map(float, prediction.probabilities)
        entry |= {
            "region": [region.left, region.top, region.side],
            "chosen_region": prediction.chosen_region,
            "diagnosis": card.codes[prediction.top],
            "probabilities": dict(zip(card.codes, values, strict=True)),
            "malignant_probability": malignant_probability(
                prediction.probabilities, card.diagnoses
            ),
            "entropy": prediction.entropy,
        }
    return entry


def _recorded(entry: dict[str, Any], folder: Path) -> RecordedImage:
    probabilities = dict(entry["probabilities"])
    if not probabilities or not all(_is_probability(value) for value in probabilities.values()):
        raise ValueError
    return RecordedImage(
        path=folder / str(entry["file"]),
        name=str(entry["path"]),
        sha256=str(entry["sha256"]),
        region=SquareRegion(*(int(value) for value in entry["region"])),
        chosen_region=entry["chosen_region"] is True,
        probabilities=probabilities,
    )


def _is_probability(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1


def _seen_from(document: Path, file: Path) -> str:
    try:
        return os.path.relpath(file.absolute(), document.absolute().parent)
    except ValueError:  # on another drive
        return str(file.absolute())
