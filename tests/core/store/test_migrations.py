"""Files of sessions that older programs wrote."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lesionviewer.core.store.migrations import MIGRATIONS, migrate, version_of
from lesionviewer.core.store.store import SessionStore

VERSION_1 = Path(__file__).with_name("version_1.sql")


@pytest.fixture
def old_file(folder: Path) -> Path:
    """A file of sessions as version 1 wrote it."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "session.db")) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    return folder / "session.db"


def tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master") if sql}


def test_a_file_of_version_1_comes_back_whole(old_file, folder):
    with SessionStore.open(folder) as store:
        (info,) = store.sessions()
        assert (info.name, info.images, info.decided) == ("clinic", 3, 2)
        session = store.session(info.row)
        assert {d.diagnosis for d in session.decisions().values()} == {"mel", "nv"}
        assert (session.view.operating_point, session.view.reader_first) == (0.31, True)
        assert [image.lesion for image in session.images()] == ["L1", "L1", None]
        assert session.readers() == ("Ada", "Ben")
        assert store.verify(info.row).altered is None
        assert [row.decision.note for row in session.redo()] == ["border"]
        session.undo()
        session.undo()
        assert {d.diagnosis for d in session.decisions().values()} == {"nv"}
        assert store.verify(info.row).altered is None


def test_an_old_file_can_be_looked_into_without_changing_it(old_file, folder):
    before = old_file.read_bytes()
    with SessionStore.look_into(folder) as store:
        assert store.verify(1).altered is None
    assert old_file.read_bytes() == before


def test_a_new_file_has_the_tables_of_an_old_one_that_was_brought_up_to_date(
    old_file, folder, tmp_path
):
    SessionStore.open(folder).close()
    SessionStore.open(tmp_path / "new").close()
    assert tables(old_file) == tables(tmp_path / "new" / "session.db")


def add_column(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE decisions ADD COLUMN seen_twice INTEGER NOT NULL DEFAULT 0")


def test_a_further_step_is_applied_once_and_keeps_the_rows(old_file):
    with closing(sqlite3.connect(old_file, isolation_level=None)) as connection:
        for _ in range(2):
            migrate(connection, (*MIGRATIONS, add_column))
            assert version_of(connection) == len(MIGRATIONS) + 1
        assert connection.execute("SELECT SUM(seen_twice), COUNT(*) FROM decisions").fetchone() == (
            0,
            2,
        )


def test_a_step_that_fails_leaves_the_file_as_it_was(old_file):
    def half(connection: sqlite3.Connection) -> None:
        add_column(connection)
        connection.execute("DROP TABLE images")
        raise RuntimeError("power cut")

    with closing(sqlite3.connect(old_file, isolation_level=None)) as connection:
        migrate(connection)
        before = tables(old_file)
        with pytest.raises(RuntimeError):
            migrate(connection, (*MIGRATIONS, half))
        assert version_of(connection) == len(MIGRATIONS)
    assert tables(old_file) == before


def test_a_program_with_a_further_step_backs_up_brings_up_to_date_and_reads(
    old_file, folder, monkeypatch
):
    steps = (*MIGRATIONS, add_column)
    for name in ("checks", "opening"):
        monkeypatch.setattr(f"lesionviewer.core.store.{name}.MIGRATIONS", steps)
    monkeypatch.setattr(
        "lesionviewer.core.store.opening.migrate", lambda connection: migrate(connection, steps)
    )
    with SessionStore.look_into(folder) as store:
        assert store.sessions()[0].decided == 2
    with SessionStore.open(folder) as store:
        assert store.verify(1).altered is None
        (backup,) = store.backups
    with closing(sqlite3.connect(backup.path)) as connection:
        assert version_of(connection) == 1
    with closing(sqlite3.connect(old_file)) as connection:
        assert version_of(connection) == len(steps)
