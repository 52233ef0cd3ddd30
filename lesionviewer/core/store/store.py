"""All sessions of the person at the machine."""

import getpass
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from lesionviewer.core.store import moved, session_rows
from lesionviewer.core.store.audit import Entry, append
from lesionviewer.core.store.backup_list import Backup, list_backups
from lesionviewer.core.store.canonical import plain_text
from lesionviewer.core.store.clock import Clock, system_clock
from lesionviewer.core.store.database import Database
from lesionviewer.core.store.opening import back_up, open_to_read, open_to_write
from lesionviewer.core.store.ownership import Ownership
from lesionviewer.core.store.problems import SessionStoreError
from lesionviewer.core.store.session import Session
from lesionviewer.core.store.session_rows import SessionInfo
from lesionviewer.core.store.verify import AuditReport, verify
from lesionviewer.core.user_dirs import data_dir

BUSY_MS = 2000


class SessionStore:
    """All sessions of the person at the machine. Any thread may call; calls wait for each other.

    Attributes:
        folder: Where the file of sessions lies.
        backup_failure: Why the backup at opening could not be made, for the reader; empty if it
            could.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        folder: Path,
        *,
        owner: Ownership | None,
        backup_failure: str = "",
        clock: Clock = system_clock,
    ) -> None:
        """Take over what `open` and `look_into` made."""
        self.folder = folder
        self.backup_failure = backup_failure
        self._connection = connection
        self._database = Database(connection, folder)
        self._owner = owner
        self._clock = clock
        self._open: dict[int, Session] = {}

    @classmethod
    def open(
        cls, folder: Path | None = None, *, busy_ms: int = BUSY_MS, clock: Clock = system_clock
    ) -> Self:
        """Open the sessions in `folder` to work on them, and begin the file if there is none.

        Args:
            folder: Where the file lies; None for the user's data folder.
            busy_ms: How long to wait for other programs.
            clock: Gives the time to date decisions with.

        Raises:
            SessionStoreError: The sessions are in use, or the file is locked, read-only, damaged,
                newer than this program, gone, or the disk is full. The file is left as it is.
        """
        folder = folder or data_dir()
        opened = open_to_write(folder, busy_ms=busy_ms)
        return cls(
            opened.connection,
            folder,
            owner=opened.owner,
            backup_failure=opened.backup_failure,
            clock=clock,
        )

    @classmethod
    def look_into(cls, folder: Path | None = None, *, busy_ms: int = BUSY_MS) -> Self | None:
        """Open the sessions to read only, also while another program writes. None if there are
        none.

        Raises:
            SessionStoreError: The file is locked, damaged, newer than this program, or gone.
        """
        folder = folder or data_dir()
        connection = open_to_read(folder, busy_ms=busy_ms)
        return None if connection is None else cls(connection, folder, owner=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Make a backup if this is the writer, and let go of the file. May be called twice."""
        owner, self._owner = self._owner, None
        try:
            if owner is not None:
                with self._database.alone():
                    back_up(self._connection, self.folder)
            with suppress(SessionStoreError):
                self._database.close()
        finally:
            if owner is not None:
                owner.release()

    @property
    def backups(self) -> tuple[Backup, ...]:
        """The backups there are, newest first."""
        return list_backups(self.folder)

    def sessions(self) -> tuple[SessionInfo, ...]:
        """Return all sessions, the one opened last first."""
        with self._database.reading() as connection:
            return session_rows.list_sessions(connection)

    def find(self, word: str) -> SessionInfo:
        """Return the session that `word` names: its uid, four or more digits that it begins with,
        or the file or folder that was opened.

        Raises:
            StoreError: No session is meant, or several.
        """
        with self._database.reading() as connection:
            return session_rows.find_by_word(connection, word)

    def session_for(self, paths: Sequence[Path | str], *, reader: str = "") -> Session:
        """Return the session of these files and folders; a new one if they were never opened.

        A folder that was renamed or moved is known again by the images in it.

        Args:
            paths: What the user opens.
            reader: Who reads; empty for who read last, in a new session the user of the machine.
        """
        roots = session_rows.absolute(paths)
        with self._database.alone():
            with self._database.reading() as connection:
                row = session_rows.find_by_roots(connection, roots)
                lost = None
                if row is None and len(roots) == 1:
                    lost = moved.find_moved(connection, roots[0])
            if lost is not None:
                self._move(lost, roots[0])
                row = lost
            if row is None:
                name = plain_text(reader) or _user()
                with self._database.writing() as connection:
                    row = session_rows.make_session(
                        connection, roots, reader=name, at=self._clock()
                    )
        return self.session(row, reader=reader)

    def session(self, row: int, *, reader: str = "") -> Session:
        """Open the session in `row`, as `sessions` names it.

        Args:
            row: Its row.
            reader: Who reads; empty for who read last.
        """
        with self._database.writing() as connection:
            info = session_rows.read_session(connection, row)
            connection.execute(
                "UPDATE sessions SET opened_utc = ? WHERE id = ?", (self._clock(), row)
            )
        session = self._open.get(row)
        if session is None:
            session = Session(self._database, row, info.reader, self._clock)
            self._open[row] = session
        if reader and plain_text(reader) != session.reader:
            session.read_as(reader)
        return session

    def read(self, row: int) -> Session:
        """Return the session in `row` to read from, without noting that it was opened."""
        with self._database.reading() as connection:
            info = session_rows.read_session(connection, row)
        return Session(self._database, row, info.reader, self._clock)

    def verify(self, row: int) -> AuditReport:
        """Check the audit of the session in `row`."""
        with self._database.reading() as connection:
            return verify(connection, row)

    def _move(self, row: int, new: str) -> None:
        with self._database.writing() as connection:
            info = session_rows.read_session(connection, row)
            moved.move_session(connection, row, info.roots[0], new)
            entry = Entry("", {"roots": list(info.roots)}, {"roots": [new]}, "move")
            append(connection, row, [entry], reader=info.reader, at=self._clock())


def _user() -> str:
    try:
        return plain_text(getpass.getuser())
    except (OSError, KeyError):
        return "reader"
