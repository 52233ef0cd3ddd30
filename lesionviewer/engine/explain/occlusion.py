"""Occlusion: how much probability a diagnosis loses when a patch is hidden, patch by patch."""

import numpy as np

from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.explain.hiding import (
    Floats,
    Pixels,
    Progress,
    blurred,
    nothing,
    probabilities,
)

_CELLS = 7
_PATCHES = 2 * _CELLS - 1


def occlusion(
    classifier: Classifier, square: Pixels, diagnosis: int, *, progress: Progress = nothing
) -> Floats:
    """Slide a hidden patch over the picture (Zeiler and Fergus 2014, section 4.2).

    The patch is a seventh of the edge wide and moves by half of that: 170 passes. What it hides
    shows the blurred picture instead of grey.

    Args:
        classifier: Of any engine.
        square: What the network saw, (s, s, 3).
        diagnosis: Its place in the card, 0 to k - 1.
        progress: Called before each batch with the passes done, of how many. What it raises ends
            the work.

    Returns:
        The fall of the probability at each place, averaged over the patches that cover it,
        (14, 14), -1.0 to 1.0: negative where hiding makes the diagnosis more probable.

    Raises:
        EngineError: The engine failed.
    """
    size, fill = len(square), blurred(square)
    edges = np.rint(np.linspace(0, size, 2 * _CELLS + 1)).astype(int)
    places = [(row, column) for row in range(_PATCHES) for column in range(_PATCHES)]
    pictures = np.repeat(square[None], len(places) + 1, axis=0)
    for picture, (row, column) in zip(pictures[1:], places, strict=True):
        rows, columns = (slice(edges[at], edges[at + 2]) for at in (row, column))
        picture[rows, columns] = fill[rows, columns]
    found = probabilities(classifier, pictures, progress=progress)[:, diagnosis]
    return _shared_out(found[0] - found[1:].reshape(_PATCHES, _PATCHES))


def _shared_out(falls: Floats) -> Floats:
    """Return the mean over the patches that cover each half cell, one more along each edge."""
    total, count = (np.zeros((2 * _CELLS, 2 * _CELLS), np.float32) for _ in range(2))
    for down in (0, 1):
        for across in (0, 1):
            covered = np.s_[down : down + _PATCHES, across : across + _PATCHES]
            total[covered] += falls
            count[covered] += 1
    return np.asarray(total / count, np.float32)
