"""The file of what can be made again: bounded, shared, and thrown away at the first doubt."""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TypeVar

log = logging.getLogger(__name__)

CACHE_DB = "cache.db"
_VERSION = 1
"""Raised when what is kept means something else; a file of another version is thrown away."""
_BUSY_MS = 1000
_CHUNK = 500
_SHARE_TO_DROP = 20
_WAL_BYTES = 16 << 20
_SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS entries (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        sha256 TEXT NOT NULL,       -- of the image file
        made_by TEXT NOT NULL,      -- bundle and engine; empty where no model was at work
        part TEXT NOT NULL,         -- region, size or the like
        facts TEXT NOT NULL,        -- JSON
        content BLOB NOT NULL,
        used INTEGER NOT NULL,      -- the larger, the later
        UNIQUE (sha256, kind, made_by, part)
    )
    """,
    "CREATE INDEX IF NOT EXISTS entries_used ON entries (used)",
)
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_NO_ACCESS = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is kept.

    Attributes:
        sha256: Of the image file that it was made of.
        facts: JSON.
        content: Bytes in a form of its kind's own.
    """

    sha256: str
    facts: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Shelf:
    """What entries are looked for by, beside the image.

    Attributes:
        kind: What they are.
        made_by: Bundle and engine; empty where no model was at work.
        part: Region, size or the like.
    """

    kind: str
    made_by: str = ""
    part: str = ""


class CacheFile:
    """Entries on disk. No call fails: what cannot be read is not there, what cannot be written is
    not kept. Any thread may call; calls wait for each other.
    """

    def __init__(self, folder: Path, *, limit_bytes: int) -> None:
        """Open the file in `folder`, or begin it.

        Args:
            folder: It may not exist yet.
            limit_bytes: Above this size the entries that were not used for longest are dropped.
        """
        self._file = folder / CACHE_DB
        self._limit = limit_bytes
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._used: set[int] = set()
        self._renewed = self._given_up = False
        self._guarded(None, lambda _: None)

    def get(self, shelf: Shelf, digests: Iterable[str]) -> list[Entry]:
        """Return what is kept of images on `shelf`, in any order."""
        wanted = list(dict.fromkeys(digests))
        return self._guarded(
            [], lambda connection: self._get(connection, shelf, wanted), begin="BEGIN"
        )

    def put(self, shelf: Shelf, entries: Sequence[Entry]) -> None:
        """Keep entries in place of older ones of the same images. Many at once cost little more."""
        if entries:
            self._guarded(None, lambda connection: self._put(connection, shelf, entries))

    def drop(self, shelf: Shelf, sha256: str) -> None:
        """Forget one entry, such as one that cannot be understood."""
        self._guarded(
            None,
            lambda connection: connection.execute(
                "DELETE FROM entries WHERE sha256 = ? AND kind = ? AND made_by = ? AND part = ?",
                (sha256, shelf.kind, shelf.made_by, shelf.part),
            ),
        )

    @property
    def bytes(self) -> int:
        """Room that entries take in the file."""
        return self._guarded(0, _bytes, begin="BEGIN")

    def close(self) -> None:
        """Let go of the file. May be called twice; calls after it find nothing."""
        with self._lock:
            if self._connection is not None:
                self._guarded(None, self._touch)
            self._give_up()

    def _get(
        self, connection: sqlite3.Connection, shelf: Shelf, wanted: Sequence[str]
    ) -> list[Entry]:
        found = []
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            marks = ", ".join("?" * len(chunk))
            rows = connection.execute(
                "SELECT id, sha256, facts, content FROM entries "  # noqa: S608
                f"WHERE kind = ? AND made_by = ? AND part = ? AND sha256 IN ({marks})",
                (shelf.kind, shelf.made_by, shelf.part, *chunk),
            )
            for number, sha256, facts, content in rows:
                found.append(Entry(sha256, facts, content))
                self._used.add(number)
        return found

    def _put(self, connection: sqlite3.Connection, shelf: Shelf, entries: Sequence[Entry]) -> None:
        now = self._touch(connection)
        connection.executemany(
            "INSERT OR REPLACE INTO entries (kind, made_by, part, sha256, facts, content, used) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (shelf.kind, shelf.made_by, shelf.part, *(e.sha256, e.facts, e.content), now)
                for e in entries
            ),
        )
        if _bytes(connection) > self._limit:
            self._make_room(connection)

    def _make_room(self, connection: sqlite3.Connection) -> None:
        count = connection.execute("SELECT COUNT(*) FROM entries").fetchone()[0]
        batch = max(1, count // _SHARE_TO_DROP)
        while count > 0 and _bytes(connection) > self._limit:
            connection.execute(
                "DELETE FROM entries WHERE id IN "
                "(SELECT id FROM entries ORDER BY used, id LIMIT ?)",
                (batch,),
            )
            count -= batch
        pages, _, size = _pages(connection)
        for _ in range(pages - self._limit // size):
            connection.execute("PRAGMA incremental_vacuum")  # from Python one page a call

    def _touch(self, connection: sqlite3.Connection) -> int:
        """Note what was used since the last time. Returns the number of this moment."""
        latest = connection.execute("SELECT MAX(used) FROM entries").fetchone()[0]
        now = int(latest or 0) + 1
        connection.executemany(
            "UPDATE entries SET used = ? WHERE id = ?", ((now, number) for number in self._used)
        )
        self._used.clear()
        return now

    def _guarded(
        self,
        otherwise: _T,
        work: Callable[[sqlite3.Connection], _T],
        *,
        begin: str = "BEGIN IMMEDIATE",
    ) -> _T:
        """Return what `work` gives in a transaction, or `otherwise` if that is not to be had."""
        with self._lock:
            try:
                if self._given_up:
                    return otherwise
                if self._connection is None:
                    self._connection = _open(self._file)
                self._connection.execute(begin)
                try:
                    result = work(self._connection)
                    self._connection.execute("COMMIT")
                except BaseException:
                    with suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")
                    raise
            except _OtherVersionError:
                self._renew()
            except sqlite3.Error as error:
                self._note(error)
            except OSError:
                self._give_up("its folder cannot be used")
            else:
                return result
            return otherwise

    def _note(self, error: sqlite3.Error) -> None:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _DAMAGE:
            self._renew()
        elif code in _NO_ACCESS:
            self._give_up("its folder cannot be used")
        else:
            log.warning("The cache was passed over: SQLite error %d", code)

    def _renew(self) -> None:
        """Throw the file away and begin anew, once: a disk that damages it again is left alone."""
        if self._renewed:
            self._give_up("it was damaged again")
            return
        self._let_go()
        self._renewed = True
        log.warning("The cache was damaged or of another version; it is made anew")
        try:
            for name in (CACHE_DB, f"{CACHE_DB}-wal", f"{CACHE_DB}-shm"):
                self._file.with_name(name).unlink(missing_ok=True)
            self._connection = _open(self._file)
        except (OSError, sqlite3.Error, _OtherVersionError):
            self._give_up("it could not be made anew")

    def _give_up(self, why: str = "") -> None:
        self._given_up = True
        self._let_go()
        if why:
            log.warning("There is no cache: %s", why)

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        self._used.clear()
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


class _OtherVersionError(Exception):
    """The file is of another version."""


def _open(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(
        file, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False
    )
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and file.stat().st_size == 0:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        elif version != _VERSION:
            raise _OtherVersionError
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA journal_size_limit={_WAL_BYTES}")
        connection.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = _pages(connection)
    return (pages - free) * size


def _pages(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Return how many pages the file has, how many of them are free, and the bytes of one."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return pages, free, size
