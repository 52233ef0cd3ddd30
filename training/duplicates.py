"""Near-duplicates: pictures of one photograph or lesion that pass for different ones."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import DatasetError, ImageError
from lesionviewer.core.preprocess import cut_square
from training.datasets import Dataset, LabelledImage
from training.embedding import Embed
from training.keypoints import EDGE, Match, match
from training.nearest import near_pairs
from training.pixels import read_pixels
from training.signatures import signatures, turned

LEAST_SIGNATURE, LEAST_EMBEDDING = 0.93, 0.75
"""From where on two pictures are compared by keypoints, which alone decide."""

Square = Callable[[int], NDArray[np.uint8]]
"""From an image's number to its square."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two images, by their numbers, that show one lesion."""

    first: int
    second: int
    match: Match


def find_pairs(
    square: Square,
    sides: Sequence[str] | NDArray[np.intp],
    *,
    embed: Embed | None = None,
    threads: int = 1,
) -> list[Pair]:
    """Return the near-duplicates among images of different sides.

    Signatures find copies that were resized, compressed, recoloured, mirrored or turned; with
    `embed` cropped ones are found too. What they find is compared by keypoints.

    Args:
        square: Gives an image's square.
        sides: Side of each image. Images of one side are not compared.
        embed: Gives embeddings; without it the search goes by signatures alone.
        threads: How many pairs are compared at once.
    """
    _, numbers = np.unique(np.asarray(sides), return_inverse=True)
    if len(set(numbers.tolist())) < 2:
        return []
    rows = signatures(_in_turn(square, len(numbers), threads))
    near = near_pairs(rows, numbers, least=LEAST_SIGNATURE, forms=turned)
    if embed is not None:
        rows = embed(_in_turn(square, len(numbers), threads))
        near |= near_pairs(rows, numbers, least=LEAST_EMBEDDING)
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(lambda pair: match(square(pair[0]), square(pair[1])), sorted(near))
        pairs = [Pair(*two, m) for two, m in zip(sorted(near), found, strict=True)]
    return [pair for pair in pairs if pair.match.decisive]


def leave_copies_out(
    images: Sequence[LabelledImage], pairs: Sequence[Pair]
) -> tuple[list[LabelledImage], list[str]]:
    """Return the images without those to train on that show what another split shows.

    What val shows of test is left out too if it can be spared: an image that was set aside from
    train, or one that another data set has in its test split.

    Args:
        images: All images of a run, each with its split.
        pairs: Near-duplicates among them.

    Returns:
        The images that stay, and a line on each that does not.

    Raises:
        DatasetError: A data set has a pair in its own val and test.
    """
    lines: dict[int, str] = {}
    remaining = []
    for pair in pairs:
        one, other = images[pair.first], images[pair.second]
        if one.split == other.split:
            continue
        spared = [image.split == "train" for image in (one, other)]
        if not any(spared):
            between = one.extra != other.extra
            spared = [i.split == "val" and (i.set_aside or between) for i in (one, other)]
        if not any(spared):
            remaining.append(
                f"{one.path.name} in {one.split} and {other.path.name} in {other.split}"
            )
            continue
        first = spared[0]
        left, kept = (one, other) if first else (other, one)
        lines[pair.first if first else pair.second] = (
            f"{left.path}: shows the same lesion as {kept.path.name} in {kept.split} "
            f"({pair.match.places} places agree)"
        )
    if remaining:
        raise DatasetError(
            f"Near-duplicates stand in two splits: {'; '.join(remaining[:5])}. Such a split leaks: "
            f"give both images one lesion_id, or leave one out ({len(remaining)} in all)."
        )
    return [image for n, image in enumerate(images) if n not in lines], list(lines.values())


def without_copies(
    images: Sequence[LabelledImage],
    square_of: Callable[[Path], NDArray[np.uint8]],
    *,
    embed: Embed | None = None,
    threads: int = 1,
) -> tuple[list[LabelledImage], list[str]]:
    """Find near-duplicates across the splits of a run and leave their training sides out.

    Args:
        images: All images of a run, each with its split.
        square_of: Gives the square of an image's file.
        embed: See `find_pairs`.
        threads: How many pairs are compared at once.

    Returns:
        The images that stay, and a line on each that does not.

    Raises:
        DatasetError: A pair stands in val and in test.
    """
    pairs = find_pairs(
        lambda n: square_of(images[n].path),
        [image.split for image in images],
        embed=embed,
        threads=threads,
    )
    return leave_copies_out(images, pairs)


def group_copies(dataset: Dataset, *, embed: Embed | None = None, threads: int = 1) -> Dataset:
    """Return `dataset` with near-duplicates under one lesion, where a split is yet to be made.

    Images with a lesion of their own are left as they are: their data set has said which belong
    together. Nothing is read where there is no other.
    """
    bare = [n for n, i in enumerate(dataset.images) if not i.split and not i.has_lesion]
    if not bare:
        return dataset
    pairs = find_pairs(
        lambda n: _read_square(dataset.images[bare[n]]),
        np.arange(len(bare)),
        embed=embed,
        threads=threads,
    )
    images = list(dataset.images)
    lesions = {image.lesion: image.lesion for image in images}

    def root(name: str) -> str:
        while lesions[name] != name:
            name = lesions[name]
        return name

    for pair in pairs:
        one, other = (root(images[bare[n]].lesion) for n in (pair.first, pair.second))
        lesions[max(one, other)] = min(one, other)
    return replace(dataset, images=tuple(replace(i, lesion=root(i.lesion)) for i in images))


def _read_square(image: LabelledImage) -> NDArray[np.uint8]:
    """Return the image's square, black where it cannot be read: black has no keypoints."""
    try:
        return cut_square(read_pixels(image.path)[0], size=EDGE)
    except ImageError:
        return np.zeros((EDGE, EDGE, 3), np.uint8)


def _in_turn(square: Square, count: int, threads: int) -> Iterator[NDArray[np.uint8]]:
    """Yield all squares; a few are made ahead, so that memory stays bounded."""
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, count, 64):
            yield from pool.map(square, range(start, min(count, start + 64)))
