"""Opening the file of sessions: looked at first, backed up, then brought up to date."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lesionviewer.core.store.backup_list import list_backups
from lesionviewer.core.store.backups import make_backup
from lesionviewer.core.store.checks import check_file
from lesionviewer.core.store.database import SESSION_DB, connect, make_durable
from lesionviewer.core.store.migrations import MIGRATIONS, migrate, version_of
from lesionviewer.core.store.ownership import Ownership
from lesionviewer.core.store.problems import SessionStoreError, StoreProblem, explained
from lesionviewer.core.store.restore import set_aside

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file of sessions that may be written.

    Attributes:
        connection: To the file; a commit returns once it is on the disk.
        owner: Keeps other programs from writing.
        backup_failure: Why no backup was made, for the reader; empty if one was.
    """

    connection: sqlite3.Connection
    owner: Ownership
    backup_failure: str


def open_to_write(folder: Path, *, busy_ms: int) -> Opened:
    """Open the file of sessions, and begin it if there is none.

    Args:
        folder: Where the file lies.
        busy_ms: How long to wait for other programs.

    Raises:
        SessionStoreError: As `SessionStore.open` says. The file is left as it is.
    """
    with explained(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = Ownership(folder, busy_ms=busy_ms)
    try:
        _find_or_begin(folder)
        check_file(folder / SESSION_DB, busy_ms=busy_ms)
        with _connected(folder, busy_ms=busy_ms) as connection:
            make_durable(connection)
            failure = back_up(connection, folder)
            migrate(connection)
    except BaseException as error:
        owner.release()
        if isinstance(error, SessionStoreError):
            error.backups = list_backups(folder)
        raise
    return Opened(connection, owner, failure)


def open_to_read(folder: Path, *, busy_ms: int) -> sqlite3.Connection | None:
    """Open the file of sessions without writing into it; None if there is none.

    Tables of an older version are brought up to date in a copy in memory.

    Args:
        folder: Where the file lies.
        busy_ms: How long to wait for other programs.

    Raises:
        SessionStoreError: The file is locked, damaged, newer than this program, or gone.
    """
    file = folder / SESSION_DB
    if not file.exists():
        if backups := list_backups(folder):
            raise SessionStoreError(StoreProblem.MISSING, folder, backups=backups)
        return None
    check_file(file, busy_ms=busy_ms)
    with _connected(folder, busy_ms=busy_ms, read_only=True) as connection:
        if version_of(connection) == len(MIGRATIONS):
            return connection
        with closing(connection):
            copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            connection.backup(copy)
        migrate(copy)
        return copy


def back_up(connection: sqlite3.Connection, folder: Path) -> str:
    """Make a backup. Returns why that failed, or an empty text: work can go on without."""
    try:
        make_backup(connection, folder, now=datetime.now(UTC))
    except SessionStoreError as error:
        log.warning("No backup of the sessions was made: %s", error.problem.name)
        return str(error)
    return ""


@contextmanager
def _connected(
    folder: Path, *, busy_ms: int, read_only: bool = False
) -> Iterator[sqlite3.Connection]:
    """Hand out a connection that is closed if anything goes wrong with it here."""
    with explained(folder):
        connection = connect(folder / SESSION_DB, busy_ms=busy_ms, read_only=read_only)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise


def _find_or_begin(folder: Path) -> None:
    """See that there is a file of sessions; it never lies there half made."""
    file = folder / SESSION_DB
    if file.exists():
        return
    if list_backups(folder):
        raise SessionStoreError(StoreProblem.MISSING, folder)
    if file.with_name(f"{SESSION_DB}-wal").exists():
        set_aside(folder)
    with explained(folder):
        new = folder / f"{SESSION_DB}.new"
        new.unlink(missing_ok=True)
        with closing(sqlite3.connect(new, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=MEMORY")
            migrate(connection)
        new.replace(file)
