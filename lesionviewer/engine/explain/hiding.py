"""Hides parts of a picture in the order that a map gives them, and asks the network again."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.heat import enlarge
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.classifier import Classifier

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Progress = Callable[[int, int], None]
"""Called with how many passes are done, of how many. What it raises ends the work."""
STEPS = 10
SHARES: Floats = np.arange(STEPS + 1, dtype=np.float32) / np.float32(STEPS)
"""How much of the area is replaced at each point of a curve."""
_BLUR = 0.1
"""Standard deviation of the blur over the picture's edge: no structure of a lesion is left."""
_BLOB_CELLS = 4
_TIES_SEED = 0


def nothing(done: int, total: int) -> None:
    """Take note of progress, and do nothing."""


def blurred(square: Pixels) -> Pixels:
    """Return a picture (s, s, 3) without its structure: what hidden places are filled with.

    A fill of one colour would itself be an object with sharp edges, such as the dark frame of a
    dermatoscope; a blur keeps what the surroundings look like (Petsiuk et al. 2018, section 4.1).
    """
    import cv2

    return np.asarray(cv2.GaussianBlur(square, (0, 0), _BLUR * len(square)), np.uint8)


def blobs(size: int, rng: np.random.Generator) -> Floats:
    """Return a random map of connected regions about a quarter of the edge wide, (size, size)."""
    cells = rng.standard_normal((_BLOB_CELLS, _BLOB_CELLS)).astype(np.float32)
    return enlarge(cells, size, size)


def hotter_shares(heat: Floats, size: int) -> Floats:
    """Return the share of a picture's pixels that are hotter than each, 0.0 for the hottest.

    Only the order of `heat` counts, not its range. Equally hot places follow one another in
    connected regions that are always the same.

    Args:
        heat: Of any resolution, (h, w); enlarged as the viewer does.
        size: Edge of the picture in pixels.

    Returns:
        (size, size), 0.0 to less than 1.0, each value once.
    """
    ties = blobs(size, np.random.default_rng(_TIES_SEED))
    order = np.lexsort((-ties.ravel(), -enlarge(heat, size, size).ravel()))
    shares = np.empty(order.size, np.float32)
    shares[order] = np.arange(order.size) / order.size
    return shares.reshape(size, size)


def curves(
    classifier: Classifier,
    pictures: tuple[Pixels, Pixels],
    heats: Sequence[Floats],
    diagnosis: int,
    *,
    progress: Progress = nothing,
) -> Floats:
    """Return a diagnosis' probability while one picture turns into another, hottest places first.

    From the picture to its blur is deletion, from the blur to the picture insertion (Petsiuk et
    al. 2018, section 4.1). Takes 2 + 9 m passes.

    Args:
        classifier: Asked in batches of its own size, so that other work comes between.
        pictures: The first and the last, (s, s, 3) each.
        heats: m maps of any resolution and range, (h, w) each; only their order counts.
        diagnosis: Its place in the card, 0 to k - 1.
        progress: Called before each batch with the passes done, of how many. What it raises ends
            the work.

    Returns:
        (m, 11), 0.0 to 1.0: with 0, 10 … 100 % of the area replaced.

    Raises:
        EngineError: The engine failed.
    """
    first, last = pictures
    shares = SHARES[1:-1, None, None, None]
    steps = [
        np.where(hotter_shares(heat, len(first))[..., None] < shares, last, first) for heat in heats
    ]
    pictures_between = np.concatenate([first[None], *steps, last[None]])
    found = probabilities(classifier, pictures_between, progress=progress)[:, diagnosis]
    curve = np.empty((len(heats), len(SHARES)), np.float32)
    curve[:, 0], curve[:, -1] = found[0], found[-1]
    curve[:, 1:-1] = found[1:-1].reshape(len(heats), -1)
    return curve


def mean_height(curve: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the area below curves over equal steps from 0 to 1, (…, p) → (…), by trapezoids."""
    area = np.trapezoid(curve.astype(np.float64), axis=-1) / (curve.shape[-1] - 1)
    return np.asarray(area, np.float64)


def probabilities(
    classifier: Classifier, pictures: Pixels, *, progress: Progress = nothing
) -> Floats:
    """Return the calibrated probabilities of all diagnoses in each picture, (n, k), 0.0 to 1.0.

    Args:
        classifier: Asked for as many pictures at a time as suits it.
        pictures: (n, s, s, 3).
        progress: Called before every batch.

    Raises:
        EngineError: The engine failed.
    """
    size, found = classifier.batch_size, []
    for start in range(0, len(pictures), size):
        progress(start, len(pictures))
        logits = classifier.predict(pictures[start : start + size]).logits
        found.append(calibrated(logits, classifier.card.temperature))
    return np.concatenate(found)
