"""A file of sessions that cannot be used: named, left as it is, and backups offered."""

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lesionviewer.core.errors import StoreError
from lesionviewer.core.store.backup_list import list_backups
from lesionviewer.core.store.migrations import MIGRATIONS
from lesionviewer.core.store.problems import SessionStoreError, StoreProblem
from lesionviewer.core.store.restore import begin_anew, restore_backup
from lesionviewer.core.store.store import SessionStore

NOBODY = 65534


@pytest.fixture
def kept(folder: Path, tmp_path: Path, digest) -> Path:
    """A file of sessions with one decision, closed, and a backup of it."""
    with SessionStore.open(folder) as store:
        session = store.session_for([tmp_path], reader="Ada")
        session.decide([digest(1)], {"diagnosis": "mel"})
    return folder / "session.db"


def problem_of(folder: Path) -> SessionStoreError:
    with pytest.raises(SessionStoreError) as failure:
        SessionStore.open(folder, busy_ms=0)
    return failure.value


def garbage(file: Path) -> None:
    file.write_bytes(b"not a database at all" * 1000)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:10_000])


def damaged_inside(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 64] = os.urandom(64)
    file.write_bytes(content)


def foreign(file: Path) -> None:
    file.unlink()
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()


def newer(file: Path) -> None:
    other = sqlite3.connect(file)
    other.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    other.close()


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (garbage, StoreProblem.DAMAGED),
        (emptied, StoreProblem.DAMAGED),
        (truncated, StoreProblem.DAMAGED),
        (damaged_inside, StoreProblem.DAMAGED),
        (foreign, StoreProblem.DAMAGED),
        (newer, StoreProblem.NEWER),
    ],
)
def test_an_unusable_file_is_left_as_it_is_until_a_backup_takes_its_place(
    kept, folder, tmp_path, digest, harm, problem
):
    harm(kept)
    before = kept.read_bytes()
    error = problem_of(folder)
    assert error.problem is problem
    assert kept.read_bytes() == before
    with pytest.raises(SessionStoreError):
        SessionStore.look_into(folder)
    aside = restore_backup(folder, error.backups[0])
    assert (aside / "session.db").read_bytes() == before
    with SessionStore.open(folder) as store:
        assert store.session_for([tmp_path]).decisions()[digest(1)].diagnosis == "mel"


@pytest.mark.parametrize("problem", StoreProblem)
def test_each_problem_is_said_in_one_line_without_a_path(problem, tmp_path):
    text = str(SessionStoreError(problem, tmp_path))
    assert text.endswith(".")
    assert "\n" not in text
    assert str(tmp_path) not in text


def test_a_damaged_file_with_a_log_keeps_both(folder, tmp_path, digest):
    store = SessionStore.open(folder)
    store.session_for([tmp_path]).decide([digest(1)], {"diagnosis": "mel"})
    log = (folder / "session.db-wal").read_bytes()
    store.close()
    file = folder / "session.db"
    damaged_inside(file)
    (folder / "session.db-wal").write_bytes(log[:4000])
    before = file.read_bytes()
    assert problem_of(folder).problem is StoreProblem.DAMAGED
    assert file.read_bytes() == before
    assert (folder / "session.db-wal").read_bytes() == log[:4000]


def test_a_second_program_is_told_that_the_sessions_are_in_use(store, folder):
    assert problem_of(folder).problem is StoreProblem.IN_USE
    with pytest.raises(SessionStoreError) as failure:
        begin_anew(folder)
    assert failure.value.problem is StoreProblem.IN_USE


def test_others_may_read_while_one_writes(session, folder, digest):
    session.decide([digest(1)], {"diagnosis": "nv"})
    with SessionStore.look_into(folder) as reader:
        assert reader.sessions()[0].decided == 1
        session.decide([digest(2)], {"diagnosis": "nv"})
        assert reader.sessions()[0].decided == 2
        with pytest.raises(SessionStoreError) as failure:
            reader.session_for([folder])
        assert failure.value.problem is StoreProblem.READ_ONLY


