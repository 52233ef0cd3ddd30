"""A lock that ends with its process, in whatever way that ends."""

import sqlite3
from pathlib import Path


class ProcessLock:
    """Held from its making until `release`, or until the program's death.

    It is SQLite's own lock on an empty database: it works alike on every system, and leaves no
    trace of a process that was killed.
    """

    def __init__(self, file: Path, *, busy_ms: int = 0) -> None:
        """Take the lock.

        Args:
            file: Of the empty database; made if it is not there.
            busy_ms: How long to wait for another program to let go.

        Raises:
            sqlite3.OperationalError: `is_taken` tells whether another program holds it, or it
                cannot be made.
        """
        self._lock = sqlite3.connect(
            file, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False
        )
        try:
            self._lock.execute("PRAGMA journal_mode=MEMORY")
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            self._lock.close()
            raise

    def release(self) -> None:
        """Let another program take it. May be called twice."""
        self._lock.close()


def is_taken(error: sqlite3.OperationalError) -> bool:
    """Return whether a lock could not be had because another program holds it."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
