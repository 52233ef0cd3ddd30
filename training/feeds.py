"""What the trained part of a network is fed: kept maps, or maps of fresh views."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Union

import numpy as np
from numpy.typing import NDArray

from training.cache import cache_key, fill_cache
from training.ranges import RANGES, Range
from training.squares import SquareStore
from training.views import RULES, random_view

Pixels = NDArray[np.uint8]
Maps = NDArray[np.float16]
Trunk = Callable[[Pixels], Maps | Pixels]
Rows = Union[Maps, "PlainPixels"]
"""What can be counted and sliced: maps, or pixels."""
Batches = Sequence[NDArray[np.intp]] | NDArray[np.intp]
Feed = Callable[[Batches, int, int], Iterator[Maps | Pixels]]
"""From an epoch's batches of image numbers, the epoch, and how many batches to leave out at its
beginning, to the other batches' maps, or pixels. A batch is the same whether any are left out."""


class Material:
    """The images of one split in a fixed order, as pixels.

    Args:
        squares: Where their squares are.
        paths: The images.
        size: Edge of the network's input in pixels.
        seed: Of the random views.
        within: How far they may differ from the images.
    """

    def __init__(
        self,
        squares: SquareStore,
        paths: Sequence[Path],
        size: int,
        seed: int,
        within: Range = RANGES["mild"],
    ) -> None:
        self._squares, self.paths, self._size, self._seed = squares, tuple(paths), size, seed
        self._within = within
        digests = [squares.digest(path) for path in paths]
        self.key = cache_key(digests, size, seed, RULES, repr(within))

    def plain(self, rows: Iterable[int]) -> Pixels:
        """Return images as the viewer shows them to the network, (n, s, s, 3)."""
        return np.stack([self._squares.square(self.paths[row]) for row in rows])

    def views(self, rows: Iterable[int], number: int) -> Pixels:
        """Return view `number` of images, (n, s, s, 3); the same number gives the same view."""
        chances = ((row, np.random.default_rng([self._seed, 2, number, row])) for row in rows)
        return np.stack(
            [
                random_view(
                    self._squares.square(self.paths[row]), rng, size=self._size, within=self._within
                )
                for row, rng in chances
            ]
        )


class PlainPixels:
    """All images of a split as the viewer shows them to the network, read when asked for."""

    def __init__(self, material: Material) -> None:
        self._material = material

    def __len__(self) -> int:
        return len(self._material.paths)

    def __getitem__(self, rows: slice) -> Pixels:
        return self._material.plain(range(len(self))[rows])


def kept_maps(
    material: Material,
    trunk: Callable[[Pixels], Maps],
    folder: Path,
    *,
    trunk_key: str,
    view: int | None,
    chunk: int,
    progress: Callable[[int, int], None],
) -> Maps:
    """Return the trunk's maps of a whole split, from `folder` or computed into it.

    Args:
        material: The split's images.
        trunk: Pixels to maps.
        folder: Where maps are kept.
        trunk_key: Tells trunks apart.
        view: Number of the random view; the plain images if None.
        chunk: Images a pass of the trunk.
        progress: See `fill_cache`.
    """
    path = folder / f"{cache_key(material.key, trunk_key, view)}.f16"
    pixels = material.plain if view is None else lambda rows: material.views(rows, view)
    batches = len(material.paths)
    with ThreadPoolExecutor(1) as pool:
        coming: dict[int, Future[Pixels]] = {}

        def make(rows: Sequence[int]) -> Maps:
            here = coming.pop(rows[0], None)
            following = range(rows[-1] + 1, min(batches, rows[-1] + 1 + chunk))
            if following:
                coming[following[0]] = pool.submit(pixels, following)
            return trunk(here.result() if here else pixels(rows))

        return fill_cache(path, batches, make, chunk=chunk, progress=progress)


def cached_feed(views: Sequence[Maps], *, seed: int) -> Feed:
    """Return a feed that draws, for each image, one of its kept views and turns its maps.

    The maps of a turned image are nearly the turned maps, so that turns come for free.
    """

    def feed(batches: Batches, epoch: int, first: int = 0) -> Iterator[Maps]:
        for number, rows in enumerate(batches[first:], start=first):
            rng = np.random.default_rng([seed, 3, epoch, number])
            maps = np.stack([views[int(rng.integers(len(views)))][row] for row in rows])
            for axis in (1, 2):
                flip = rng.random(len(maps)) < 0.5
                maps[flip] = np.flip(maps[flip], axis)
            swap = rng.random(len(maps)) < 0.5
            maps[swap] = maps[swap].swapaxes(1, 2)
            yield maps

    return feed


def fresh_feed(material: Material, trunk: Trunk, *, first_view: int) -> Feed:
    """Return a feed that shows every image in a view it never had, made while the last one is used.

    Args:
        material: The images to train on.
        trunk: Pixels to maps.
        first_view: Number of the view from which on views are new.
    """

    def feed(batches: Batches, epoch: int, first: int = 0) -> Iterator[Maps | Pixels]:
        def make(number: int, rows: NDArray[np.intp]) -> Maps | Pixels:
            # A row may be drawn several times in an epoch: the batch number makes its views differ.
            view = first_view + epoch * 1_000_000 + number
            return trunk(material.views([int(row) for row in rows], view))

        pool = ThreadPoolExecutor(1)
        pending: deque[Future[Maps | Pixels]] = deque()
        try:
            for number, rows in enumerate(batches[first:], start=first):
                pending.append(pool.submit(make, number, rows))
                if len(pending) > 2:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    return feed
