"""Which image is decoded next, for what: the open one, its neighbours, the visible, the rest."""

from collections import deque
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from threading import Lock


class Rank(IntEnum):
    """How urgent an image is; the lowest goes first."""

    OPEN = 0
    NEIGHBOUR = 1
    VISIBLE = 2
    REST = 3


@dataclass(frozen=True, slots=True)
class Task:
    """One image to decode.

    Attributes:
        generation: The set of images it belongs to; tasks of an older set are dropped.
        image: Position in the set.
        path: Its file.
        rank: How urgent it is.
        classify: Whether the network's input is wanted.
        thumbnail: Whether a thumbnail is wanted.
        full: Whether the whole picture is wanted.
    """

    generation: int
    image: int
    path: Path
    rank: Rank
    classify: bool
    thumbnail: bool
    full: bool


_IDLE, _RUNNING, _DONE = range(3)


class DecodePlan:
    """Hands out one task at a time, and only so many that a more urgent one soon gets its turn.

    Safe to use from any thread. Every call costs constant time, apart from what was just wished
    for; the rest of a set is walked through once.
    """

    def __init__(self, *, limit: int, ahead: int) -> None:
        """Plan for nothing yet.

        Args:
            limit: Tasks that may be on their way at once; two more if they are for the open image
                or its neighbours.
            ahead: Decoded images that may wait for the network before decoding pauses.
        """
        self._lock = Lock()
        self._limit, self._ahead = limit, ahead
        self._generation = 0
        self._paused = False
        self._thumbnails_for_all = True
        self._clear()

    def _clear(self) -> None:
        self._paths: list[str] = []
        self._stage = bytearray()
        self._next = 0
        self._flying = 0
        self._waiting = 0
        self._inputs_flying = 0
        self._full: deque[tuple[int, Rank]] = deque()
        self._visible: deque[int] = deque()
        self._thumbnails: set[int] = set()
        self._thumbnails_flying: set[int] = set()

    @property
    def generation(self) -> int:
        """Number of the current set of images."""
        return self._generation

    @property
    def inputs_coming(self) -> bool:
        """Whether an input for the network is on its way, so that a batch may wait for it."""
        return self._inputs_flying > 0

    def restart(self) -> int:
        """Forget every image and task. Returns the number of the new set."""
        with self._lock:
            self._generation += 1
            self._paused = False
            self._thumbnails_for_all = True
            self._clear()
            return self._generation

    def extend(self, paths: Sequence[Path]) -> None:
        """Append images that wait for a prediction."""
        with self._lock:
            self._paths.extend(map(str, paths))
            self._stage.extend(bytes(len(paths)))

    def renew(self) -> int:
        """Let every image wait for a prediction again. Returns the number of the new set."""
        with self._lock:
            paths = self._paths
            self._generation += 1
            self._clear()
            self._paths, self._stage = paths, bytearray(len(paths))
            return self._generation

    def skip(self, generation: int, images: Iterable[int]) -> bool:
        """Leave images out that are known by now. False if they are of an older set."""
        with self._lock:
            if generation != self._generation:
                return False
            for image in images:
                if self._stage[image] == _IDLE:
                    self._stage[image] = _DONE
            return True

    def forget(self, image: int) -> None:
        """Let `image` be classified again if it was: its activation maps are gone."""
        with self._lock:
            if self._stage[image] == _DONE:
                self._stage[image] = _IDLE

    def want_full(self, images: Sequence[int], *, have: Container[int]) -> None:
        """Wish for whole pictures. Replaces older wishes of this kind.

        Args:
            images: The open one, which goes before everything else, then those that are likely to
                be opened next.
            have: Images whose whole pictures are at hand already.
        """
        with self._lock:
            ranks = (Rank.OPEN, *[Rank.NEIGHBOUR] * len(images))
            self._full = deque(
                (image, rank)
                for image, rank in zip(images, ranks, strict=False)
                if image not in have or (rank is Rank.OPEN and self._stage[image] == _IDLE)
            )

    def want_visible(self, images: Iterable[int], thumbnails: Iterable[int]) -> None:
        """Wish for the images in sight, and for the thumbnails of some. Replaces older wishes."""
        with self._lock:
            self._visible = deque(images)
            self._thumbnails = set(thumbnails) - self._thumbnails_flying

    def set_paused(self, paused: bool) -> None:
        """Classify no more than the open image, or go on with all."""
        with self._lock:
            self._paused = paused

    def spare_thumbnails(self) -> None:
        """Stop making thumbnails of images that nobody sees: there is no room for them."""
        with self._lock:
            self._thumbnails_for_all = False

    def take(self) -> Task | None:
        """Return the next task, or None while enough are on their way or nothing is left."""
        with self._lock:
            return self._take_full() or self._take_visible() or self._take_rest()

    def landed(self, task: Task, *, waits: bool) -> bool:
        """Note that `task` came to its end. False if it is one of an older set.

        Args:
            task: What was taken.
            waits: Whether its input now waits for the network.
        """
        with self._lock:
            if task.generation != self._generation:
                return False
            self._flying -= 1
            self._inputs_flying -= task.classify
            if task.thumbnail:
                self._thumbnails_flying.discard(task.image)
            self._waiting += waits
            if task.classify and not waits:
                self._stage[task.image] = _DONE
            return True

    def classified(self, generation: int, images: Sequence[int]) -> bool:
        """Note that the network is done with `images`. False if they are of an older set."""
        with self._lock:
            if generation != self._generation:
                return False
            self._waiting -= len(images)
            for image in images:
                self._stage[image] = _DONE
            return True

    def _take_full(self) -> Task | None:
        if not self._full or self._flying >= self._limit + 2:
            return None
        image, rank = self._full.popleft()
        return self._task(image, rank, full=True)

    def _take_visible(self) -> Task | None:
        while self._visible and self._flying < self._limit:
            image = self._visible[0]
            idle = self._stage[image] == _IDLE and not self._paused
            if image not in self._thumbnails and idle and self._waiting >= self._ahead:
                return None
            self._visible.popleft()
            if image in self._thumbnails or idle:
                return self._task(image, Rank.VISIBLE)
        return None

    def _take_rest(self) -> Task | None:
        if self._paused or self._flying >= self._limit or self._waiting >= self._ahead:
            return None
        while self._next < len(self._stage):
            image, self._next = self._next, self._next + 1
            if self._stage[image] == _IDLE:
                return self._task(image, Rank.REST)
        return None

    def _task(self, image: int, rank: Rank, *, full: bool = False) -> Task:
        idle = self._stage[image] == _IDLE
        classify = idle and (not self._paused or rank is Rank.OPEN)
        if classify:
            self._stage[image] = _RUNNING
        thumbnail = image in self._thumbnails or (
            classify and rank >= Rank.VISIBLE and self._thumbnails_for_all
        )
        self._thumbnails.discard(image)
        if thumbnail:
            self._thumbnails_flying.add(image)
        self._flying += 1
        self._inputs_flying += classify
        path = Path(self._paths[image])
        return Task(self._generation, image, path, rank, classify, thumbnail, full)
