"""Whether the audit of a session is what was written, and the decisions are what it leads to."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lesionviewer.core.store.audit import COLUMNS, DECISIONS, row_hash
from lesionviewer.core.store.decision import FIELDS, Decision, decision_of

_SEQ, _READER, _KIND, _SHA256, _OLD, _NEW, _BEFORE = (
    COLUMNS.index(name) for name in ("seq", "reader", "kind", "sha256", "old", "new", "before")
)
_Image = tuple[str, str]
"""Image digest and reader."""


@dataclass(frozen=True, slots=True)
class Altered:
    """The first place where the audit is not what was written.

    Attributes:
        row: Number of the row, from 1; one more than the last if rows are missing at the end; where
            a decision is not what its rows lead to, the last of them.
        why: What is wrong there, as a sentence.
    """

    row: int
    why: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What the check of a session's audit found.

    Attributes:
        uid: The session.
        rows: How many rows were found whole.
        head: Hash of the last of them; who kept an older one elsewhere can look it up.
        altered: The first altered row; None if all are whole.
    """

    uid: str
    rows: int
    head: str
    altered: Altered | None


def verify(connection: sqlite3.Connection, session: int) -> AuditReport:
    """Follow the chain of hashes from the first row to the last, and the decisions along with it.

    A chain without a secret shows what was changed, taken out or put in; not that somebody wrote
    all of it anew. Against that, keep `head` elsewhere.

    Args:
        connection: To the file of sessions; outside a transaction.
        session: Its row in the table of sessions.

    Raises:
        sqlite3.Error: The file could not be read.
    """
    connection.execute("BEGIN")  # one view of all tables while another program writes
    try:
        uid, rows, head = connection.execute(
            "SELECT uid, audit_rows, audit_head FROM sessions WHERE id = ?", (session,)
        ).fetchone()
        walk = _Walk(uid)
        for cells, own in _rows(connection, session):
            if (why := walk.step(cells, own)) is not None:
                return AuditReport(uid, walk.rows, walk.head, Altered(walk.rows + 1, why))
        altered = walk.end(rows, head, dict(_decisions(connection, session)))
        return AuditReport(uid, walk.rows, walk.head, altered)
    finally:
        connection.execute("ROLLBACK")


class _Walk:
    """What is known after the rows so far."""

    def __init__(self, uid: str) -> None:
        self._uid = uid
        self.rows = 0
        self.head = ""
        self._held: dict[_Image, Decision] = {}
        self._last: dict[_Image, int] = {}

    def step(self, cells: tuple[Any, ...], own: Any) -> str | None:
        """Take the next row. Returns what is wrong with it, or None."""
        if cells[_SEQ] != self.rows + 1:
            return "The row is missing."
        if cells[_BEFORE] != self.head:
            return "The row does not follow the one before it."
        try:
            if row_hash(self._uid, cells) != own:
                return "The row was changed after it was written."
            if cells[_KIND] in DECISIONS and not self._decide(cells):
                return "The row does not begin with the decision that held then."
        except (TypeError, ValueError, AttributeError):
            return "The row holds what no row of this program holds."
        self.rows, self.head = self.rows + 1, own
        return None

    def end(self, rows: Any, head: Any, decisions: dict[_Image, Decision]) -> Altered | None:
        """Return what is wrong after the last row.

        Args:
            rows: How many rows the session says it has.
            head: Hash of the last one, as the session has it.
            decisions: Those that are kept.
        """
        if isinstance(rows, int) and self.rows < rows:
            return Altered(self.rows + 1, "The row is missing.")
        if (self.rows, self.head) != (rows, head):
            return Altered(self.rows, "The session does not end with this row.")
        for image in {**self._held, **decisions}:
            if self._held.get(image) != decisions.get(image):
                why = "The decision that is kept is not the one that this row leads to."
                return Altered(self._last.get(image, self.rows), why)
        return None

    def _decide(self, cells: tuple[Any, ...]) -> bool:
        image = cells[_SHA256], cells[_READER]
        old, new = _decision(cells[_OLD]), _decision(cells[_NEW])
        if self._held.pop(image, None) != old:
            return False
        if new is not None:
            self._held[image] = new
        self._last[image] = cells[_SEQ]
        return True


def _rows(connection: sqlite3.Connection, session: int) -> Iterator[tuple[tuple[Any, ...], Any]]:
    names = ", ".join(COLUMNS)
    found = connection.execute(
        f"SELECT {names}, hash FROM audit WHERE session = ? ORDER BY seq",  # noqa: S608
        (session,),
    )
    for *cells, own in found:
        yield tuple(cells), own


def _decisions(
    connection: sqlite3.Connection, session: int
) -> Iterator[tuple[tuple[str, str], Decision]]:
    names = ", ".join(FIELDS)
    found = connection.execute(
        f"SELECT sha256, reader, {names} FROM decisions WHERE session = ?",  # noqa: S608
        (session,),
    )
    for sha256, reader, *cells in found:
        yield (sha256, reader), decision_of(tuple(cells))


def _decision(text: str | None) -> Decision | None:
    return None if text is None else Decision.from_json(json.loads(text))
