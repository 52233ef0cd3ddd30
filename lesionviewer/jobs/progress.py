"""How far a piece of work is, how fast it goes and how long it still takes."""

from collections import deque
from dataclasses import dataclass

_WINDOW_S = 4.0
_ENOUGH_S = 0.5


@dataclass(frozen=True, slots=True)
class Progress:
    """State of the work on a set of images.

    Attributes:
        done: Images that nothing more will be done for.
        total: Images found so far.
        rate: Images a second, or None while it is not known.
        seconds_left: Estimate, or None while there is none.
        scanning: Whether more images may be found.
        paused: Whether the reader stopped the work.
        failed: Whether the classifier does not work, so that nothing goes on.
    """

    done: int = 0
    total: int = 0
    rate: float | None = None
    seconds_left: float | None = None
    scanning: bool = False
    paused: bool = False
    failed: bool = False

    @property
    def complete(self) -> bool:
        """Whether all is done."""
        return not self.scanning and self.done >= self.total

    @property
    def under_way(self) -> bool:
        """Whether images are being worked on now."""
        return not (self.complete or self.paused or self.failed)


class RateMeter:
    """Rate of the last seconds, from counts given with their times."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def reset(self) -> None:
        """Forget what was counted."""
        self._marks.clear()

    def note(self, done: int, *, now: float) -> None:
        """Note that `done` things are done at the time `now`, in seconds."""
        self._marks.append((now, done))
        while len(self._marks) > 2 and self._marks[1][0] <= now - _WINDOW_S:
            self._marks.popleft()

    @property
    def rate(self) -> float | None:
        """Things a second, or None while too little was seen."""
        if len(self._marks) < 2:
            return None
        (began, first), (ended, last) = self._marks[0], self._marks[-1]
        if ended - began < _ENOUGH_S or last <= first:
            return None
        return (last - first) / (ended - began)
