"""Embeddings turned into few numbers that keep what varies between lesions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Reduction:
    """A projection fitted on training images.

    Attributes:
        mean: Of their embeddings as `to_unit` gives them, (d,).
        directions: Orthonormal rows, the one of largest variance first, (r, d).
    """

    mean: Floats
    directions: Floats

    def project(self, unit: Floats) -> Floats:
        """Return what `to_unit` gives, centred, along the directions, (n, d) → (n, r)."""
        return products(unit - self.mean, self.directions)

    def reduce(self, embedding: NDArray[Any]) -> Floats:
        """Return embeddings as similar cases are looked for by, of length 1, (n, d) → (n, r)."""
        return to_length_1(self.project(to_unit(embedding)))


def products(first: Floats, second: Floats) -> Floats:
    """Return the products of all pairs of rows, (n, d) and (r, d) → (n, r).

    One dot product at a time: for so little work, the threads of a matrix product wait for one
    another, on a busy machine a thousand times as long as the product takes.
    """
    return np.asarray(np.vecdot(first[:, None, :], second[None]), np.float32)


def to_unit(embedding: NDArray[Any]) -> Floats:
    """Return square roots of embeddings (with their sign), then of length 1, (n, d).

    So that no few large features decide alone, as for other histograms (Arandjelović and Zisserman
    2012, "RootSIFT").
    """
    single = np.asarray(embedding, np.float32)
    return to_length_1(np.copysign(np.sqrt(np.abs(single)), single))


def to_length_1(rows: NDArray[Any]) -> Floats:
    """Return each row divided by its Euclidean norm, (n, d) float32; a row of zeros stays so."""
    single = np.asarray(rows, np.float32)
    norms = np.sqrt(np.einsum("ij,ij->i", single, single))[:, None]
    return np.asarray(single / np.maximum(norms, 1e-12), np.float32)
