"""Which images a model was trained on or chosen by, known again wherever they lie."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.errors import BundleError, DatasetError
from training.datasets import LabelledImage
from training.manifest import digests

NAME = "seen.safetensors"
SIDES = ("train", "val")
_HEX = 16
_THREADS = 4


def write_seen(folder: Path, run: Path) -> None:
    """Write into a bundle's folder what its run was trained on and chosen by.

    Of each image file the first 64 bits of its SHA-256: enough to tell files apart, and nothing
    that a picture could be made from.
    """
    from safetensors.numpy import save_file

    sides = digests(run)
    arrays = {
        side: np.array(sorted(int(text[:_HEX], 16) for text in sides.get(side, ())), np.uint64)
        for side in SIDES
    }
    save_file(arrays, str(folder / NAME))


def read_seen(bundle: ModelBundle) -> Mapping[str, NDArray[np.uint64]]:
    """Return by side the sorted beginnings of digests; empty for a bundle that does not say.

    Raises:
        BundleError: The file is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if not bundle.has(NAME):
        return {}
    try:
        arrays = load(bundle.read(NAME))
        return {side: np.asarray(arrays[side], np.uint64) for side in SIDES}
    except (SafetensorError, KeyError, ValueError) as error:
        raise BundleError(f"The model's {NAME} is damaged. Copy the bundle again.") from error


def sides_of(images: Sequence[LabelledImage], seen: Mapping[str, NDArray[np.uint64]]) -> list[str]:
    """Return for each image the side on which the model saw it, empty if it did not.

    Raises:
        DatasetError: A file cannot be read.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        starts = np.array(list(pool.map(_start, images)), np.uint64)
    sides = np.full(len(images), "", dtype="<U5")
    for side, known in seen.items():
        sides[np.isin(starts, known)] = side
    return [str(side) for side in sides]


def _start(image: LabelledImage) -> int:
    try:
        with image.path.open("rb") as file:
            return int(hashlib.file_digest(file, "sha256").hexdigest()[:_HEX], 16)
    except OSError as error:
        raise DatasetError(f"{image.path} cannot be read ({error.strerror}).") from error
