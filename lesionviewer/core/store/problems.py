"""What can be wrong with the file of sessions, in words that say what to do."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from lesionviewer.core.errors import StoreError
from lesionviewer.core.store.backup_list import Backup


class StoreProblem(Enum):
    """Why the file of sessions cannot be used; the value is the sentence for the reader."""

    IN_USE = "Another lesionviewer has the sessions open. Close it, then try again."
    LOCKED = (
        "Another program holds the file of sessions (session.db). Close that program, then try "
        "again."
    )
    READ_ONLY = (
        "The file of sessions (session.db) or its folder cannot be written. Allow writing there, "
        "or name another folder in LESIONVIEWER_HOME."
    )
    FULL = (
        "The disk that holds the sessions is full, and the last change was not saved. Free some "
        "space, then repeat it."
    )
    DAMAGED = (
        "The file of sessions (session.db) is damaged. Restore a backup; the damaged file is kept."
    )
    NEWER = (
        "The file of sessions (session.db) was written by a newer lesionviewer. Install that "
        "version, or restore a backup of this one; the newer file is kept."
    )
    MISSING = (
        "The file of sessions (session.db) is gone, but there are backups of it. Restore one, or "
        "begin anew."
    )
    UNREADABLE = (
        "The file of sessions (session.db) could not be read or written. Check the disk, then try "
        "again."
    )


class SessionStoreError(StoreError):
    """The file of sessions cannot be used; it was left as it is.

    Attributes:
        problem: Which kind of trouble it is.
        folder: Where the file lies.
        backups: What `restore_backup` can bring back, newest first; filled in when a store opens.
    """

    def __init__(
        self, problem: StoreProblem, folder: Path, *, backups: tuple[Backup, ...] = ()
    ) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.folder = folder
        self.backups = backups


_BY_CODE = {
    sqlite3.SQLITE_BUSY: StoreProblem.LOCKED,
    sqlite3.SQLITE_LOCKED: StoreProblem.LOCKED,
    sqlite3.SQLITE_READONLY: StoreProblem.READ_ONLY,
    sqlite3.SQLITE_PERM: StoreProblem.READ_ONLY,
    sqlite3.SQLITE_FULL: StoreProblem.FULL,
    sqlite3.SQLITE_CORRUPT: StoreProblem.DAMAGED,
    sqlite3.SQLITE_NOTADB: StoreProblem.DAMAGED,
    sqlite3.SQLITE_IOERR: StoreProblem.UNREADABLE,
    sqlite3.SQLITE_CANTOPEN: StoreProblem.UNREADABLE,
}
_BY_ERRNO = {
    errno.EACCES: StoreProblem.READ_ONLY,
    errno.EPERM: StoreProblem.READ_ONLY,
    errno.EROFS: StoreProblem.READ_ONLY,
    errno.ENOSPC: StoreProblem.FULL,
    errno.EDQUOT: StoreProblem.FULL,
}


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn what SQLite and the system report into a `SessionStoreError`.

    An error that tells of a mistake in this program, not of the file, passes through.

    Args:
        folder: Where the file of sessions lies.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        problem = None if code is None else _BY_CODE.get(code & 0xFF)
        if problem is None:
            raise
        if problem is StoreProblem.UNREADABLE and not is_writable(folder):
            problem = StoreProblem.READ_ONLY
        raise SessionStoreError(problem, folder) from error
    except OSError as error:
        problem = _BY_ERRNO.get(error.errno or 0, StoreProblem.UNREADABLE)
        raise SessionStoreError(problem, folder) from error


def is_writable(folder: Path) -> bool:
    """Return whether files can be made in `folder`; also if it is not there, which is no answer."""
    effective = os.access in os.supports_effective_ids
    return not folder.exists() or os.access(folder, os.W_OK, effective_ids=effective)
