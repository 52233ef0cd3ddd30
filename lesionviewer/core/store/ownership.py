"""Who may write the file of sessions: one program at a time, until it ends in whatever way."""

import sqlite3
from pathlib import Path

from lesionviewer.core.store.problems import SessionStoreError, StoreProblem, explained

_LOCK = "session.lock"


class Ownership:
    """Held from its making until `release`, or until the program's death.

    It is SQLite's own lock on an empty database beside the file of sessions: it works alike on
    every system, is gone with its process, and leaves others free to read the sessions meanwhile.
    """

    def __init__(self, folder: Path, *, busy_ms: int) -> None:
        """Become the writer.

        Args:
            folder: Where the file of sessions lies.
            busy_ms: How long to wait for another program to let go.

        Raises:
            SessionStoreError: Another program is the writer, or the folder cannot be written.
        """
        with explained(folder):
            self._lock = sqlite3.connect(
                folder / _LOCK,
                timeout=busy_ms / 1000,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                self._lock.execute("PRAGMA journal_mode=MEMORY")
                self._lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                self._lock.close()
                if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                    raise SessionStoreError(StoreProblem.IN_USE, folder) from error
                raise

    def release(self) -> None:
        """Let another program write. May be called twice."""
        self._lock.close()
