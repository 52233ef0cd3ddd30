"""A folder opened again comes back as it was, and trouble with the file of sessions is named."""

import sqlite3
from contextlib import closing

import pytest
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS, GatedClassifier

from lesionviewer.core.arranging import Show, SortKey
from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.store.cache import Cache
from lesionviewer.core.store.store import SessionStore
from lesionviewer.engine.selection import Chosen
from lesionviewer.ui.main_window import MainWindow
from lesionviewer.ui.store_dialog import StoreDialog


@pytest.fixture
def ready(qtbot: QtBot, finished):
    def wait(window: MainWindow) -> MainWindow:
        finished(window)
        qtbot.waitUntil(lambda: window.parts.deciding.is_ready, timeout=WAIT_MS)
        return window

    return wait


@pytest.fixture
def saved(qtbot: QtBot):
    def wait(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.page.decision.saved_words == "Saved", timeout=WAIT_MS)

    return wait


def leave(window: MainWindow) -> None:
    """Close a window and its session, as the program does at its end."""
    window.close()
    assert window.sessions.close(grace_ms=WAIT_MS)


def test_decisions_place_order_and_filters_come_back(qtbot, open_window, ready, saved, folder):
    window = ready(open_window(folder))
    page, actions = window.page, window.actions_
    actions.decide[4].trigger()
    actions.flag.trigger()
    saved(window)
    page.list.bar.key_chosen.emit(SortKey.WORTH)
    page.list.bar.show_chosen.emit(Show.UNDECIDED)
    page.open(3)
    leave(window)
    again = ready(open_window(folder))
    page = again.page
    qtbot.waitUntil(lambda: page.open_image.image == 3, timeout=WAIT_MS)
    assert (page.list.model.key, page.list.model.show) == (SortKey.WORTH, Show.UNDECIDED)
    assert page.service.images.reader.get(0).diagnosis == "mel"
    assert page.service.images.reader.get(1).flag
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 4, timeout=WAIT_MS)
    actions = again.actions_
    actions.undo.trigger()
    saved(again)
    actions.undo.trigger()
    saved(again)
    assert page.service.images.columns.tally().decided == 0
    actions.redo.trigger()
    saved(again)
    assert page.service.images.reader.get(0).diagnosis == "mel"


def test_words_of_the_filter_and_the_operating_point_come_back(qtbot, open_window, ready, folder):
    window = ready(open_window(folder))
    window.page.set_threshold(0.25)
    window.top.filter.setText("image3")
    qtbot.waitUntil(lambda: window.page.list.model.rowCount() == 1, timeout=WAIT_MS)
    leave(window)
    again = ready(open_window(folder))
    qtbot.waitUntil(lambda: again.page.list.model.rowCount() == 1, timeout=WAIT_MS)
    assert again.top.filter.text() == "image3"
    assert again.page.service.images.threshold == 0.25


def test_a_new_folder_is_ordered_as_the_last_one(open_window, ready, folder, tmp_path):
    window = ready(open_window(folder))
    window.page.list.bar.key_chosen.emit(SortKey.MALIGNANT)
    other = tmp_path / "other"
    other.mkdir()
    (folder / "image0.png").rename(other / "image0.png")
    window.open_paths([other])
    ready(window)
    assert window.page.list.model.key is SortKey.MALIGNANT


def test_what_was_predicted_once_is_not_predicted_again(
    open_window, ready, folder, tmp_path, classifier: GatedClassifier
):
    def engine() -> Chosen:
        return Chosen(classifier, opened=ModelBundle(tmp_path, classifier.card, "b" * 64))

    with closing(Cache(tmp_path / "cache")) as cache:
        first = ready(open_window(folder, engine=engine, cache=cache))
        tops = [first.page.service.images.top(i) for i in range(5)]
        leave(first)
        assert first.page.service.close(grace_ms=WAIT_MS)
        predicted = sum(classifier.batches)
        (folder / "image4.png").rename(folder / "renamed.png")
        second = ready(open_window(folder, engine=engine, cache=cache))
        images = second.page.service.images
        assert [images.top(i) for i in range(5)] == tops
        assert images.size(0) == (120, 90)
        assert images.prediction(0) is not None
        assert second.page.service.close(grace_ms=WAIT_MS)
    assert predicted == sum(classifier.batches) == 5


