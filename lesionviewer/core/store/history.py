"""Undo and redo, read out of the audit: what was committed is the stack, also after a kill."""

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from lesionviewer.core.store.audit import DECISIONS, REDO, UNDO, AuditRow, Entry, append
from lesionviewer.core.store.decision import Decision
from lesionviewer.core.store.decisions import read_decision, write_decision


@dataclass(frozen=True, slots=True)
class Step:
    """What one reader did at once.

    Attributes:
        number: Of its first audit row.
        images: How many images it changed.
    """

    number: int
    images: int


@dataclass(slots=True)
class History:
    """What can be undone and done again, the latest at the end.

    Attributes:
        undo: Steps that hold.
        redo: Steps that were taken back, with none of another kind since.
    """

    undo: list[Step] = field(default_factory=list)
    redo: list[Step] = field(default_factory=list)

    def note(self, kind: str, step: Step) -> None:
        """Take in a further step of the audit.

        Args:
            kind: Of its rows, one of `DECISIONS`.
            step: The step itself; it is empty where what was undone or redone counts.
        """
        if kind == UNDO:
            self.redo.append(self.undo.pop())
        elif kind == REDO:
            self.undo.append(self.redo.pop())
        else:
            self.undo.append(step)
            self.redo.clear()


def read_history(connection: sqlite3.Connection, session: int, reader: str) -> History:
    """Return what `reader` can undo and redo."""
    history = History()
    marks = ", ".join("?" * len(DECISIONS))
    steps = connection.execute(
        "SELECT step, kind, COUNT(*) FROM audit WHERE session = ? AND reader = ? "  # noqa: S608
        f"AND kind IN ({marks}) GROUP BY step ORDER BY step",
        (session, reader, *DECISIONS),
    )
    try:
        for number, kind, images in steps:
            history.note(kind, Step(number, images))
    except IndexError:  # more was taken back than done: the audit was altered, as its check tells
        return History()
    return history


def repeat(
    connection: sqlite3.Connection,
    session: int,
    reader: str,
    target: Step,
    kind: str,
    *,
    at: str,
) -> tuple[AuditRow, ...]:
    """Let the decisions before or after `target` hold again, as a new step of the audit.

    Args:
        connection: In a transaction.
        session: Its row in the table of sessions.
        reader: Who did `target`, and takes it back or does it again.
        target: The last of `History.undo` or `History.redo`.
        kind: `UNDO` or `REDO`.
        at: Time in UTC.
    """
    entries = []
    rows = connection.execute(
        "SELECT sha256, bundle, old, new FROM audit WHERE session = ? AND step = ? ORDER BY seq",
        (session, target.number),
    ).fetchall()
    for sha256, bundle, old, new in rows:
        now = read_decision(connection, session, reader, sha256)
        then = _decision(old if kind == UNDO else new)
        write_decision(connection, session, reader, sha256, then)
        entries.append(Entry(sha256, _as_json(now), _as_json(then), kind, bundle))
    return append(connection, session, entries, reader=reader, at=at, target=target.number)


def _decision(text: str | None) -> Decision | None:
    return None if text is None else Decision.from_json(json.loads(text))


def _as_json(decision: Decision | None) -> dict[str, Any] | None:
    return None if decision is None else decision.as_json()
