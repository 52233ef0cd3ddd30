"""Commands to a run: files in its folder `control`, looked at between two batches."""

import os
import sys
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from lesionviewer.core.errors import StoreError

FOLDER = "control"
_LOOK_S = 0.25
_GRACE_S = 6.0
"""What a run whose program is gone may take to end by itself, with all of its state written."""


class Command(StrEnum):
    """What a run can be told; also the name of the command's file."""

    STOP_AFTER_EPOCH = "stop-after-epoch"
    STOP_NOW = "stop-now"
    PAUSE = "pause"
    RESUME = "resume"


_OPPOSITE = {Command.PAUSE: Command.RESUME, Command.RESUME: Command.PAUSE}


class StopRequestedError(Exception):
    """The user asked the run to stop; everything written is whole."""


def send_command(run: Path, command: Command) -> None:
    """Tell a run something. It obeys after the batch under way.

    Raises:
        StoreError: The run folder cannot be written.
    """
    folder = run / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        if command in _OPPOSITE:
            (folder / _OPPOSITE[command]).unlink(missing_ok=True)
        # A file without content is whole as soon as its name is there.
        (folder / command).touch()
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror}).") from error


def _nothing() -> None:
    """Keep nothing."""


class Control:
    """The run's side of its commands.

    Args:
        run: The run folder. Commands to an earlier process are dropped.
        interrupted: Tells whether Ctrl-C was pressed.
        tell: Writes an event and its line.

    Attributes:
        ends_after_epoch: Whether the run has to stop once the epoch under way is kept.
    """

    def __init__(
        self, run: Path, interrupted: Callable[[], bool], tell: Callable[..., None]
    ) -> None:
        self._folder = run / FOLDER
        self._folder.mkdir(exist_ok=True)
        self._interrupted, self._tell = interrupted, tell
        self._stopping = self._paused = False
        self.ends_after_epoch = False
        self._rested_s = 0.0
        self._window_gone = threading.Event()
        for command in Command:
            (self._folder / command).unlink(missing_ok=True)

    def watch_stdin(self) -> None:
        """From now on, end of input means that the run has to stop, within seconds."""
        threading.Thread(target=self._await_end, name="end of input", daemon=True).start()

    @property
    def stopping(self) -> bool:
        """Whether the run has to stop at once."""
        return self._stopping

    def working_time(self) -> float:
        """Return seconds that pass only while the run does not rest."""
        return time.monotonic() - self._rested_s

    def check(self, keep: Callable[[], None] = _nothing) -> None:
        """Obey what was said since the last look; rest here while the run is paused.

        Args:
            keep: Writes what would be lost if the process ended while it rests.

        Raises:
            StopRequestedError: The run has to stop.
            StoreError: The run folder is not there any more.
        """
        self._look()
        if self._paused and not self._stopping:
            keep()
            began = time.monotonic()
            self._rest()
            self._rested_s += time.monotonic() - began
        if self._stopping:
            raise StopRequestedError

    def _rest(self) -> None:
        self._tell("paused", "Paused.")
        while self._paused and not self._stopping:
            self._window_gone.wait(_LOOK_S)
            self._look()
        if not self._stopping:
            self._tell("resumed", "Going on.")

    def _look(self) -> None:
        if self._interrupted() or self._window_gone.is_set():
            self._stopping = True
        try:
            # Before every batch: a plain list of names takes a tenth of the time.
            for name in os.listdir(self._folder):  # noqa: PTH208
                self._take(name)
        except OSError as error:
            text = f"{self._folder} cannot be read ({error.strerror})."
            raise StoreError(f"{text} Put the run folder back and go on with the run.") from error

    def _take(self, name: str) -> None:
        if name not in set(Command):
            return
        (self._folder / name).unlink(missing_ok=True)
        if name == Command.PAUSE:
            self._paused = True
        elif name == Command.RESUME:
            self._paused = False
        elif name == Command.STOP_NOW:
            self._stopping = True
            self._tell("stopping", "Stopping after this batch.", after="batch")
        elif not self.ends_after_epoch:
            self.ends_after_epoch = True
            self._tell("stopping", "Stopping after this epoch.", after="epoch")

    def _await_end(self) -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        self._window_gone.set()
        # What is under way may take long and never look; all that is written is whole or absent.
        if not threading.Event().wait(_GRACE_S):
            os._exit(1)
