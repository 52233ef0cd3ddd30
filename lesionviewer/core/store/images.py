"""The image files of a session: in order, known by digest, grouped by lesion."""

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lesionviewer.core.store.canonical import PathCell, path_cell


@dataclass(frozen=True, slots=True)
class KnownImage:
    """What a session knows of one of its files.

    Attributes:
        path: As found.
        position: Place in the order in which files were found, from 0.
        size: In bytes; None if it could not be read.
        sha256: Of the file; None until it was read, and again after it changed.
        lesion: Name of the lesion that it shows; None if that is not known.
    """

    path: Path
    position: int
    size: int | None
    sha256: str | None
    lesion: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A file that was found again under another name."""

    old: Path
    new: Path


_ADD = """
    INSERT INTO images (session, path, position, size, mtime_ns, seen) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (session, path) DO UPDATE SET
        position = excluded.position,
        seen = excluded.seen,
        sha256 = CASE
            WHEN excluded.size IS NULL THEN sha256
            WHEN size = excluded.size AND mtime_ns = excluded.mtime_ns THEN sha256
        END,
        size = COALESCE(excluded.size, size),
        mtime_ns = COALESCE(excluded.mtime_ns, mtime_ns)
"""
_READ = """
    SELECT path, position, size, sha256, lesions.name
    FROM images LEFT JOIN lesions ON lesions.id = images.lesion
    WHERE images.session = ? AND seen = ? AND position >= ? ORDER BY position
"""


def begin_scan(connection: sqlite3.Connection, session: int) -> int:
    """Return the number of a new scan, in whose course files count as there once it finds them."""
    connection.execute("UPDATE sessions SET scan = scan + 1 WHERE id = ?", (session,))
    return current_scan(connection, session)


def current_scan(connection: sqlite3.Connection, session: int) -> int:
    """Return the number of the last scan that was begun."""
    found = connection.execute("SELECT scan FROM sessions WHERE id = ?", (session,)).fetchone()
    return int(found[0])


def add_images(
    connection: sqlite3.Connection,
    session: int,
    scan: int,
    start: int,
    stamped: Sequence[tuple[PathCell, int | None, int | None]],
) -> None:
    """Note further files of a scan.

    Args:
        connection: In a transaction.
        session: Its row in the table of sessions.
        scan: Of `begin_scan`.
        start: Position of the first.
        stamped: Path, size and time of change, as `stamp` gives them.
    """
    connection.executemany(
        _ADD,
        (
            (session, path, start + place, size, mtime_ns, scan)
            for place, (path, size, mtime_ns) in enumerate(stamped)
        ),
    )


def stamp(path: Path | str) -> tuple[PathCell, int | None, int | None]:
    """Return `path` for the database, and by what a file is seen to be unchanged."""
    try:
        found = os.stat(path)  # noqa: PTH116 - thousands of them
    except OSError:
        return path_cell(path), None, None
    return path_cell(path), found.st_size, found.st_mtime_ns


def read_images(
    connection: sqlite3.Connection, session: int, scan: int, start: int = 0
) -> tuple[KnownImage, ...]:
    """Return the files that `scan` has found, from position `start` on."""
    found = connection.execute(_READ, (session, scan, start))
    return tuple(
        KnownImage(Path(os.fsdecode(path)), position, size, sha256, lesion)
        for path, position, size, sha256, lesion in found
    )


def note_digests(
    connection: sqlite3.Connection, session: int, digests: Mapping[Path, str]
) -> tuple[Moved, ...]:
    """Note the digests of files that were read, and let what became of old names follow.

    Args:
        connection: In a transaction.
        session: Its row in the table of sessions.
        digests: SHA-256 by path; paths that the session does not have are passed over.

    Returns:
        The files that turned out to be older ones which are no longer where they were.
    """
    connection.executemany(
        "UPDATE images SET sha256 = ? WHERE session = ? AND path = ?",
        ((sha256, session, path_cell(path)) for path, sha256 in digests.items()),
    )
    moved = []
    for path, sha256 in digests.items():
        others = connection.execute(
            "SELECT id, path FROM images WHERE session = ? AND sha256 = ? AND path <> ?",
            (session, sha256, path_cell(path)),
        ).fetchall()
        for number, cell in others:
            old = Path(os.fsdecode(cell))
            if not os.path.lexists(old):
                _follow(connection, session, number, path_cell(path))
                moved.append(Moved(old, path))
    return tuple(moved)


def _follow(connection: sqlite3.Connection, session: int, old: int, new: PathCell) -> None:
    connection.execute(
        "UPDATE images SET lesion = COALESCE(lesion, (SELECT lesion FROM images WHERE id = ?)) "
        "WHERE session = ? AND path = ?",
        (old, session, new),
    )
    connection.execute("DELETE FROM images WHERE id = ?", (old,))


def group(
    connection: sqlite3.Connection,
    session: int,
    groups: Mapping[str | None, Iterable[Path]],
    origin: str,
) -> None:
    """Let files show the lesions that are named; lesions without files go.

    What a reader grouped by hand, metadata leave as it is.

    Args:
        connection: In a transaction.
        session: Its row in the table of sessions.
        groups: Files of the session by their lesion's name; those of None show none that is known.
        origin: `metadata` or `hand`.
    """
    for name, paths in groups.items():
        lesion = None if name is None else _lesion(connection, session, name, origin)
        connection.executemany(
            _GROUP, ((lesion, session, path_cell(path), origin) for path in paths)
        )
    connection.execute(
        "DELETE FROM lesions WHERE session = ? AND id NOT IN "
        "(SELECT lesion FROM images WHERE session = ? AND lesion IS NOT NULL)",
        (session, session),
    )


_GROUP = """
    UPDATE images SET lesion = ? WHERE session = ? AND path = ? AND (? = 'hand' OR lesion IS NULL
        OR lesion IN (SELECT id FROM lesions WHERE origin = 'metadata'))
"""


def _lesion(connection: sqlite3.Connection, session: int, name: str, origin: str) -> int:
    connection.execute(
        "INSERT INTO lesions (session, name, origin) VALUES (?, ?, ?) "
        "ON CONFLICT (session, name) DO UPDATE SET origin = excluded.origin",
        (session, name, origin),
    )
    (lesion,) = connection.execute(
        "SELECT id FROM lesions WHERE session = ? AND name = ?", (session, name)
    ).fetchone()
    return int(lesion)
