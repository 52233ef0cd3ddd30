"""Who may write the file of sessions: one program at a time, until it ends in whatever way."""

import sqlite3
from pathlib import Path

from lesionviewer.core.process_lock import ProcessLock, is_taken
from lesionviewer.core.store.problems import SessionStoreError, StoreProblem, explained

_LOCK = "session.lock"


class Ownership:
    """Held from its making until `release`, or until the program's death.

    Others are free to read the sessions meanwhile.
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
            try:
                self._lock = ProcessLock(folder / _LOCK, busy_ms=busy_ms)
            except sqlite3.OperationalError as error:
                if is_taken(error):
                    raise SessionStoreError(StoreProblem.IN_USE, folder) from error
                raise

    def release(self) -> None:
        """Let another program write. May be called twice."""
        self._lock.release()
