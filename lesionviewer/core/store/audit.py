"""Every decision as a row that holds the hash of the row before it."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lesionviewer.core.store.canonical import canonical, digest
from lesionviewer.core.store.decision import Decision

DECIDE, SWITCH, UNDO, REDO = "decide", "switch", "undo", "redo"
DECISIONS = (DECIDE, SWITCH, UNDO, REDO)
"""Kinds whose `old` and `new` are decisions. Rows of other kinds tell of the session as a whole."""

COLUMNS = (
    *("seq", "step", "target", "at_utc", "reader", "kind"),
    *("sha256", "bundle", "old", "new", "before"),
)
"""What is hashed of a row, beside the session's uid."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row as it was committed.

    Attributes:
        seq: Its number, from 1 in each session.
        step: Number of the first row of what was done at once.
        kind: One of `DECISIONS`, or another word.
        reader: Who did it.
        at_utc: When.
        sha256: The image; empty where none is meant.
        bundle: Digest of the model bundle in use; empty for none.
        old: JSON of what was before; None for nothing.
        new: JSON of what is from then on; None for nothing.
    """

    seq: int
    step: int
    kind: str
    reader: str
    at_utc: str
    sha256: str
    bundle: str
    old: str | None
    new: str | None

    @property
    def decision(self) -> Decision | None:
        """What holds for the image from then on, in a row of one of the kinds `DECISIONS`."""
        return None if self.new is None else Decision.from_json(json.loads(self.new))


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row is to say of one image, or of none.

    Attributes:
        sha256: The image; empty where none is meant.
        old: What was before, as JSON has it; None for nothing.
        new: What is from now on.
        kind: One of `DECISIONS`, or another word.
        bundle: Digest of the model bundle in use; empty for none.
    """

    sha256: str
    old: Any
    new: Any
    kind: str
    bundle: str = ""


def row_hash(uid: str, cells: Sequence[Any]) -> str:
    """Return SHA-256 over the canonical JSON of a row.

    Args:
        uid: The session's.
        cells: The row's `COLUMNS`.

    Raises:
        TypeError: A cell holds bytes, as no row of ours does.
        ValueError: A cell holds a number that is not finite.
    """
    return digest(canonical({"session": uid, **dict(zip(COLUMNS, cells, strict=True))}))


def append(
    connection: sqlite3.Connection,
    session: int,
    entries: Sequence[Entry],
    *,
    reader: str,
    at: str,
    target: int | None = None,
) -> tuple[AuditRow, ...]:
    """Add one step to the audit of a session; none if there is nothing to tell.

    Args:
        connection: In a transaction.
        session: Its row in the table of sessions.
        entries: What was done at once.
        reader: Who did it.
        at: Time in UTC.
        target: The step that is undone or redone.

    Raises:
        sqlite3.Error: It could not be written.
    """
    if not entries:
        return ()
    uid, rows, head = connection.execute(
        "SELECT uid, audit_rows, audit_head FROM sessions WHERE id = ?", (session,)
    ).fetchone()
    step, made = rows + 1, []
    for seq, entry in enumerate(entries, start=step):
        old, new = _json(entry.old), _json(entry.new)
        cells = (
            *(seq, step, target, at, reader, entry.kind),
            *(entry.sha256, entry.bundle, old, new, head),
        )
        head = row_hash(uid, cells)
        connection.execute(
            "INSERT INTO audit (session, seq, step, target, at_utc, reader, kind, sha256, bundle, "
            "old, new, before, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (session, *cells, head),
        )
        made.append(
            AuditRow(seq, step, entry.kind, reader, at, entry.sha256, entry.bundle, old, new)
        )
    connection.execute(
        "UPDATE sessions SET audit_rows = ?, audit_head = ? WHERE id = ?",
        (rows + len(made), head, session),
    )
    return tuple(made)


def read_rows(
    connection: sqlite3.Connection, session: int, kinds: Sequence[str] = ()
) -> tuple[AuditRow, ...]:
    """Return the rows of `kinds` from the first on, of all kinds if none is named."""
    found = connection.execute(
        "SELECT seq, step, kind, reader, at_utc, sha256, bundle, old, new FROM audit "
        "WHERE session = ? ORDER BY seq",
        (session,),
    )
    return tuple(AuditRow(*row) for row in found if not kinds or row[2] in kinds)


def _json(value: Any) -> str | None:
    return None if value is None else canonical(value)
