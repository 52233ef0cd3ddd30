import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lesionviewer.__main__ import main
from lesionviewer.core.store.store import SessionStore
from lesionviewer.core.user_dirs import HOME_VARIABLE, data_dir


@pytest.fixture(autouse=True)
def uid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A session with three rows in a data folder of the test's own."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    with SessionStore.open() as store:
        session = store.session_for([tmp_path / "clinic"], reader="Ada")
        for code in ("nv", "mel", "bcc"):
            session.decide(["0" * 64], {"diagnosis": code})
        return session.info.uid


def alter(statement: str) -> None:
    with closing(sqlite3.connect(data_dir() / "session.db", isolation_level=None)) as file:
        file.execute("DROP TRIGGER audit_never_changes")
        file.execute(statement)


def test_a_whole_session_is_status_0_however_it_is_named(
    uid: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for word in (uid, uid[:8], str(tmp_path / "clinic")):
        assert main(["audit", "verify", word]) == 0
        assert f"whole: session {uid}, 3 rows" in capsys.readouterr().out


def test_an_altered_row_is_status_1_and_named(uid: str, capsys: pytest.CaptureFixture[str]) -> None:
    alter("UPDATE audit SET new = replace(new, 'mel', 'nv') WHERE seq = 2")
    assert main(["audit", "verify", uid]) == 1
    assert "row 2: The row was changed" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["verify", "ffffffff0"], ["verify"], ["other", "x"], []])
def test_what_cannot_be_checked_is_status_2_with_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


def test_a_damaged_file_is_status_2(uid: str, capsys: pytest.CaptureFixture[str]) -> None:
    (data_dir() / "session.db").write_bytes(b"garbage" * 1000)
    assert main(["audit", "verify", uid]) == 2
    assert "damaged" in capsys.readouterr().err


def test_without_any_session_there_is_nothing_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "empty"))
    assert main(["audit", "verify", "abcd"]) == 2
    assert "no sessions yet" in capsys.readouterr().err
