"""The table of sessions: made, listed, and found by what the user opens or names."""

import json
import os
import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lesionviewer.core.errors import StoreError
from lesionviewer.core.store.canonical import canonical, roots_key
from lesionviewer.core.store.view_state import ViewState

_SHORTEST = 4
_INFO = """
    SELECT id, uid, name, roots, created_utc, opened_utc, reader,
        (SELECT COUNT(*) FROM images WHERE session = sessions.id AND seen = sessions.scan),
        (SELECT COUNT(DISTINCT sha256) FROM decisions
            WHERE session = sessions.id AND decided_utc IS NOT NULL)
    FROM sessions
"""


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What is told of a session without opening it.

    Attributes:
        row: Its row in the table of sessions.
        uid: Its name for machines, 32 hexadecimal digits.
        name: Its name for people.
        roots: Files and folders that were opened together, absolute.
        created_utc: When it began.
        opened_utc: When it was opened last.
        reader: Who read last.
        images: How many files the last scan found.
        decided: How many images somebody has decided.
    """

    row: int
    uid: str
    name: str
    roots: tuple[str, ...]
    created_utc: str
    opened_utc: str
    reader: str
    images: int
    decided: int


def absolute(paths: Sequence[Path | str]) -> tuple[str, ...]:
    """Return what the user opened as absolute paths, in the order given, each once."""
    return tuple(dict.fromkeys(os.path.abspath(path) for path in paths))  # noqa: PTH100


def list_sessions(connection: sqlite3.Connection) -> tuple[SessionInfo, ...]:
    """Return all sessions, the one opened last first."""
    found = connection.execute(f"{_INFO} ORDER BY opened_utc DESC, id DESC")
    return tuple(_info(row) for row in found)


def read_session(connection: sqlite3.Connection, row: int) -> SessionInfo:
    """Return what there is to tell of the session in `row`."""
    return _info(connection.execute(f"{_INFO} WHERE id = ?", (row,)).fetchone())


def find_by_roots(connection: sqlite3.Connection, roots: Sequence[str]) -> int | None:
    """Return the row of the session of these files and folders, the one opened last."""
    found = connection.execute(
        "SELECT id FROM sessions WHERE roots_key = ? ORDER BY opened_utc DESC, id DESC",
        (roots_key(roots),),
    ).fetchone()
    return None if found is None else int(found[0])


def find_by_word(connection: sqlite3.Connection, word: str) -> SessionInfo:
    """Return the session that `word` names: its uid, the beginning of it, or what was opened.

    Raises:
        StoreError: No session is meant, or several.
    """
    named = [info for info in list_sessions(connection) if _means(info, word)]
    if len(named) == 1:
        return named[0]
    if not named:
        raise StoreError(f"There is no session {word}. `lesionviewer sessions` lists them.")
    raise StoreError(f"Several sessions begin with {word}. Give more of the name.")


def _means(info: SessionInfo, word: str) -> bool:
    if info.roots == absolute([word]):
        return True
    return len(word) >= _SHORTEST and info.uid.startswith(word.lower())


def make_session(
    connection: sqlite3.Connection, roots: Sequence[str], *, reader: str, at: str
) -> int:
    """Begin a session and return its row.

    Args:
        connection: In a transaction.
        roots: Absolute paths.
        reader: Who reads.
        at: Time in UTC.
    """
    first = Path(roots[0]) if roots else Path()
    name = first.name or str(first)
    if len(roots) > 1:
        name = f"{name} and {len(roots) - 1} more"
    made = connection.execute(
        "INSERT INTO sessions (uid, name, roots, roots_key, created_utc, opened_utc, reader, view, "
        "scan, audit_rows, audit_head) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '')",
        (
            *(uuid.uuid4().hex, _shown(name), canonical(list(roots)), roots_key(roots)),
            *(at, at, reader, ViewState().as_text()),
        ),
    )
    return int(made.lastrowid or 0)


def set_roots(connection: sqlite3.Connection, row: int, roots: Sequence[str]) -> None:
    """Let a session be one of other files and folders from now on."""
    connection.execute(
        "UPDATE sessions SET roots = ?, roots_key = ? WHERE id = ?",
        (canonical(list(roots)), roots_key(roots), row),
    )


def _info(row: Sequence[object]) -> SessionInfo:
    number, uid, name, roots, created, opened, reader, images, decided = row
    return SessionInfo(
        int(str(number)),
        str(uid),
        str(name),
        tuple(json.loads(str(roots))),
        str(created),
        str(opened),
        str(reader),
        int(str(images)),
        int(str(decided)),
    )


def _shown(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
