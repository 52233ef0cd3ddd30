"""A reader's own confirmed images: kept beside the program's other data, found with the rest.

Vectors lie in `vectors.safetensors`, names, diagnoses and paths in `library.json`. Both belong to
the model that made the embeddings: another one would find nonsense.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.errors import StoreError
from lesionviewer.core.user_dirs import data_dir
from lesionviewer.engine.doubt.library import ReferenceImage, ReferenceLibrary
from lesionviewer.engine.doubt.reduction import Reduction, to_length_1

VECTORS, WORDS = "vectors.safetensors", "library.json"
_SCHEMA = 1


@dataclass(frozen=True, slots=True, eq=False)
class LibraryRow:
    """One confirmed image: its embedding as the engine gives it, (d,), its diagnosis and file."""

    embedding: NDArray[np.float32]
    diagnosis: str
    path: Path
    confirmation: str = ""


def libraries_dir() -> Path:
    """Return the folder that holds a folder for each of the reader's libraries."""
    return data_dir() / "libraries"


@dataclass(frozen=True, slots=True, eq=False)
class KeptLibrary:
    """One of the reader's libraries as it lies on disk.

    Attributes:
        folder: Where it lies.
        library: What it holds; None if it cannot be used with the model that is open.
        reason: Why not; empty if it can.
    """

    folder: Path
    library: ReferenceLibrary | None
    reason: str = ""

    @property
    def name(self) -> str:
        """What the reader called it, or its folder's name."""
        return self.library.images[0].source if self.library else self.folder.name


def kept_libraries(
    folder: Path, bundle: ModelBundle, reduction: Reduction | None
) -> list[KeptLibrary]:
    """Return every library below `folder`, by name.

    Args:
        folder: Holds a folder for each.
        bundle: The model that is open.
        reduction: Its reduction; None for a model that finds no similar cases.
    """
    if reduction is None or not folder.is_dir():
        return []
    kept = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        try:
            library = load_library(place, bundle, width=len(reduction.directions))
            kept.append(KeptLibrary(place, library))
        except StoreError as error:
            kept.append(KeptLibrary(place, None, str(error)))
    return kept


def free_name(folder: Path, wanted: str) -> str:
    """Return `wanted`, or that with a number, so that no library below `folder` has it."""
    name, number = wanted, 1
    while (folder / name).exists():
        number += 1
        name = f"{wanted} {number}"
    return name


def remove_library(folder: Path) -> None:
    """Remove a library that `save_library` wrote; the pictures stay where they are.

    Raises:
        StoreError: It cannot be removed.
    """
    try:
        for name in (WORDS, VECTORS):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()
    except OSError as error:
        raise StoreError(
            f"The library {folder.name} cannot be removed. Check that the program's data folder "
            "can be written to and holds nothing else there."
        ) from error


def build_library(name: str, rows: Iterable[LibraryRow], reduction: Reduction) -> ReferenceLibrary:
    """Return a library of a reader's own images.

    Args:
        name: What it is called where a similar case is shown.
        rows: The images; taken one by one, so that any number fits.
        reduction: Of the model that made the embeddings.

    Raises:
        StoreError: There is no image.
    """
    images, vectors = [], []
    for row in rows:
        images.append(
            ReferenceImage(row.path.stem, row.diagnosis, row.confirmation, name, row.path)
        )
        vectors.append(reduction.reduce(row.embedding[None])[0])
    if not images:
        raise StoreError(f"The library {name} would be empty. Choose a folder with images.")
    return ReferenceLibrary(images, np.stack(vectors))


def save_library(library: ReferenceLibrary, folder: Path, bundle: ModelBundle) -> None:
    """Write a library of a reader's own images into `folder`, over one that lies there.

    Raises:
        StoreError: It cannot be written.
    """
    from safetensors.numpy import save

    entries = [
        {
            "id": image.id,
            "diagnosis": image.diagnosis,
            "confirmation": image.confirmation,
            "path": str(image.path or ""),
        }
        for image in library.images
    ]
    words = {
        "schema": _SCHEMA,
        "name": library.images[0].source,
        "model": bundle.card.id,
        "card_sha256": bundle.digest,
        "images": entries,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        vectors = save({"vectors": np.ascontiguousarray(library.vectors, np.float16)})
        _replace(folder / VECTORS, vectors)
        _replace(folder / WORDS, json.dumps(words, ensure_ascii=False, indent=1).encode("utf-8"))
    except (OSError, UnicodeEncodeError) as error:
        raise StoreError(
            "The library cannot be written. Check that there is room and that the program's data "
            "folder can be written to."
        ) from error


def load_library(folder: Path, bundle: ModelBundle, *, width: int) -> ReferenceLibrary:
    """Return the library that `save_library` wrote into `folder`.

    Args:
        folder: Where it lies.
        bundle: The model that is open.
        width: Numbers of its reduced embeddings, r.

    Raises:
        StoreError: It is damaged, or was made with another model.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        words: dict[str, Any] = json.loads((folder / WORDS).read_text("utf-8"))
        made_with = words["card_sha256"], words["schema"]
        name = str(words["name"])
        images = [
            ReferenceImage(
                str(entry["id"]),
                str(entry["diagnosis"]),
                str(entry["confirmation"]),
                name,
                Path(entry["path"]) if entry["path"] else None,
            )
            for entry in words["images"]
        ]
        vectors = load((folder / VECTORS).read_bytes())["vectors"]
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"The library {folder.name} cannot be read. Add it again.") from error
    if made_with != (bundle.digest, _SCHEMA):
        raise StoreError(
            f"The library {name} was made with another model than {bundle.card.id}. Add its "
            "images again."
        )
    if vectors.shape != (len(images), width) or not np.isfinite(vectors).all():
        raise StoreError(f"The library {name} is damaged. Add its images again.")
    return ReferenceLibrary(images, to_length_1(vectors))


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
