"""Pairs of nearest rows among many, by blocks, so that no n × n table is ever held."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Pairs = dict[tuple[int, int], float]
"""From two numbers, the smaller first, to how alike the two are."""

_BLOCK = 512


def near_pairs(
    rows: Rows,
    sides: NDArray[np.intp],
    *,
    least: float,
    most: int = 4,
    forms: Callable[[Rows], Iterable[Rows]] = lambda block: [block],
) -> Pairs:
    """Return the pairs of rows that are alike and stand on different sides.

    Args:
        rows: Unit vectors, or arrays that are unit vectors once flattened, (n, ...).
        sides: Side of each row, (n,). A row is compared with the rows of other sides only.
        least: Smallest product of two rows that makes them a pair.
        most: A row's pairs beyond this number, the least alike ones, are dropped.
        forms: Gives the forms in which a block of rows is compared with the others.
    """
    flat = rows.reshape(len(rows), -1)
    names, counts = np.unique(sides, return_counts=True)
    pairs: Pairs = {}
    if len(names) < 2:
        return pairs
    # The largest side only answers, which saves most of the work: it is the one to train on.
    numbers = np.flatnonzero(sides != names[counts.argmax()])
    for start in range(0, len(numbers), _BLOCK):
        block = numbers[start : start + _BLOCK]
        best = np.full((len(block), len(rows)), -1, np.float32)
        for form in forms(rows[block]):
            np.maximum(best, form.reshape(len(block), -1) @ flat.T, out=best)
        best[sides[block][:, None] == sides[None, :]] = -1
        _collect(pairs, block, best, least, most)
    return pairs


def _collect(pairs: Pairs, block: NDArray[np.intp], best: Rows, least: float, most: int) -> None:
    kept = min(most, best.shape[1])
    columns = np.argpartition(-best, kept - 1, axis=1)[:, :kept]
    for place, number in enumerate(block):
        for column in columns[place]:
            value = float(best[place, column])
            if value >= least:
                pairs[min(int(number), int(column)), max(int(number), int(column))] = value