def test_a_file_that_another_program_holds_is_named_as_locked(kept, folder):
    other = sqlite3.connect(kept, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert problem_of(folder).problem is StoreProblem.LOCKED
    other.close()
    SessionStore.open(folder).close()


def test_a_decision_while_the_file_is_locked_changes_nothing(session, folder, digest):
    other = sqlite3.connect(folder / "session.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(SessionStoreError) as failure:
        session.decide([digest(1)], {"diagnosis": "nv"})
    assert failure.value.problem is StoreProblem.LOCKED
    other.close()
    assert session.decisions() == {}
    assert session.undo() == ()
    assert len(session.decide([digest(1)], {"diagnosis": "nv"})) == 1


def test_a_decision_on_a_full_disk_changes_nothing_and_can_be_repeated(session, store, digest):
    session.decide([digest(0)], {"diagnosis": "nv"})
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count={pages}")
    many = [digest(number) for number in range(1, 200)]
    with pytest.raises(SessionStoreError) as failure:
        session.decide(many, {"note": "x" * 500})
    assert failure.value.problem is StoreProblem.FULL
    assert set(session.decisions()) == {digest(0)}
    assert store.verify(session.info.row).rows == 1
    store._connection.execute("PRAGMA max_page_count=1000000")
    assert len(session.decide(many, {"note": "x" * 500})) == 199
    session.undo()
    assert set(session.decisions()) == {digest(0)}


def test_a_file_that_is_gone_is_not_begun_anew_behind_the_readers_back(kept, folder, digest):
    kept.unlink()
    error = problem_of(folder)
    assert error.problem is StoreProblem.MISSING
    assert error.backups
    assert not kept.exists()
    aside = begin_anew(folder)
    with SessionStore.open(folder) as store:
        assert store.sessions() == ()
    assert list(aside.glob("backups/*.db"))


def test_a_log_without_its_file_is_not_taken_for_one_of_the_new_file(folder, tmp_path, digest):
    store = SessionStore.open(folder)
    store.session_for([tmp_path]).decide([digest(1)], {"diagnosis": "mel"})
    log = (folder / "session.db-wal").read_bytes()
    store.close()
    begin_anew(folder)
    (folder / "session.db-wal").write_bytes(log)
    with SessionStore.open(folder) as store:
        assert store.sessions() == ()
    (kept_log,) = folder.glob("set-aside/*/session.db-wal")
    assert kept_log.read_bytes() == log


def test_a_damaged_backup_is_refused_and_nothing_is_changed(kept, folder):
    (backup, *_) = list_backups(folder)
    garbage(backup.path)
    before = kept.read_bytes()
    with pytest.raises(StoreError, match="Choose another one"):
        restore_backup(folder, backup)
    assert kept.read_bytes() == before
    assert not (folder / "set-aside").exists()


def test_restoring_without_room_leaves_the_old_file(kept, folder, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    before = kept.read_bytes()
    with pytest.raises(SessionStoreError) as failure:
        restore_backup(folder, list_backups(folder)[0])
    assert failure.value.problem is StoreProblem.FULL
    assert kept.read_bytes() == before


def test_a_kill_half_way_through_restoring_is_told_and_can_be_repeated(
    kept, folder, tmp_path, digest, monkeypatch
):
    garbage(kept)
    backup = list_backups(folder)[0]
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            restore_backup(folder, backup)
    assert problem_of(folder).problem is StoreProblem.MISSING
    restore_backup(folder, backup)
    with SessionStore.open(folder) as store:
        assert store.session_for([tmp_path]).decisions()[digest(1)].diagnosis == "mel"


def test_without_room_for_a_backup_work_goes_on_and_it_is_told(kept, folder, monkeypatch, caplog):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lesionviewer.core.store.backups._copy", full)
    with SessionStore.open(folder) as store:
        assert "disk" in store.backup_failure
        assert len(store.sessions()) == 1
    assert "FULL" in caplog.text


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder used as somebody who, unlike root, is held to the permissions of files."""
    if sys.platform == "win32":
        pytest.skip("Windows has other permissions")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "data"
        folder.mkdir()
        SessionStore.open(folder).close()
        if os.geteuid() != 0:
            yield folder
            folder.chmod(0o755)
            return
        for path in (folder.parent, folder, *folder.rglob("*")):
            os.chown(path, NOBODY, -1)
        os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(0)
            folder.chmod(0o755)


def test_a_read_only_file_is_named(unprivileged):
    (unprivileged / "session.db").chmod(0o444)
    assert problem_of(unprivileged).problem is StoreProblem.READ_ONLY


def test_a_read_only_folder_is_named_and_can_be_looked_into(unprivileged):
    for path in unprivileged.glob("session.*"):
        if path.name != "session.db":
            path.unlink()
    unprivileged.chmod(0o555)
    assert problem_of(unprivileged).problem is StoreProblem.READ_ONLY
    with SessionStore.look_into(unprivileged) as reader:
        assert reader.sessions() == ()


def test_an_unreadable_file_is_named(unprivileged):
    (unprivileged / "session.db").chmod(0)
    error = problem_of(unprivileged)
    assert error.problem in (StoreProblem.UNREADABLE, StoreProblem.READ_ONLY)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SessionStoreError) as failure:
        SessionStore.open(tmp_path / "file" / "data")
    assert failure.value.problem is StoreProblem.UNREADABLE
