"""Finding the session of a folder that was renamed or moved as a whole."""

import hashlib
import os
import sqlite3
from itertools import islice
from pathlib import Path

from lesionviewer.core.files import find_images
from lesionviewer.core.store.canonical import path_cell
from lesionviewer.core.store.session_rows import list_sessions, set_roots

_SAMPLE = 8
_LARGEST_BYTES = 64 << 20


def find_moved(connection: sqlite3.Connection, folder: str) -> int | None:
    """Return the row of the session of one folder that is gone and held the images of this one.

    Args:
        connection: To the file of sessions; outside a transaction, as images are read.
        folder: What is opened. At least half of its first few images must be known.
    """
    gone = [
        info.row
        for info in list_sessions(connection)
        if len(info.roots) == 1 and not os.path.lexists(info.roots[0])
    ]
    if not gone:
        return None
    digests = _sample(folder)
    marks = ", ".join("?" * len(digests))
    known = dict(
        connection.execute(
            "SELECT session, COUNT(DISTINCT sha256) FROM images "  # noqa: S608
            f"WHERE sha256 IN ({marks}) GROUP BY session",
            digests,
        )
    )
    best = max(gone, key=lambda row: known.get(row, 0))
    return best if known.get(best, 0) * 2 >= max(1, len(digests)) else None


def _sample(folder: str) -> tuple[str, ...]:
    """Return SHA-256 of the first few images below `folder`; of large files none."""
    digests = []
    for image in islice(find_images([folder]), _SAMPLE):
        try:
            if image.path.is_file() and image.path.stat().st_size <= _LARGEST_BYTES:
                digests.append(hashlib.sha256(image.path.read_bytes()).hexdigest())
        except OSError:
            continue
    return tuple(dict.fromkeys(digests))


def move_session(connection: sqlite3.Connection, row: int, old: str, new: str) -> None:
    """Let a session and its files lie below `new` instead of `old`. In a transaction."""
    images = connection.execute("SELECT id, path FROM images WHERE session = ?", (row,)).fetchall()
    below = [(number, os.path.relpath(os.fsdecode(cell), old)) for number, cell in images]
    connection.executemany(
        "UPDATE images SET path = ? WHERE id = ?",
        ((path_cell(Path(new, relative)), number) for number, relative in below),
    )
    set_roots(connection, row, [new])
