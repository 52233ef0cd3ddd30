"""Removes pixels so that their absence tells nothing: noisy linear imputation (ROAD)."""

import numpy as np
from numpy.typing import NDArray

_NOISE = 0.01
"""Standard deviation of the noise over the range of the pixels, as in the paper's code."""
_STRAIGHT, _DIAGONAL = 1 / 6, 1 / 12
_NEIGHBOURS = [
    (down, across, _DIAGONAL if down and across else _STRAIGHT)
    for down in (-1, 0, 1)
    for across in (-1, 0, 1)
    if down or across
]


def imputed(
    square: NDArray[np.uint8], removed: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return a picture whose removed pixels are means of their eight neighbours, and some noise.

    Neighbours across an edge weigh 1/6, across a corner 1/12; the means hold for all removed pixels
    at once, a sparse linear system (Rong et al. 2022, A consistent and efficient evaluation
    strategy for attribution methods, section on noisy linear imputation).

    Args:
        square: The picture, (s, s, 3).
        removed: What to take away, (s, s), not everything.
        rng: Draws the noise.
    """
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import splu

    rows, columns = np.nonzero(removed)
    if not len(rows):
        return square
    number = np.full(removed.shape, -1)
    number[removed] = np.arange(len(rows))
    own, known = np.zeros(len(rows)), np.zeros((len(rows), 3))
    entries: list[tuple[NDArray[np.intp], NDArray[np.intp], float]] = []
    for down, across, weight in _NEIGHBOURS:
        there, beside = _inside(rows + down, columns + across, len(removed))
        other = number[beside]
        mine = np.flatnonzero(there)
        own[mine] += weight
        known[mine] += np.where((other < 0)[:, None], weight * square[beside], 0.0)
        entries.append((mine[other >= 0], other[other >= 0], -weight))
    diagonal = np.arange(len(rows))
    values = np.concatenate([own, *(np.full(len(i), weight) for i, _, weight in entries)])
    places = tuple(
        np.concatenate([diagonal, *(entry[axis] for entry in entries)]) for axis in (0, 1)
    )
    system = csc_array((values, places), shape=(len(rows), len(rows)))
    found = splu(system, permc_spec="MMD_AT_PLUS_A").solve(known)
    noise = rng.normal(0, 255 * _NOISE, found.shape)
    result = square.copy()
    result[removed] = np.clip(np.rint(found + noise), 0, 255).astype(np.uint8)
    return result


def _inside(
    rows: NDArray[np.intp], columns: NDArray[np.intp], size: int
) -> tuple[NDArray[np.bool_], tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return which places lie in the picture, and those."""
    there = (rows >= 0) & (rows < size) & (columns >= 0) & (columns < size)
    return there, (rows[there], columns[there])
