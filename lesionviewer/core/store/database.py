"""One connection to the file of sessions, for any thread, with all or nothing written."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from lesionviewer.core.store.problems import explained, is_writable

SESSION_DB = "session.db"
_WAL_BYTES = 16 << 20


def connect(file: Path, *, busy_ms: int, read_only: bool = False) -> sqlite3.Connection:
    """Open `file`, which must exist, without changing it yet.

    Args:
        file: A database.
        busy_ms: How long to wait for another program's lock.
        read_only: Whether nothing may be written through this connection.

    Raises:
        sqlite3.Error: It could not be opened.
    """
    mode = "ro" if read_only else "rw"
    wal = file.with_name(f"{file.name}-wal")
    if read_only and not wal.exists() and not is_writable(file.parent):
        # SQLite cannot put its index of the log beside the file there, and nobody writes it.
        mode = "ro&immutable=1"
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
    )
    # Text that is no UTF-8 was put there by somebody else; the audit has to be able to read it.
    connection.text_factory = _text
    for pragma in ("foreign_keys=ON", "trusted_schema=OFF", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def make_durable(connection: sqlite3.Connection) -> None:
    """Have a commit return only once it is on the disk.

    Raises:
        sqlite3.Error: The file cannot be written.
    """
    connection.execute("PRAGMA journal_mode=WAL")
    for pragma in ("synchronous=FULL", "fullfsync=ON", f"journal_size_limit={_WAL_BYTES}"):
        connection.execute(f"PRAGMA {pragma}")
    # SQLite opens a file without write permission all the same; that shows at the first change.
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA user_version={version}")
    connection.execute("ROLLBACK")


class Database:
    """A connection behind a lock: one thread at a time, whichever it is."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        """Take over `connection`.

        Args:
            connection: In autocommit mode.
            folder: Where the file of sessions lies, for errors.
        """
        self._connection = connection
        self._folder = folder
        self._lock = RLock()

    def alone(self) -> RLock:
        """Return the lock, to hold over several calls that belong together."""
        return self._lock

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hand out the connection.

        Raises:
            SessionStoreError: The file is locked, damaged or cannot be read.
        """
        with self._lock, explained(self._folder):
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hand out the connection in a transaction, which is on the disk once this is left well.

        Raises:
            SessionStoreError: Nothing was written.
        """
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the connection. May be called twice."""
        with self._lock, explained(self._folder):
            self._connection.close()
