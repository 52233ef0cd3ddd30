"""What is written appears whole or not at all."""

import errno
from pathlib import Path

import pytest

from lesionviewer.core.errors import StoreError
from lesionviewer.core.export.places import new_file, new_folder


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_is_broken_off_leaves_what_was_there(tmp_path: Path, error: type[BaseException]):
    (tmp_path / "old.pdf").write_text("old")
    with pytest.raises(error), new_file(tmp_path / "old.pdf") as part:
        part.write_text("half")
        raise error
    with pytest.raises(error), new_folder(tmp_path / "new") as folder:
        (folder / "a").mkdir()
        raise error
    assert [path.name for path in tmp_path.iterdir()] == ["old.pdf"]
    assert (tmp_path / "old.pdf").read_text() == "old"


@pytest.mark.parametrize("place", [new_file, new_folder])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path, place):
    with pytest.raises(StoreError, match="No space left"), place(tmp_path / "x") as part:
        (part / "a" if part.is_dir() else part).write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_taken_and_a_full_one_is_not(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with new_folder(tmp_path / "empty") as folder:
        (folder / "a.txt").touch()
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["a.txt"]
    with pytest.raises(StoreError, match="is there already"), new_folder(tmp_path / "empty"):
        raise AssertionError("never reached")


def test_a_file_does_not_replace_a_folder(tmp_path: Path):
    with pytest.raises(StoreError, match="is a folder"), new_file(tmp_path):
        raise AssertionError("never reached")
