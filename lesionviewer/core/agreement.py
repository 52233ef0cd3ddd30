"""How far two columns of diagnoses agree: of reader, model and truth, any two."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

_Z = 1.959963984540054
"""The normal distribution's 97.5 % quantile: intervals hold 95 %."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; not a number where nothing can be said.

    Attributes:
        value: The figure.
        low: Lower end.
        high: Upper end.
        n: Images that it rests on.
    """

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Two columns of diagnoses over the same images.

    Images of one lesion are counted as if they told of lesions of their own, so that the intervals
    are too narrow where there are many of them.

    Attributes:
        codes: The diagnoses, in the order of rows and columns.
        confusion: Images by diagnosis of the first and of the second column, (k, k) int64.
        recalls: For each diagnosis, the share of the first column's images that the second names
            too, 0.0 to 1.0.
        accuracy: Share of images on which both agree, 0.0 to 1.0.
        kappa: Cohen's kappa, -1.0 to 1.0.
    """

    codes: tuple[str, ...]
    confusion: NDArray[np.int64]
    recalls: tuple[Estimate, ...]
    accuracy: Estimate
    kappa: Estimate


def agreement(first: Sequence[str], second: Sequence[str], codes: Sequence[str]) -> Agreement:
    """Compare two columns.

    Args:
        first: A diagnosis for each image: the truth, or what is compared against.
        second: A diagnosis for each image.
        codes: The diagnoses that count; images on which either column has another are left out.

    Raises:
        ValueError: The columns are of different length.
    """
    table = confusion_matrix(first, second, codes)
    hits = np.diag(table)
    return Agreement(
        codes=tuple(codes),
        confusion=table,
        recalls=tuple(
            proportion(int(hit), int(n)) for hit, n in zip(hits, table.sum(axis=1), strict=True)
        ),
        accuracy=proportion(int(hits.sum()), int(table.sum())),
        kappa=cohens_kappa(table),
    )


def confusion_matrix(
    first: Sequence[str], second: Sequence[str], codes: Sequence[str]
) -> NDArray[np.int64]:
    """Return how many images each pair of diagnoses has, (k, k): rows are of `first`."""
    place = {code: number for number, code in enumerate(codes)}
    table = np.zeros((len(codes), len(codes)), np.int64)
    for one, other in zip(first, second, strict=True):
        if one in place and other in place:
            table[place[one], place[other]] += 1
    return table


def proportion(hits: int, n: int) -> Estimate:
    """Return `hits` of `n` with the score interval (Wilson 1927, J. Am. Stat. Assoc. 22, 209)."""
    if not n:
        return Estimate(nan, nan, nan, 0)
    share, width = hits / n, _Z * _Z / n
    middle = (share + width / 2) / (1 + width)
    half = _Z * sqrt(share * (1 - share) / n + width / (4 * n)) / (1 + width)
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half), n)


def cohens_kappa(table: NDArray[np.int64]) -> Estimate:
    """Return Cohen's kappa (1960, Educ. Psychol. Meas. 20, 37) of a square table of counts.

    The interval is the large-sample one of Fleiss, Cohen and Everitt (1969, Psychol. Bull. 72,
    323, formula 13), cut to -1 and 1.

    Args:
        table: (k, k), 0 or more.
    """
    n = int(table.sum())
    if not n:
        return Estimate(nan, nan, nan, 0)
    shares = table / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    seen, chance = float(np.trace(shares)), float(rows @ columns)
    if chance >= 1:  # both name one and the same diagnosis throughout
        return Estimate(nan, nan, nan, n)
    kappa = (seen - chance) / (1 - chance)
    sums = columns[:, None] + rows[None, :]
    weights = np.square(sums) * (1 - kappa) ** 2
    np.fill_diagonal(weights, np.square(1 - np.diag(sums) * (1 - kappa)))
    spread = float((shares * weights).sum()) - (kappa - chance * (1 - kappa)) ** 2
    half = _Z * sqrt(max(0.0, spread) / n) / (1 - chance)
    return Estimate(kappa, max(-1.0, kappa - half), min(1.0, kappa + half), n)
