"""The chain of audit rows finds what was altered, taken out or put in."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from lesionviewer.core.store.audit import COLUMNS, row_hash
from lesionviewer.core.store.decision import Circumstances
from lesionviewer.core.store.store import SessionStore

TRIGGERS = ("audit_never_changes", "audit_never_shrinks")


@pytest.fixture
def tampered(folder: Path, tmp_path: Path, digest) -> Callable[..., tuple[int | None, str]]:
    """Write a session of eight rows, alter the file with SQL, and give row and reason found."""

    def run(*statements: str, prepare: Callable[[sqlite3.Connection], None] | None = None):
        with SessionStore.open(folder) as store:
            store.session_for([tmp_path / "other"]).decide([digest(9)], {"diagnosis": "df"})
            session = store.session_for([tmp_path], reader="Ada")
            given = Circumstances(bundle="b" * 64, model_shown=False, seconds=1)
            session.decide([digest(1), digest(2), digest(3)], {"diagnosis": "nv"}, given)
            session.decide([digest(1)], {"note": "ü"})
            session.undo()
            session.redo()
            session.decide([digest(4)], {"flag": True})
            session.record("export", None, {"format": "csv"})
            row = session.info.row
        with sqlite3.connect(folder / "session.db") as file:
            for name in TRIGGERS:
                file.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                assert file.execute(statement, {"s": row}).rowcount, statement
            if prepare:
                prepare(file)
        file.close()
        store = SessionStore.look_into(folder)
        with store:
            report = store.verify(row)
        return (report.altered.row, report.altered.why) if report.altered else (None, "")

    return run


def test_an_untouched_session_is_whole(tampered):
    assert tampered() == (None, "")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("seq", "99"),
        ("step", "1"),
        ("target", "7"),
        ("at_utc", "'2020-01-01T00:00:00.000Z'"),
        ("reader", "'Ben'"),
        ("kind", "'redo'"),
        ("sha256", "'00'"),
        ("bundle", "'c'"),
        ("old", "'{}'"),
        ("old", "NULL"),
        ("new", "NULL"),
        ("new", "replace(new, 'nv', 'mel')"),
        ("new", "x'00'"),
        ("new", "CAST(x'ff' AS TEXT)"),
        ("before", "''"),
        ("hash", "'00'"),
        ("session", "1"),
    ],
)
def test_a_change_of_any_column_is_found_in_its_row(tampered, column, value):
    row, _ = tampered(f"UPDATE audit SET {column} = {value} WHERE session = :s AND seq = 4")
    assert row == 4


@pytest.mark.parametrize("row", range(1, 9))
def test_a_row_that_was_taken_out_is_found_also_at_the_end(tampered, row):
    assert tampered(f"DELETE FROM audit WHERE session = :s AND seq = {row}") == (
        row,
        "The row is missing.",
    )


def test_the_last_row_taken_out_with_the_count_corrected_is_found(tampered):
    found = tampered(
        "DELETE FROM audit WHERE session = :s AND seq = 8",
        "UPDATE sessions SET audit_rows = 7 WHERE id = :s",
    )
    assert found == (7, "The session does not end with this row.")


def test_rows_taken_out_with_the_chain_cut_to_fit_show_in_the_decisions(tampered):
    found = tampered(
        "DELETE FROM audit WHERE session = :s AND seq >= 4",
        "UPDATE sessions SET audit_rows = 3, audit_head = (SELECT hash FROM audit WHERE "
        "session = :s AND seq = 3) WHERE id = :s",
    )
    assert found == (1, "The decision that is kept is not the one that this row leads to.")


def test_rows_that_changed_places_are_found(tampered):
    row, _ = tampered(
        "UPDATE audit SET seq = 100 WHERE session = :s AND seq = 2",
        "UPDATE audit SET seq = 2 WHERE session = :s AND seq = 3",
        "UPDATE audit SET seq = 3 WHERE session = :s AND seq = 100",
    )
    assert row == 2


def forged(file: sqlite3.Connection, *, count: bool) -> None:
    """Append a row that follows the chain as its own would."""
    names = ", ".join(COLUMNS)
    last = file.execute(
        f"SELECT session, {names}, hash FROM audit ORDER BY session, seq"
    ).fetchall()
    session, *cells, head = last[-1]
    (uid,) = file.execute("SELECT uid FROM sessions WHERE id = ?", (session,)).fetchone()
    cells[COLUMNS.index("seq")] = 9
    cells[COLUMNS.index("before")] = head
    own = row_hash(uid, cells)
    marks = ", ".join("?" * (len(COLUMNS) + 2))
    file.execute(
        f"INSERT INTO audit (session, {names}, hash) VALUES ({marks})", (session, *cells, own)
    )
    if count:
        file.execute("UPDATE sessions SET audit_rows = 9 WHERE id = ?", (session,))


def rewritten(file: sqlite3.Connection) -> None:
    """Change a row in the middle along with its own hash."""
    names = ", ".join(COLUMNS)
    session, *cells = file.execute(
        f"SELECT session, {names} FROM audit WHERE kind = 'decide' AND seq = 4"
    ).fetchone()
    (uid,) = file.execute("SELECT uid FROM sessions WHERE id = ?", (session,)).fetchone()
    cells[COLUMNS.index("at_utc")] = "2020-01-01T00:00:00.000Z"
    file.execute(
        "UPDATE audit SET at_utc = ?, hash = ? WHERE session = ? AND seq = 4",
        ("2020-01-01T00:00:00.000Z", row_hash(uid, cells), session),
    )


def test_a_row_changed_along_with_its_hash_shows_in_the_next(tampered):
    found = tampered(prepare=rewritten)
    assert found == (5, "The row does not follow the one before it.")


@pytest.mark.parametrize("count", [False, True])
def test_a_row_put_in_at_the_end_is_found(tampered, count):
    found = tampered(prepare=lambda file: forged(file, count=count))
    assert found == (9, "The session does not end with this row.")


def test_a_row_put_in_between_is_found(tampered):
    row, _ = tampered(
        "UPDATE audit SET seq = seq + 100 WHERE session = :s AND seq >= 4",
        "INSERT INTO audit SELECT session, 4, step, target, at_utc, reader, kind, sha256, bundle, "
        "old, new, before, hash FROM audit WHERE session = :s AND seq = 3",
        "UPDATE audit SET seq = seq - 99 WHERE session = :s AND seq > 100",
    )
    assert row == 4


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE decisions SET diagnosis = 'mel' WHERE session = :s AND diagnosis = 'nv'", None),
        ("UPDATE decisions SET note = 'other' WHERE session = :s AND flag = 1", 7),
        ("DELETE FROM decisions WHERE session = :s AND flag = 1", 7),
        ("UPDATE decisions SET reader = 'Ben' WHERE session = :s AND flag = 1", 7),
    ],
)
def test_a_decision_changed_without_a_row_is_found(tampered, statement, row):
    found, why = tampered(statement)
    assert why == "The decision that is kept is not the one that this row leads to."
    assert found == row if row else found in (2, 3, 6)


def test_the_database_itself_refuses_to_change_or_delete_rows(folder, session, store, digest):
    session.decide([digest(1)], {"diagnosis": "nv"})
    other = sqlite3.connect(folder / "session.db")
    for statement in ("UPDATE audit SET reader = 'Ben'", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="audit rows are never"):
            other.execute(statement)
    other.close()
    assert store.verify(session.info.row).altered is None


def test_the_head_of_the_chain_changes_with_every_row(session, store, digest):
    heads = set()
    for number in range(3):
        session.decide([digest(number)], {"diagnosis": "nv"})
        heads.add(store.verify(session.info.row).head)
    assert len(heads) == 3


def test_an_altered_audit_can_still_be_opened(folder, tampered, tmp_path, digest):
    tampered("DELETE FROM audit WHERE session = :s AND seq <= 4")
    with SessionStore.open(folder) as store:
        session = store.session_for([tmp_path])
        session.decide([digest(5)], {"diagnosis": "nv"})
        assert session.undo()
