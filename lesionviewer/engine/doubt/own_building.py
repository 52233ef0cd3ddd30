"""A reader's own confirmed images: found in a folder or a table, and made into a library."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lesionviewer.core.decoded import DecodedFile, DecodeRequest
from lesionviewer.core.errors import DatasetError
from lesionviewer.core.files import sorted_images
from lesionviewer.core.metadata import (
    CONFIRMED,
    DIAGNOSIS,
    diagnosis_code,
    image_key,
    read_metadata,
)
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.doubt.own_library import LibraryRow
from lesionviewer.engine.explain.hiding import Progress, nothing
from lesionviewer.engine.pipeline import Decoder

_NO_CLASSES = (
    "{} has no sub-folders with images. Choose a folder that has one sub-folder for each diagnosis."
)
_NO_PICTURES = (
    "None of the images that {} names with a diagnosis lies in its folder. Put the table beside "
    "the pictures."
)


@dataclass(frozen=True, slots=True)
class ConfirmedImage:
    """A picture whose diagnosis is known, and how that was confirmed; empty if not said."""

    path: Path
    diagnosis: str
    confirmation: str = ""


def confirmed_images(source: Path) -> list[ConfirmedImage]:
    """Return the images of a folder with a sub-folder for each diagnosis, or of a table.

    Args:
        source: The folder, whose sub-folders have the diagnoses' codes or names; or a CSV as
            `core.metadata` reads it, whose pictures lie anywhere below its folder.

    Raises:
        DatasetError: There are no such images.
    """
    return _of_folder(source) if source.is_dir() else _of_table(source)


def _of_folder(folder: Path) -> list[ConfirmedImage]:
    try:
        classes = sorted(place for place in folder.iterdir() if place.is_dir())
    except OSError as error:
        raise DatasetError(f"The folder {folder.name} cannot be read.") from error
    found = [
        ConfirmedImage(image.path, code)
        for place in classes
        if (code := diagnosis_code(place.name))
        for image in sorted_images([place], recursive=True)
    ]
    if not found:
        raise DatasetError(_NO_CLASSES.format(folder.name))
    return found


def _of_table(table: Path) -> list[ConfirmedImage]:
    rows = read_metadata(table).rows
    found = []
    for image in sorted_images([table.parent], recursive=True):
        row = rows.get(image_key(image.path), {})
        if code := row.get(DIAGNOSIS, ""):
            found.append(ConfirmedImage(image.path, code, row.get(CONFIRMED, "")))
    if not found:
        raise DatasetError(_NO_PICTURES.format(table.name))
    return found


def library_rows(
    images: Sequence[ConfirmedImage],
    pool: Decoder,
    classifier: Classifier,
    *,
    progress: Progress = nothing,
    on_unreadable: Callable[[ConfirmedImage], None],
) -> Iterator[LibraryRow]:
    """Yield a row for each image that can be read.

    One batch is decoded and then predicted, not side by side: whoever reads meanwhile comes first.

    Args:
        images: As `confirmed_images` returns them.
        pool: Decodes them.
        classifier: Of the model that the library is for.
        progress: Called before each batch with the images done, of how many. What it raises ends
            the work.
        on_unreadable: Called with each other image.

    Raises:
        EngineError: The engine failed.
    """
    size, count = classifier.card.input_px, classifier.batch_size
    for start in range(0, len(images), count):
        progress(start, len(images))
        batch = images[start : start + count]
        waiting = [pool.submit(DecodeRequest(path=image.path, input_px=size)) for image in batch]
        squares, kept = [], []
        for image, future in zip(batch, waiting, strict=True):
            file = future.result()
            if isinstance(file, DecodedFile) and file.model_input is not None:
                squares.append(file.model_input)
                kept.append(image)
            else:
                on_unreadable(image)
        if squares:
            embeddings = classifier.predict(np.stack(squares)).embedding
            for image, embedding in zip(kept, embeddings, strict=True):
                yield LibraryRow(embedding, image.diagnosis, image.path, image.confirmation)
