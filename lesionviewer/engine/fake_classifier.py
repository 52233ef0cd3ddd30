"""An engine for tests and screenshots: it computes from the pixels, and knows no lesions."""

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.card import ModelCard
from lesionviewer.engine.classifier import RawOutput

_CELLS = 7


class FakeClassifier:
    """Finds light and dark, red, green and blue, and calls them diagnoses.

    The same pixels always give the same output, and the heat of a diagnosis lies where its colour
    is: a bright spot speaks for the last but two of seven diagnoses, a dark picture for the next.
    """

    def __init__(self, card: ModelCard, *, batch_size: int = 8) -> None:
        self._card = card
        self._batch_size = batch_size

    @property
    def card(self) -> ModelCard:
        """The card it pretends to work for."""
        return self._card

    @property
    def name(self) -> str:
        """What the status bar shows."""
        return "CPU · made-up figures"

    @property
    def engine(self) -> str:
        """The engine for the CSV."""
        return "fake"

    @property
    def batch_size(self) -> int:
        """How many images one pass takes."""
        return self._batch_size

    def predict(self, batch: NDArray[np.uint8]) -> RawOutput:
        """Compute from mean colours in 7 × 7 cells."""
        features = self._features(batch)
        maps = features @ self._kernel()
        return RawOutput(maps.mean((1, 2)), maps, features.mean((1, 2)))

    @staticmethod
    def _features(batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return light and dark of each colour in each cell, (n, 7, 7, 6), 0.0 to 0.75."""
        level = batch.astype(np.float32) / np.float32(255)
        both = np.concatenate([np.maximum(level - 0.25, 0), np.maximum(0.25 - level, 0)], axis=-1)
        edges = np.linspace(0, batch.shape[1], _CELLS + 1).astype(int)[:-1]
        sums = np.add.reduceat(np.add.reduceat(both, edges, axis=1), edges, axis=2)
        widths = np.diff([*edges, batch.shape[1]])
        cells: NDArray[np.float64] = sums / np.outer(widths, widths)[None, :, :, None]
        return cells.astype(np.float32)

    def _kernel(self) -> NDArray[np.float32]:
        """Return what each feature says for each diagnosis, (6, k)."""
        count = len(self._card.diagnoses)
        angle = np.outer(np.arange(6), np.arange(count)) * (2 * np.pi / max(6, count))
        kernel = 3 * np.cos(angle)
        kernel[:3, -3 % count] = 400
        kernel[3:, -2 % count] = 6
        return np.asarray(kernel, np.float32)

    def close(self) -> None:
        """Nothing to free."""
