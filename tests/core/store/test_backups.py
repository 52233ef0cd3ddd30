"""Backups at opening and closing: whole or not at all, five kept."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lesionviewer.core.store.backup_list import backup_path, list_backups
from lesionviewer.core.store.checks import check_file
from lesionviewer.core.store.store import SessionStore


def decide(folder: Path, opened: Path, digest: str) -> None:
    with SessionStore.open(folder) as store:
        store.session_for([opened]).decide([digest], {"diagnosis": "nv"})


def decided_in(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT COUNT(*) FROM decisions").fetchone()[0]


def test_closing_backs_up_what_was_decided_and_opening_what_a_kill_left(folder, tmp_path, digest):
    decide(folder, tmp_path, digest(1))
    assert decided_in(list_backups(folder)[0].path) == 1
    store = SessionStore.open(folder)
    store.session_for([tmp_path]).decide([digest(2)], {"diagnosis": "nv"})
    killed = tmp_path / "killed"
    shutil.copytree(folder, killed)
    store.close()
    SessionStore.open(killed).close()
    assert decided_in(list_backups(killed)[0].path) == 2


def test_five_are_kept_and_each_is_a_whole_file_of_sessions(folder, tmp_path, digest):
    for number in range(8):
        decide(folder, tmp_path, digest(number))
    backups = list_backups(folder)
    assert len(backups) == 5
    assert [backup.number for backup in backups] == sorted(
        (backup.number for backup in backups), reverse=True
    )
    assert [decided_in(backup.path) for backup in backups] == [8, 7, 6, 5, 4]
    for backup in backups:
        check_file(backup.path, busy_ms=0)
    assert len(list((folder / "backups").iterdir())) == 5


def test_opening_and_closing_without_a_change_pushes_no_backup_out(folder, tmp_path, digest):
    decide(folder, tmp_path, digest(1))
    before = list_backups(folder)
    for _ in range(6):
        SessionStore.open(folder).close()
    assert list_backups(folder) == before


def test_a_clock_set_back_does_not_make_a_new_backup_the_oldest(folder, tmp_path, digest):
    decide(folder, tmp_path, digest(1))
    (newest, *_) = list_backups(folder)
    future = backup_path(folder, newest.number + 1, datetime(2099, 1, 1, tzinfo=UTC))
    shutil.copyfile(newest.path, future)
    decide(folder, tmp_path, digest(2))
    assert decided_in(list_backups(folder)[0].path) == 2


def test_what_a_killed_backup_left_is_no_backup_and_goes(folder, tmp_path, digest):
    decide(folder, tmp_path, digest(1))
    part = folder / "backups" / "session-000099-20990101T000000Z.db.part"
    part.write_bytes(b"half")
    assert all(backup.path != part for backup in list_backups(folder))
    SessionStore.open(folder).close()
    assert not part.exists()


def test_a_backup_that_fails_leaves_the_older_ones(folder, tmp_path, digest, monkeypatch):
    decide(folder, tmp_path, digest(1))
    before = list_backups(folder)
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    decide(folder, tmp_path, digest(2))
    monkeypatch.undo()
    assert list_backups(folder) == before
    assert len(list((folder / "backups").iterdir())) == len(before)


def test_a_damaged_file_is_never_backed_up(folder, tmp_path, digest):
    decide(folder, tmp_path, digest(1))
    before = list_backups(folder)
    (folder / "session.db").write_bytes(b"x" * 9000)
    for _ in range(3):
        with pytest.raises(Exception, match="damaged"):
            SessionStore.open(folder)
    assert list_backups(folder) == before
