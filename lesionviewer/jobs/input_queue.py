"""Decoded images that wait for the network, and the batches they are taken in."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.region import SquareRegion
from lesionviewer.jobs.decode_plan import Rank


@dataclass(frozen=True, slots=True, eq=False)
class NetworkInput:
    """One image as the network takes it, or the square of a picture that is still to be cut.

    Attributes:
        generation: The set of images it belongs to.
        image: Position in the set.
        rank: How urgent it is.
        pixels: What the network sees, (size, size, 3); the whole picture if `chosen_region`.
        region: The square of the upright picture.
        chosen_region: Whether a reader chose `region`, so that it is to be cut from `pixels`.
        sha256: Of the file; empty where a prediction is not to be kept.
    """

    generation: int
    image: int
    rank: Rank
    pixels: NDArray[np.uint8]
    region: SquareRegion
    chosen_region: bool = False
    sha256: str = ""


class InputQueue:
    """Inputs by urgency, first come first served within a rank. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._inputs: list[NetworkInput] = []
        self._open = -1

    def put(self, item: NetworkInput) -> None:
        """Add an input. One of a chosen region replaces an older one of the same image."""
        if item.chosen_region:
            self.drop_chosen(item.image)
        with self._lock:
            self._inputs.append(item)

    def put_chosen(
        self, generation: int, image: int, pixels: NDArray[np.uint8], region: SquareRegion
    ) -> None:
        """Add the square of the open picture that a reader chose, (height, width, 3)."""
        self.put(NetworkInput(generation, image, Rank.OPEN, pixels, region, chosen_region=True))

    def drop_chosen(self, image: int) -> None:
        """Forget the chosen region of `image`, if one waits."""
        with self._lock:
            self._inputs = [
                other
                for other in self._inputs
                if not (other.chosen_region and other.image == image)
            ]

    def prefer(self, image: int) -> None:
        """Let `image` go before all others from now on."""
        with self._lock:
            self._open = image

    def clear(self) -> None:
        """Forget every input."""
        with self._lock:
            self._inputs.clear()
            self._open = -1

    def take(
        self, size: int, *, more_coming: bool, urgent_only: bool = False
    ) -> Sequence[NetworkInput]:
        """Return the next batch, empty if it is better to wait until it is full.

        What the reader looks at goes alone: then it has all of the processor, and is shown sooner.

        Args:
            size: Inputs in a full batch.
            more_coming: Whether others are on their way.
            urgent_only: Whether there is room for nothing but what the reader looks at.
        """
        with self._lock:
            ordered = sorted(self._inputs, key=self._urgency)
            urgent = bool(ordered) and self._urgency(ordered[0]) <= Rank.OPEN
            if not urgent and (urgent_only or (more_coming and len(ordered) < size)):
                return ()
            count = 1 if urgent else size
            batch, self._inputs = ordered[:count], ordered[count:]
            return batch

    def _urgency(self, item: NetworkInput) -> int:
        if item.chosen_region or item.image == self._open:
            return Rank.OPEN
        return max(item.rank, Rank.NEIGHBOUR)
