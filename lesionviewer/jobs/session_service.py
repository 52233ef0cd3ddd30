"""Sessions for the window: a thread keeps them, and tells of what is on the disk only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from lesionviewer.core.store.audit import AuditRow
from lesionviewer.core.store.backup_list import Backup
from lesionviewer.core.store.decision import Change, Circumstances, checked
from lesionviewer.core.store.restore import begin_anew, restore_backup
from lesionviewer.core.store.session import Session
from lesionviewer.core.store.store import SessionStore
from lesionviewer.core.store.view_state import ViewState
from lesionviewer.jobs.session_messages import Committed, Known, OpenedSession, SessionFailure
from lesionviewer.jobs.session_state import SessionState, Steps
from lesionviewer.jobs.session_worker import Request, SessionWorker
from lesionviewer.jobs.worker_thread import start_in_thread

_NOTHING = Circumstances()
_SETTLE_MS = 400
"""What comes in quick succession is written once: the view, and digests of decoded files."""


class SessionService(QObject):
    """One session at a time. Every method returns at once; requests are done in their order.

    Attributes:
        state: Decisions and counts as committed; up to date before a signal goes out.
    """

    opened = Signal(object)  # OpenedSession
    committed = Signal(object)  # Committed: from now on the window may say "Saved"
    known = Signal(object)  # Known
    listed = Signal(object)  # tuple of SessionInfo, the one opened last first
    repaired = Signal(int)  # ticket: `open` may be tried again
    failed = Signal(object)  # SessionFailure
    _open_wanted = Signal(int, int, object, str)
    _wanted = Signal(object)
    _list_wanted = Signal()
    _repair_wanted = Signal(int, int, object)
    _end_wanted = Signal()

    def __init__(
        self,
        *,
        open_store: Callable[[], SessionStore] = SessionStore.open,
        look_into: Callable[[], SessionStore | None] = SessionStore.look_into,
        settle_ms: int = _SETTLE_MS,
        parent: QObject | None = None,
    ) -> None:
        """Start the thread.

        Args:
            open_store: Opens the sessions to work on them.
            look_into: Opens them to read only.
            settle_ms: How long the view must stay the same before it is kept.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.state = SessionState()
        self._ticket = self._generation = 0
        self._closed = False
        self._view: ViewState | None = None
        self._digests: dict[Path, str] = {}
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(settle_ms)
        self._settled.timeout.connect(self._keep_settled)
        self._worker = SessionWorker(open_store, look_into)
        self._thread = start_in_thread(self._worker, "session store")
        self._open_wanted.connect(self._worker.open)
        self._wanted.connect(self._worker.run)
        self._list_wanted.connect(self._worker.list_sessions)
        self._repair_wanted.connect(self._worker.repair)
        self._end_wanted.connect(self._worker.end)
        self._worker.opened.connect(self._on_opened)
        self._worker.done.connect(self._on_done)
        self._worker.listed.connect(self.listed)
        self._worker.repaired.connect(self.repaired)
        self._worker.failed.connect(self._on_failed)

    def open(self, paths: Sequence[Path], *, reader: str = "") -> int:
        """Open the session of files and folders. What was asked before is done first.

        Args:
            paths: What the user opens.
            reader: Who reads; empty for who read last.
        """
        self._keep_settled()
        self._generation += 1
        self.state.restart({}, Steps())
        ticket = self._next_ticket()
        self._open_wanted.emit(self._generation, ticket, list(paths), reader)
        return ticket

    def list_sessions(self) -> None:
        """Ask for what is known of all sessions; `listed` follows, unless they cannot be read."""
        self._list_wanted.emit()

    def decide(
        self, digests: Iterable[str], change: Change, given: Circumstances = _NOTHING
    ) -> int:
        """Apply `change` to images as one step for `undo`, as `Session.decide`.

        Raises:
            ValueError: `change` is none.
        """
        what, images = checked(change), tuple(digests)
        return self._decisive(lambda session: session.decide(images, what, given))

    def undo(self) -> int:
        """Take the reader's last step back."""
        return self._decisive(Session.undo)

    def redo(self) -> int:
        """Do the step again that was taken back last."""
        return self._decisive(Session.redo)

    def save_view(self, view: ViewState) -> None:
        """Keep how the session is looked at, once that rests, or at the latest with `close`."""
        self._view = view
        if not self._closed:
            self._settled.start()

    def begin_scan(self) -> int:
        """Begin to look through the files and folders: what `add_images` does not name is gone."""
        return self._ask(Session.begin_scan)

    def add_images(self, paths: Sequence[Path], *, start: int) -> int:
        """Note further files of the scan; `known` tells their digests and lesions, in this order.

        Args:
            paths: In the order in which they are shown.
            start: Position of the first.
        """
        files = tuple(paths)
        return self._ask(lambda session: Known(session.add_images(files, start=start)))

    def note_digests(self, digests: Mapping[Path, str]) -> None:
        """Note SHA-256 of files that were read; `known` tells of files that were moved."""
        self._digests.update(digests)
        if not self._closed and not self._settled.isActive():
            self._settled.start()

    def group(self, paths: Iterable[Path], name: str | None) -> int:
        """Let files show the same lesion, by hand; `known` tells all images then.

        Args:
            paths: Files of the session.
            name: The lesion's; None takes the files out of theirs.
        """
        files = tuple(paths)

        def work(session: Session) -> Known:
            session.group(files, name, origin="hand")
            return Known(session.images())

        return self._ask(work)

    def restore(self, folder: Path, backup: Backup) -> int:
        """Put a backup in the place of the file of sessions; what was there is kept beside it."""
        return self._repair(lambda: restore_backup(folder, backup))

    def begin_anew(self, folder: Path) -> int:
        """Put the file of sessions and its backups away; the next session begins a new one."""
        return self._repair(lambda: begin_anew(folder))

    def close(self, *, grace_ms: int = 5000) -> bool:
        """Do what is still asked for, close the store and end the thread.

        Returns:
            Whether it ended in time; if not, the thread goes on to its end.
        """
        if not self._closed:
            self._keep_settled()
            self._closed = True
            self._end_wanted.emit()
        return self._thread.wait(grace_ms)

    def _decisive(self, work: Callable[[Session], tuple[AuditRow, ...]]) -> int:
        ticket = self._next_ticket()
        self.state.asked(ticket)

        def commit(session: Session) -> Committed:
            rows = work(session)
            return Committed(ticket, rows, Steps.of(session.history))

        self._wanted.emit(Request(ticket, self._generation, commit))
        return ticket

    def _ask(self, work: Callable[[Session], object]) -> int:
        ticket = self._next_ticket()
        self._wanted.emit(Request(ticket, self._generation, work))
        return ticket

    def _repair(self, mend: Callable[[], object]) -> int:
        ticket = self._next_ticket()
        self._generation += 1
        self._repair_wanted.emit(self._generation, ticket, mend)
        return ticket

    def _next_ticket(self) -> int:
        self._ticket += 1
        return self._ticket

    @Slot()
    def _keep_settled(self) -> None:
        self._settled.stop()
        view, self._view = self._view, None
        digests, self._digests = self._digests, {}
        if view is not None:
            self._ask(lambda session: session.save_view(view))
        if digests:
            self._ask(lambda session: Known(moved=session.note_digests(digests)))

    @Slot(int, object)
    def _on_opened(self, generation: int, session: OpenedSession) -> None:
        if generation == self._generation:
            self.state.restart(session.decisions, session.steps)
            self.opened.emit(session)

    @Slot(int, int, object)
    def _on_done(self, generation: int, ticket: int, given: object) -> None:
        self.state.ended(ticket)
        if generation != self._generation:
            return
        if isinstance(given, Committed):
            self.state.committed(ticket, given.rows, given.steps)
            self.committed.emit(given)
        elif isinstance(given, Known):
            self.known.emit(given)

    @Slot(int, object)
    def _on_failed(self, _: int, failure: SessionFailure) -> None:
        # Also of a session that was left meanwhile: its reader must know that it was not saved.
        self.state.ended(failure.ticket)
        self.failed.emit(failure)
