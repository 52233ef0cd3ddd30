"""Training runs for the window: a queue of child processes, looked at in a thread of its own."""

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from lesionviewer.core.errors import LesionViewerError
from lesionviewer.jobs.worker_thread import start_in_thread
from training.config import TrainingConfig
from training.launch import RunCommand, make_run, run_command
from training.queue import TrainingQueue
from training.runstate import RunState, RunView

__all__ = ["RunState", "RunView", "TrainingJobs"]

log = logging.getLogger(__name__)

_LOOK_MS = 300
_FIND_EVERY = 10
_BAD = frozenset({RunState.FAILED, RunState.DIED})


class _Worker(QObject):
    looked = Signal(object)  # list of RunView that changed
    refused = Signal(object, str)  # run folder, message for the user
    forgotten = Signal(object)  # run folder

    def __init__(self, queue: TrainingQueue, grace_s: float) -> None:
        super().__init__()
        self._queue, self._grace_s = queue, grace_s
        self._timer: QTimer | None = None
        self._looks = 0

    @Slot()
    def begin(self) -> None:
        """Start to look; in the thread, since a timer belongs to the one that made it."""
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.look()

    @Slot()
    def look(self) -> None:
        try:
            if self._looks % _FIND_EVERY == 0:
                self._queue.find()
            self._looks += 1
            if changed := self._queue.look():
                self.looked.emit(changed)
        except Exception:
            log.exception("Looking at training runs crashed")

    @Slot(object)
    def forget(self, run: Path) -> None:
        def forget() -> None:
            self._queue.forget(run)
            self.forgotten.emit(run)

        self.act(run, forget)

    @Slot(object, object)
    def act(self, run: Path, action: Callable[[], object]) -> None:
        try:
            action()
        except LesionViewerError as error:
            self.refused.emit(run, str(error))
        except Exception:
            log.exception("An action on a training run crashed")
            self.refused.emit(run, "That did not work. Details are in the log file.")
        self.look()

    @Slot()
    def stop(self) -> None:
        """End the bound runs and the thread."""
        if self._timer:
            self._timer.stop()
        self._queue.close(grace_s=self._grace_s)
        QThread.currentThread().quit()


class TrainingJobs(QObject):
    """Runs of one folder. All methods return at once; what comes of them arrives as signals."""

    changed = Signal(object)  # RunView, after anything of it changed; also when it is found
    state_changed = Signal(object)  # RunView
    progressed = Signal(object)  # RunView, with work, done, total, rate and seconds_left
    epoch_ended = Signal(object, object)  # run folder, row as in history.csv
    said = Signal(object, str)  # run folder, line of the log
    failed = Signal(object, str)  # run folder, plain sentence; the run failed or died
    refused = Signal(object, str)  # run folder, plain sentence; an action was not possible
    forgotten = Signal(object)  # run folder
    _begin_wanted = Signal()
    _act_wanted = Signal(object, object)
    _forget_wanted = Signal(object)
    _stop_wanted = Signal()

    def __init__(
        self,
        folder: Path,
        *,
        at_once: int = 1,
        command: RunCommand = run_command,
        grace_s: float = 8.0,
        parent: QObject | None = None,
    ) -> None:
        """Start the thread; runs that are there already are found at its first look.

        Args:
            folder: Holds the run folders.
            at_once: How many runs may work at a time.
            command: Other words to start a run with.
            grace_s: What bound runs may take to stop when this is closed.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._folder = folder
        self._queue = TrainingQueue(folder, at_once=at_once, command=command)
        self._views: dict[Path, RunView] = {}
        self._worker = _Worker(self._queue, grace_s)
        self._thread = start_in_thread(self._worker, "training jobs")
        self._begin_wanted.connect(self._worker.begin)
        self._act_wanted.connect(self._worker.act)
        self._stop_wanted.connect(self._worker.stop)
        self._forget_wanted.connect(self._worker.forget)
        self._worker.looked.connect(self._on_looked)
        self._worker.refused.connect(self.refused)
        self._worker.forgotten.connect(self._on_forgotten)
        self._begin_wanted.emit()

    @property
    def views(self) -> tuple[RunView, ...]:
        """All runs, as last seen."""
        return tuple(self._views.values())

    def view(self, run: Path) -> RunView | None:
        """Return a run as last seen; None if it is not known."""
        return self._views.get(run)

    def create(self, name: str, config: TrainingConfig) -> Path:
        """Make the folder of a new run, not started yet, and return it.

        Raises:
            StoreError: A run of that name is there already, or the folder cannot be written.
        """
        return make_run(self._folder / name, config)

    def start(self, run: Path, *, bound: bool = True) -> None:
        """Start a run or go on with it when its turn comes: bound to this program, or detached."""
        self._act(run, lambda: self._queue.start(run, bound=bound))

    def stop_after_epoch(self, run: Path) -> None:
        """Have a run stop once the epoch under way is kept."""
        self._act(run, lambda: self._queue.stop_after_epoch(run))

    def stop_now(self, run: Path) -> None:
        """Have a run stop after the batch under way, or leave the queue."""
        self._act(run, lambda: self._queue.stop_now(run))

    def pause(self, run: Path) -> None:
        """Have a run rest."""
        self._act(run, lambda: self._queue.pause(run))

    def resume(self, run: Path) -> None:
        """Have a run that rests go on."""
        self._act(run, lambda: self._queue.resume(run))

    def forget(self, run: Path) -> None:
        """Leave a run that is not under way out of the list; its folder stays."""
        self._forget_wanted.emit(run)

    def close(self, *, grace_ms: int = 12_000) -> bool:
        """Stop bound runs and the thread; detached runs go on. Returns whether it ended in time."""
        self._stop_wanted.emit()
        return self._thread.wait(grace_ms)

    def _act(self, run: Path, action: Callable[[], object]) -> None:
        self._act_wanted.emit(run, action)

    @Slot(object)
    def _on_looked(self, changed: list[RunView]) -> None:
        for view in changed:
            before = self._views.get(view.folder, RunView(folder=view.folder))
            known = view.folder in self._views
            self._views[view.folder] = view
            self._tell(before, view, known=known)

    @Slot(object)
    def _on_forgotten(self, run: Path) -> None:
        self._views.pop(run, None)
        self.forgotten.emit(run)

    def _tell(self, before: RunView, view: RunView, *, known: bool) -> None:
        run = view.folder
        new_lines = view.lines_said - before.lines_said
        for line in view.lines[-new_lines:] if new_lines > 0 else ():
            self.said.emit(run, line)
        rows = {row.get("epoch"): row for row in before.rows}
        for row in view.rows:
            if rows.get(row.get("epoch")) != row:
                self.epoch_ended.emit(run, row)
        if (view.work, view.done) != (before.work, before.done):
            self.progressed.emit(view)
        if view.state != before.state or not known:
            self.state_changed.emit(view)
            if view.state in _BAD and known:
                self.failed.emit(run, view.message)
        self.changed.emit(view)
