import json
import subprocess
import sys
from pathlib import Path

import pytest

from lesionviewer.cli.sessions import main
from lesionviewer.core.store.store import SessionStore
from lesionviewer.core.user_dirs import HOME_VARIABLE, data_dir


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def decide(opened: Path) -> str:
    with SessionStore.open() as store:
        session = store.session_for([opened], reader="Ada")
        session.begin_scan()
        session.add_images([opened / "1.jpg", opened / "2.jpg"], start=0)
        session.decide(["0" * 64], {"diagnosis": "mel"})
        return session.info.uid


def test_json_lists_each_session_with_its_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    uid = decide(tmp_path / "clinic")
    assert main(["--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert sorted(listed) == [
        *("created_utc", "decided", "images", "name", "opened_utc", "reader", "roots", "session"),
    ]
    assert (listed["session"], listed["name"], listed["reader"]) == (uid, "clinic", "Ada")
    assert (listed["images"], listed["decided"]) == (2, 1)
    assert listed["roots"] == [str(tmp_path / "clinic")]


def test_text_has_one_line_a_session(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = decide(tmp_path / "a"), decide(tmp_path / "b")
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:8] for line in lines] == [second[:8], first[:8]]
    assert "1 of 2 decided" in lines[0]
    assert str(tmp_path / "b") in lines[0]


@pytest.mark.parametrize(("words", "said"), [([], "no sessions yet"), (["--json"], "[]")])
def test_without_a_session_the_list_is_empty_and_nothing_is_made(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(words) == 0
    assert said in capsys.readouterr().out
    assert not home.exists()


def test_the_list_can_be_had_while_a_window_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with SessionStore.open() as store:
        store.session_for([tmp_path])
        assert main(["--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)) == 1


def test_a_damaged_file_is_status_2_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    data_dir().mkdir(parents=True)
    (data_dir() / "session.db").write_bytes(b"garbage" * 1000)
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "Restore a backup" in captured.err


def test_wrong_words_are_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nonsense"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_loads_nothing_heavy() -> None:
    code = (
        "import sys; from lesionviewer.__main__ import main; main(['sessions']); "
        "print(*sorted({'numpy', 'PySide6', 'PIL', 'pydicom', 'cv2'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == ""
