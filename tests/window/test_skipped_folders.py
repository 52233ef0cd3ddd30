"""Folders that may not be listed, in the window."""

import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS

from lesionviewer.ui.skipped_folders import in_words


@pytest.fixture
def forbid(monkeypatch: pytest.MonkeyPatch):
    """Forbid a folder; the tests may run as root, whom no permission stops."""
    list_folder = os.scandir

    def forbid(folder: Path) -> None:
        def scandir(path):
            if Path(path) == folder:
                raise PermissionError(13, "Permission denied", str(path))
            return list_folder(path)

        monkeypatch.setattr(os, "scandir", scandir)

    return forbid


def test_a_folder_that_cannot_be_read_is_named_and_the_rest_is_shown(
    open_window, finished, folder: Path, forbid
):
    locked = folder / "locked"
    locked.mkdir()
    forbid(locked)
    window = open_window(folder)
    finished(window)
    assert window.page.list.model.rowCount() == 5
    assert str(locked) in window.notice.words
    assert "cannot be read" in window.notice.words


def test_where_nothing_else_was_opened_that_is_the_reason_and_not_an_empty_folder(
    qtbot: QtBot, open_window, folder: Path, forbid
):
    forbid(folder)
    window = open_window(folder)
    qtbot.waitUntil(lambda: window.welcome.isVisible(), timeout=WAIT_MS)
    assert str(folder) in window.notice.words


def test_the_notice_goes_with_the_folder_that_it_is_about(
    qtbot: QtBot, open_window, finished, tmp_path: Path, folder: Path, forbid
):
    forbid(tmp_path / "locked")
    (tmp_path / "locked").mkdir()
    window = open_window(tmp_path / "locked")
    qtbot.waitUntil(lambda: bool(window.notice.words), timeout=WAIT_MS)
    window.open_paths([folder])
    finished(window)
    assert "locked" not in window.notice.words


def test_many_folders_make_one_sentence():
    assert in_words([Path("a")]).endswith("missing here: a")
    five = in_words([Path(name) for name in "abcde"])
    assert five.startswith("5 folders cannot be read")
    assert five.endswith("a, b, c and 2 more")