def test_a_second_program_is_named_and_can_be_tried_again(
    qtbot, open_window, finished, saved, folder, tmp_path
):
    with SessionStore.open(tmp_path / "home" / "data"):
        window = open_window(folder)
        finished(window)
        qtbot.waitUntil(lambda: window.findChild(StoreDialog) is not None, timeout=WAIT_MS)
        window.actions_.unsure.trigger()
        assert "cannot be saved" in window.notice.words
        assert window.page.decision.saved_words == "Not saved: why?"
    press(window, "Try again")
    qtbot.waitUntil(lambda: window.parts.deciding.is_ready, timeout=WAIT_MS)
    window.actions_.unsure.trigger()
    saved(window)


def test_a_damaged_file_is_left_alone_until_a_backup_is_chosen(
    qtbot, open_window, ready, finished, saved, folder, tmp_path
):
    window = ready(open_window(folder))
    window.actions_.decide[4].trigger()
    saved(window)
    leave(window)
    file = tmp_path / "home" / "data" / "session.db"
    damaged = b"no database at all" * 400
    file.write_bytes(damaged)
    again = open_window(folder)
    finished(again)
    qtbot.waitUntil(lambda: again.findChild(StoreDialog) is not None, timeout=WAIT_MS)
    assert file.read_bytes() == damaged
    press(again, "Restore this backup")
    qtbot.waitUntil(lambda: again.parts.deciding.is_ready, timeout=WAIT_MS)
    assert again.page.service.images.reader.get(0).diagnosis == "mel"
    assert any(path.read_bytes() == damaged for path in file.parent.rglob("session.db"))


def test_a_decision_that_could_not_be_written_is_not_called_saved(
    qtbot, open_window, ready, saved, folder, tmp_path
):
    window = ready(open_window(folder))
    file = tmp_path / "home" / "data" / "session.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        window.actions_.unsure.trigger()
        qtbot.waitUntil(lambda: window.findChild(StoreDialog) is not None, timeout=WAIT_MS)
        assert window.page.decision.saved_words == "Not saved"
        assert window.page.service.images.reader.get(0) is None
        assert window.page.open_image.image == 0
    press(window, "Close")
    window.actions_.unsure.trigger()
    saved(window)


def press(window: MainWindow, text: str) -> None:
    dialog = window.findChild(StoreDialog)
    (button,) = [b for b in dialog.findChildren(QPushButton) if b.text() == text]
    button.click()


def test_after_a_crash_what_was_open_is_offered(qtbot, open_window, ready, saved, folder):
    window = ready(open_window(folder))
    window.actions_.unsure.trigger()
    saved(window)
    assert window.sessions.close(grace_ms=WAIT_MS)
    again = open_window()
    again.parts.recent.offer()
    assert again.notice.offered == "Open pictures"
    again.notice.asked.emit()
    ready(again)
    assert again.page.service.images.reader.get(0).unsure


def test_after_a_proper_end_nothing_is_offered_but_the_folder_with_its_count(
    qtbot, open_window, ready, saved, folder
):
    window = ready(open_window(folder))
    window.actions_.unsure.trigger()
    saved(window)
    leave(window)
    again = open_window()
    again.parts.recent.offer()
    assert again.notice.words == ""

    def notes() -> list[str]:
        buttons = again.welcome.findChildren(QToolButton)
        return [b.accessibleDescription() for b in buttons if not b.isHidden()]

    qtbot.waitUntil(lambda: notes() == ["1 of 5 decided"], timeout=WAIT_MS)
