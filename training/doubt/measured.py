"""What a bundle's graph says of many images: logits and embeddings."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import ImageError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.classifier import Classifier
from training.datasets import LabelledImage, numbers
from training.pixels import read_pixels

Floats = NDArray[np.float32]
Square = NDArray[np.uint8]
_BATCH = 64


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Outputs for n images.

    Attributes:
        logits: Not calibrated, (n, k).
        embedding: As the engine gives it, (n, d).
        images: The images, where they have diagnoses; else empty.
    """

    logits: Floats
    embedding: Floats
    images: tuple[LabelledImage, ...] = ()

    def __len__(self) -> int:
        return len(self.logits)

    def truth(self, codes: Sequence[str]) -> NDArray[np.intp]:
        """Return the images' diagnoses as places in `codes`, (n,)."""
        return numbers(self.images, codes)

    def probabilities(self, temperature: float) -> Floats:
        """Return calibrated probabilities, (n, k)."""
        return calibrated(self.logits, temperature)


def measure_squares(classifier: Classifier, squares: Iterable[Square]) -> Measured:
    """Return what the graph says of squares as the network sees them."""
    card = classifier.card
    logits = [np.empty((0, len(card.codes)), np.float32)]
    embedding: list[Floats] = []
    for some in _parts(squares):
        raw = classifier.predict(np.stack(some))
        logits.append(raw.logits)
        embedding.append(raw.embedding)
    return Measured(np.concatenate(logits), _joined(embedding))


def measure_files(classifier: Classifier, files: Sequence[Path], *, threads: int = 2) -> Measured:
    """Return what the graph says of the files that can be read."""
    measured, _ = _measure(classifier, files, lambda path: path, threads)
    return measured


def measure_images(
    classifier: Classifier, images: Sequence[LabelledImage], *, threads: int = 2
) -> Measured:
    """Return what the graph says of the images whose files can be read."""
    measured, kept = _measure(classifier, images, lambda image: image.path, threads)
    return Measured(measured.logits, measured.embedding, tuple(kept))


def _measure(
    classifier: Classifier, items: Sequence[Any], path_of: Callable[[Any], Path], threads: int
) -> tuple[Measured, list[Any]]:
    size, kept = classifier.card.input_px, []

    def read(item: Any) -> tuple[Any, Square | None]:
        try:
            return item, cut_square(read_pixels(path_of(item))[0], size=size)
        except ImageError:
            return item, None

    def squares() -> Iterable[Square]:
        with ThreadPoolExecutor(threads) as pool:
            # By parts: `map` would read the whole of a large set ahead of the engine.
            for some in _parts(items):
                for item, square in pool.map(read, some):
                    if square is not None:
                        kept.append(item)
                        yield square

    return measure_squares(classifier, squares()), kept


def _parts(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, _BATCH)):
        yield some


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.empty((0, 0), np.float32)
