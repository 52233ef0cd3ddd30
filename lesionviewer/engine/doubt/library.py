"""Reference images with confirmed diagnoses, and the ones most like an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesionviewer.engine.doubt.nearest import NearestRows

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ReferenceImage:
    """One image of a library.

    Attributes:
        id: Its name, as the data set or the reader gave it.
        diagnosis: Code of its confirmed diagnosis.
        confirmation: How it was confirmed, such as `histo`; empty if that is not known.
        source: The data set or library that it belongs to.
        path: Where the picture lay when a reader's own library was made; None for the others.
    """

    id: str
    diagnosis: str
    confirmation: str = ""
    source: str = ""
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A reference image and its cosine to the image it was found for, -1.0 to 1.0."""

    image: ReferenceImage
    similarity: float


class ReferenceLibrary:
    """Images and their reduced embeddings."""

    def __init__(self, images: Sequence[ReferenceImage], vectors: Floats) -> None:
        """Take what `engine.doubt.reading` or `engine.doubt.own_library` has read.

        Args:
            images: In the order of `vectors`.
            vectors: As `Reduction.reduce` gives them, (n, r).
        """
        if len(images) != len(vectors):
            raise ValueError(f"{len(images)} images, but {len(vectors)} vectors")
        self.images, self.vectors = tuple(images), vectors
        self.rows = NearestRows(vectors)

    def __len__(self) -> int:
        return len(self.images)

    def nearest(self, reduced: Floats, count: int = 5) -> list[SimilarCase]:
        """Return the reference images most like one image, the nearest first.

        Args:
            reduced: The image's reduced embedding, (r,).
            count: How many to find.
        """
        places, cosines = self.rows.search(reduced[None], count)
        return [
            SimilarCase(self.images[int(place)], float(cosine))
            for place, cosine in zip(places[0], cosines[0], strict=True)
        ]


def nearest_of(
    libraries: Sequence[ReferenceLibrary], reduced: Floats, count: int = 5
) -> list[SimilarCase]:
    """Return the reference images of several libraries most like one image, the nearest first."""
    found = [case for library in libraries for case in library.nearest(reduced, count)]
    return nlargest(count, found, key=lambda case: case.similarity)
