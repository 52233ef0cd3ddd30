"""The runs of a folder and those that wait for their turn: what a window shows and acts upon."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lesionviewer.core.errors import LesionViewerError
from training.control import Command, send_command
from training.launch import (
    OUTPUT,
    RunCommand,
    halve_batch,
    let_go,
    run_command,
    runs_in,
    start_run,
)
from training.lock import owner_of
from training.memory import OutOfMemoryError, memory_kills
from training.runstate import RunReader, RunState, RunView

_FORGOTTEN = "forgotten"
_ENDED = frozenset({RunState.STOPPED, RunState.FINISHED, RunState.FAILED})
_LACK = OutOfMemoryError.__name__


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    bound: bool
    kills_before: int
    cancelled: bool = False


class TrainingQueue:
    """Runs as child processes, a few at a time, and the runs of other windows beside them.

    Nothing is kept but the run folders themselves: a run is found again by its config, its events
    and its lock. One thread uses it; call `look` a few times a second.

    Args:
        folder: Holds the run folders.
        at_once: How many runs may work at a time, those of other windows included.
        command: Other words to start a run with.
    """

    def __init__(
        self, folder: Path, *, at_once: int = 1, command: RunCommand = run_command
    ) -> None:
        self._folder, self._at_once, self._command = folder, at_once, command
        self._readers: dict[Path, RunReader] = {}
        self._children: dict[Path, _Child] = {}
        self._waiting: dict[Path, bool] = {}
        self._notes: dict[Path, str] = {}
        self._views: dict[Path, RunView] = {}

    @property
    def views(self) -> Sequence[RunView]:
        """All runs as they were at the last look."""
        return tuple(self._views.values())

    def find(self) -> None:
        """Take in the runs of the folder that are not known yet."""
        for run in runs_in(self._folder):
            if run not in self._readers and not (run / _FORGOTTEN).exists():
                self._readers[run] = RunReader(run)

    def look(self) -> list[RunView]:
        """Look at all runs, start what may start; return the runs that changed."""
        for run in list(self._children):
            self._reap(run)
        before, self._views = self._views, {run: self._view(run) for run in self._readers}
        active = sum(view.active for view in self._views.values())
        for run in list(self._waiting)[: max(0, self._at_once - active)]:
            self._launch(run, bound=self._waiting.pop(run))
            self._views[run] = self._view(run)
        return [view for run, view in self._views.items() if before.get(run) != view]

    def start(self, run: Path, *, bound: bool) -> None:
        """Start a run or go on with it, when its turn comes.

        One that failed for lack of memory gets half its batch.

        Args:
            run: The run folder.
            bound: Whether it stops with this program; else it goes on detached.

        Raises:
            LesionViewerError: The folder is no run, somebody works on it, or it cannot be written.
        """
        if owner_of(run) or run in self._children:
            raise LesionViewerError(f"{run.name} is under way already.")
        (run / _FORGOTTEN).unlink(missing_ok=True)
        view = self._readers.setdefault(run, RunReader(run)).read()
        if view.state == RunState.FAILED and view.cause == _LACK and not halve_batch(run):
            raise LesionViewerError(view.message)
        self._notes.pop(run, None)
        self._waiting[run] = bound

    def stop_after_epoch(self, run: Path) -> None:
        """Have a run stop once the epoch under way is kept; its best epoch is measured."""
        self._send(run, Command.STOP_AFTER_EPOCH)

    def stop_now(self, run: Path) -> None:
        """Have a run stop after the batch under way; one that waits or begins ends at once."""
        if self._waiting.pop(run, None) is not None:
            return
        child = self._children.get(run)
        if child and self._view(run).state == RunState.STARTING:
            # It has done nothing yet, and does not listen.
            child.cancelled = True
            child.process.terminate()
            return
        self._send(run, Command.STOP_NOW)

    def pause(self, run: Path) -> None:
        """Have a run rest after the batch under way."""
        self._send(run, Command.PAUSE)

    def resume(self, run: Path) -> None:
        """Have a run that rests go on."""
        self._send(run, Command.RESUME)

    def forget(self, run: Path) -> None:
        """Leave a run out of the list from now on; its folder stays. `start` brings it back.

        Raises:
            LesionViewerError: It is under way, or its folder cannot be written.
        """
        if owner_of(run) or run in self._children:
            raise LesionViewerError(f"{run.name} is under way. Stop it first.")
        try:
            (run / _FORGOTTEN).touch()
        except OSError as error:
            # A folder that has gone is not found again anyway.
            if run.is_dir():
                raise LesionViewerError(f"{run} cannot be written ({error.strerror}).") from error
        for known in (self._readers, self._waiting, self._notes, self._views):
            known.pop(run, None)

    def close(self, *, grace_s: float) -> None:
        """End the runs that are bound to this program; what is detached goes on.

        Args:
            grace_s: What they may take to write their state; then they are ended.
        """
        self._waiting.clear()
        until = time.monotonic() + grace_s
        bound = [child for child in self._children.values() if child.bound]
        for child in bound:
            let_go(child.process)
        for child in bound:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, until - time.monotonic()))
            child.process.kill()
            child.process.wait()
        for child in self._children.values():
            if child.process.poll() is None:
                # It is nobody's child from now on; Python would warn that it still runs.
                child.process.returncode = 0
        self._children.clear()

    def _send(self, run: Path, command: Command) -> None:
        if not self._view(run).active:
            raise LesionViewerError(f"{run.name} is not under way.")
        send_command(run, command)

    def _launch(self, run: Path, *, bound: bool) -> None:
        try:
            process = start_run(run, bound=bound, command=self._command)
        except LesionViewerError as error:
            self._notes[run] = str(error)
            return
        self._children[run] = _Child(process, bound, memory_kills())

    def _reap(self, run: Path) -> None:
        """Note how a run's process ended; after a lack of memory, try half the batch."""
        child = self._children[run]
        status = child.process.poll()
        if status is None:
            return
        let_go(child.process)
        del self._children[run]
        view = self._readers[run].read()
        if view.started_pid != child.process.pid:
            if status and not child.cancelled:
                self._notes[run] = _last_line(run / OUTPUT)
            return
        killed = status == -getattr(signal, "SIGKILL", 9) and memory_kills() > child.kills_before
        lack = killed if view.state not in _ENDED else view.cause == _LACK
        try:
            if lack and halve_batch(run):
                self._waiting = {run: child.bound, **self._waiting}
        except LesionViewerError as error:
            self._notes[run] = str(error)

    def _view(self, run: Path) -> RunView:
        view = self._readers.setdefault(run, RunReader(run)).read()
        if run in self._waiting:
            return replace(view, state=RunState.QUEUED)
        child = self._children.get(run)
        if child and view.started_pid != child.process.pid:
            return replace(view, state=RunState.STARTING)
        if child and not view.active:
            # Its process is about to end: only then is it known what comes of it.
            return replace(view, state=RunState.STOPPING)
        if run in self._notes:
            return replace(view, state=RunState.FAILED, message=self._notes[run])
        return view


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "The run did not start."
