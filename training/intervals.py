"""Checkpoints within an epoch, every few minutes, so that a kill loses no more than those.

A position is a small JSON file that names its state file (safetensors) with its SHA-256, the same
way as the record of an epoch, and belongs to the epoch that follows the last record.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from training.checkpoints import Arrays, as_bytes, write_whole

_KEPT = 2


@dataclass(frozen=True, slots=True)
class Position:
    """A place within an epoch.

    Attributes:
        epoch: Counted over the run, from 1.
        step: Steps of the epoch that are done.
        batch_size: Images a step; with another one the steps are not the same.
        seconds: How long they took.
        losses: Of each of them.
        sha256: Of the state file.
    """

    epoch: int
    step: int
    batch_size: int
    seconds: float
    losses: tuple[float, ...]
    sha256: str = ""


class Intervals:
    """The positions in the folder `checkpoints` of a run.

    Args:
        run: The run folder.
        minutes: Between two of them; none are due at 0.
        clock: In seconds.
    """

    def __init__(
        self, run: Path, *, minutes: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = run / "checkpoints"
        self._seconds, self._clock = 60 * minutes, clock
        self._last = clock()

    def restart(self) -> None:
        """Count from now on: all is written."""
        self._last = self._clock()

    @property
    def due(self) -> bool:
        """Whether it is time for the next one."""
        return self._seconds > 0 and self._clock() - self._last >= self._seconds

    def find(
        self, epochs: int, *, batch_size: int
    ) -> tuple[Position | None, Mapping[str, NDArray[Any]]]:
        """Return the last whole position, and its state.

        Args:
            epochs: How many have a record; a position belongs to the next.
            batch_size: A position of another one does not count.
        """
        from safetensors.numpy import load

        for note in sorted(self._folder.glob("within-*.json"), reverse=True):
            position = _parsed(note)
            if position is None or position.epoch != epochs + 1:
                continue
            state = note.with_suffix(".safetensors")
            content = state.read_bytes() if state.is_file() else b""
            whole = hashlib.sha256(content).hexdigest() == position.sha256
            if whole and position.batch_size == batch_size:
                return position, load(content)
        return None, {}

    def save(self, position: Position, state: Arrays) -> None:
        """Write a position, and drop all but the last ones.

        Raises:
            StoreError: It cannot be written; those before are whole.
        """
        content = as_bytes(state)
        note = self._folder / f"within-{position.epoch:04}-{position.step:08}.json"
        write_whole(note.with_suffix(".safetensors"), content)
        entries = {**asdict(position), "sha256": hashlib.sha256(content).hexdigest()}
        write_whole(note, json.dumps(entries).encode())
        for old in sorted(self._folder.glob("within-*.json"))[:-_KEPT]:
            _drop(old)
        self.restart()

    def clear(self) -> None:
        """Drop all positions: their epoch is done, or they are of no use."""
        for path in self._folder.glob("within-*"):
            path.unlink(missing_ok=True)
        self.restart()


def _drop(note: Path) -> None:
    note.unlink(missing_ok=True)
    note.with_suffix(".safetensors").unlink(missing_ok=True)


def _parsed(note: Path) -> Position | None:
    try:
        entries = json.loads(note.read_text("utf-8"))
        return Position(**{**entries, "losses": tuple(entries["losses"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
