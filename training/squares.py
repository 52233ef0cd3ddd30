"""The centre squares of a data set, decoded once and kept in one memory-mapped file."""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import ImageError
from lesionviewer.core.preprocess import cut_square
from training.datasets import LabelledImage
from training.pixels import read_pixels

_SPARE = 9 / 7
"""Training squares are kept this much larger than the network's input, room for random crops."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a square lies, and the digest of the image file that it was cut from."""

    offset: int
    edge: int
    sha256: str


class SquareStore:
    """Squares by the path of their image.

    A square for training keeps the picture's own resolution up to a limit; any other is
    exactly what the viewer would show the network.
    """

    def __init__(self, folder: Path, entries: dict[Path, Entry], skipped: dict[Path, str]) -> None:
        self._bytes = np.memmap(folder / "squares.u8", np.uint8, mode="r")
        self._entries = entries
        self.skipped = skipped

    def __contains__(self, path: Path) -> bool:
        return path in self._entries

    def square(self, path: Path) -> NDArray[np.uint8]:
        """Return the RGB pixels of an image's square, (edge, edge, 3)."""
        entry = self._entries[path]
        flat = self._bytes[entry.offset : entry.offset + 3 * entry.edge**2]
        return np.asarray(flat).reshape(entry.edge, entry.edge, 3)

    def digest(self, path: Path) -> str:
        """Return the SHA-256 of an image's file."""
        return self._entries[path].sha256


def open_squares(
    folder: Path,
    images: Sequence[LabelledImage],
    *,
    size: int,
    threads: int,
    progress: Callable[[int, int], None],
) -> SquareStore:
    """Return the squares of `images`, decoding what is not kept in `folder` yet.

    An image that cannot be read is listed in `skipped` with the reason.

    Args:
        folder: Where the squares are kept.
        images: The data set.
        size: Edge of the network's input in pixels.
        threads: How many images are decoded at once.
        progress: Called with how many are done, of how many. What it raises ends the work.
    """
    index = folder / "squares.json"
    key = _key(images, size)
    if index.is_file() and (kept := json.loads(index.read_text("utf-8")))["key"] == key:
        entries = {Path(p): Entry(*fields) for p, fields in kept["entries"].items()}
        return SquareStore(folder, entries, {Path(p): r for p, r in kept["skipped"].items()})
    folder.mkdir(parents=True, exist_ok=True)
    entries, skipped, offset = {}, {}, 0

    def cut(image: LabelledImage) -> tuple[NDArray[np.uint8], str] | str:
        try:
            return _cut(image, size)
        except ImageError as error:
            return str(error)

    with (folder / "squares.u8").open("wb") as file, ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(images), 64):
            progress(start, len(images))
            some = images[start : start + 64]
            for image, found in zip(some, pool.map(cut, some), strict=True):
                if isinstance(found, str):
                    skipped[image.path] = found
                    continue
                square, sha256 = found
                entries[image.path] = Entry(offset, square.shape[0], sha256)
                offset += file.write(square.tobytes())
    document = {
        "key": key,
        "entries": {str(p): [e.offset, e.edge, e.sha256] for p, e in entries.items()},
        "skipped": {str(p): reason for p, reason in skipped.items()},
    }
    partial = index.with_suffix(".partial")
    partial.write_text(json.dumps(document), "utf-8")
    partial.replace(index)
    return SquareStore(folder, entries, skipped)


def _cut(image: LabelledImage, size: int) -> tuple[NDArray[np.uint8], str]:
    pixels, sha256 = read_pixels(image.path)
    if image.split == "train":
        size = min(*pixels.shape[:2], round(size * _SPARE))
    return cut_square(pixels, size=size), sha256


def _key(images: Sequence[LabelledImage], size: int) -> str:
    digest = hashlib.sha256(str(size).encode())
    for image in images:
        stat = image.path.stat()
        digest.update(f"{image.path}|{image.split}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
