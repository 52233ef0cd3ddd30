"""The table of what each reader decided at last, and the audit that led there."""

import sqlite3
from collections.abc import Iterable

from lesionviewer.core.store.audit import DECIDE, SWITCH, AuditRow, Entry, append
from lesionviewer.core.store.decision import (
    FIELDS,
    Change,
    Circumstances,
    Decision,
    changed,
    decision_of,
    is_switch,
)

_NAMES = ", ".join(FIELDS)
_MARKS = ", ".join("?" * (len(FIELDS) + 3))
_READ = f"SELECT sha256, {_NAMES} FROM decisions WHERE session = ? AND reader = ?"  # noqa: S608
_WRITE = (
    f"INSERT OR REPLACE INTO decisions (session, sha256, reader, {_NAMES}) "  # noqa: S608
    f"VALUES ({_MARKS})"
)


def read_decisions(
    connection: sqlite3.Connection, session: int, reader: str
) -> dict[str, Decision]:
    """Return what `reader` holds, by image digest."""
    found = connection.execute(_READ, (session, reader))
    return {sha256: decision_of(tuple(cells)) for sha256, *cells in found}


def read_decision(
    connection: sqlite3.Connection, session: int, reader: str, sha256: str
) -> Decision | None:
    """Return what `reader` holds of one image."""
    row = connection.execute(f"{_READ} AND sha256 = ?", (session, reader, sha256)).fetchone()
    return None if row is None else decision_of(row[1:])


def write_decision(
    connection: sqlite3.Connection,
    session: int,
    reader: str,
    sha256: str,
    decision: Decision | None,
) -> None:
    """Let `decision` hold from now on; None for none. The caller writes the audit."""
    if decision is None:
        connection.execute(
            "DELETE FROM decisions WHERE session = ? AND sha256 = ? AND reader = ?",
            (session, sha256, reader),
        )
        return
    cells = (getattr(decision, name) for name in FIELDS)
    connection.execute(_WRITE, (session, sha256, reader, *cells))


def decide(
    connection: sqlite3.Connection,
    session: int,
    reader: str,
    digests: Iterable[str],
    change: Change,
    given: Circumstances,
    *,
    at: str,
) -> tuple[AuditRow, ...]:
    """Apply `change` to images as one step; those that it does not alter get no row.

    Args:
        connection: In a transaction.
        session: Its row in the table of sessions.
        reader: Who decides.
        digests: SHA-256 of the images.
        change: As `decision.checked` gives it.
        given: Under which the reader decides.
        at: Time in UTC.
    """
    entries = []
    for sha256 in dict.fromkeys(digests):
        old = read_decision(connection, session, reader, sha256)
        new = changed(old, change, sha256, given, at=at)
        if new is None:
            continue
        kind = SWITCH if is_switch(old, new) else DECIDE
        write_decision(connection, session, reader, sha256, new)
        entries.append(
            Entry(sha256, old.as_json() if old else None, new.as_json(), kind, given.bundle)
        )
    return append(connection, session, entries, reader=reader, at=at)
