"""The thread's side of the session service: it owns the store and does one request at a time."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal, Slot

from lesionviewer.core.errors import LesionViewerError, StoreError
from lesionviewer.core.store.problems import SessionStoreError
from lesionviewer.core.store.session import Session
from lesionviewer.core.store.store import SessionStore
from lesionviewer.jobs.session_messages import OpenedSession, SessionFailure
from lesionviewer.jobs.session_state import Steps

log = logging.getLogger(__name__)

_CRASHED = "The session could not be written. Details are in the log file."


@dataclass(frozen=True, slots=True)
class Request:
    """Work on the open session.

    Attributes:
        ticket: Comes back with the answer.
        generation: Of the session that was wanted open then.
        work: Done in the thread; its answer goes out.
    """

    ticket: int
    generation: int
    work: Callable[[Session], object]


class SessionWorker(QObject):
    """Opens the store with the first session and closes it at the end."""

    opened = Signal(int, object)  # generation, OpenedSession
    done = Signal(int, int, object)  # generation, ticket, what the work gave
    repaired = Signal(int)  # ticket
    failed = Signal(int, object)  # generation, SessionFailure

    listed = Signal(object)  # tuple of SessionInfo

    def __init__(
        self,
        open_store: Callable[[], SessionStore],
        look_into: Callable[[], SessionStore | None],
    ) -> None:
        """Wait for requests.

        Args:
            open_store: Opens the sessions to work on them.
            look_into: Opens them to read only.
        """
        super().__init__()
        self._open_store, self._look_into = open_store, look_into
        self._store: SessionStore | None = None
        self._session: Session | None = None

    @Slot(int, int, object, str)
    def open(self, generation: int, ticket: int, paths: Sequence[Path], reader: str) -> None:
        """Open the session of `paths`; the one before stays as it was committed."""
        self._session = None
        with _reported(self, generation, ticket):
            if self._store is None:
                self._store = self._open_store()
            self._session = self._store.session_for(paths, reader=reader)
            self.opened.emit(generation, self._as_left(ticket, self._store, self._session))

    @Slot()
    def list_sessions(self) -> None:
        """Tell of all sessions; nothing if they cannot be read: opening one says why."""
        with suppress(SessionStoreError):
            if self._store is not None:
                self.listed.emit(self._store.sessions())
            elif (store := self._look_into()) is not None:
                with store:
                    self.listed.emit(store.sessions())

    @Slot(object)
    def run(self, request: Request) -> None:
        """Do what a request asks of the open session."""
        with _reported(self, request.generation, request.ticket):
            if self._session is None:
                raise StoreError("No session is open, so that nothing can be saved.")
            self.done.emit(request.generation, request.ticket, request.work(self._session))

    @Slot(int, int, object)
    def repair(self, generation: int, ticket: int, mend: Callable[[], object]) -> None:
        """Let go of the store and do what puts its file in order."""
        with _reported(self, generation, ticket):
            self._let_go()
            mend()
            self.repaired.emit(ticket)

    @Slot()
    def end(self) -> None:
        """Close the store, after every request before, and end the thread."""
        with suppress(SessionStoreError):
            self._let_go()
        thread = self.thread()
        if isinstance(thread, QThread):
            thread.quit()

    def _let_go(self) -> None:
        store, self._store, self._session = self._store, None, None
        if store is not None:
            store.close()

    def _as_left(self, ticket: int, store: SessionStore, session: Session) -> OpenedSession:
        return OpenedSession(
            ticket=ticket,
            info=session.info,
            reader=session.reader,
            images=session.images(),
            metadata=session.metadata(),
            decisions=session.decisions(),
            view=session.view,
            steps=Steps.of(session.history),
            backup_failure=store.backup_failure,
        )


class _reported:  # noqa: N801 - used like a function
    """Turn errors into `failed`: an expected one as it stands, any other as one sentence."""

    def __init__(self, worker: SessionWorker, generation: int, ticket: int) -> None:
        self._worker, self._generation, self._ticket = worker, generation, ticket

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> bool:
        if isinstance(error, SessionStoreError):
            failure = SessionFailure(
                self._ticket, str(error), error.problem, error.folder, error.backups
            )
        elif isinstance(error, LesionViewerError):
            failure = SessionFailure(self._ticket, str(error))
        elif isinstance(error, Exception):
            log.error("Work on the session crashed", exc_info=error)
            failure = SessionFailure(self._ticket, _CRASHED)
        else:
            return False
        self._worker.failed.emit(self._generation, failure)
        return True
