"""Deciding by keyboard and mouse: what is shown as saved is on the disk, and the next one comes."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS

from lesionviewer.core.arranging import Show
from lesionviewer.core.store.decision import Decision
from lesionviewer.core.store.store import SessionStore
from lesionviewer.ui.main_window import MainWindow

Key = Qt.Key
NO = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def ready(qtbot: QtBot, qapp: QApplication, finished):
    """Wait until a window takes decisions, and give it the keyboard."""

    def wait(window: MainWindow) -> MainWindow:
        finished(window)
        qtbot.waitUntil(lambda: window.parts.deciding.is_ready, timeout=WAIT_MS)
        window.activateWindow()
        qtbot.waitUntil(lambda: qapp.activeWindow() is window, timeout=WAIT_MS)
        window.page.take_focus()
        return window

    return wait


@pytest.fixture
def window(open_window, ready, folder: Path) -> MainWindow:
    return ready(open_window(folder))


@pytest.fixture
def saved(qtbot: QtBot):
    def wait(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.page.decision.saved_words == "Saved", timeout=WAIT_MS)

    return wait


def press(window: MainWindow, key: Qt.Key, modifier=NO) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key, modifier)


def held(window: MainWindow, image: int) -> Decision | None:
    return window.page.service.images.reader.get(image)


def on_disk(home: Path) -> list[Decision]:
    with SessionStore.look_into(home / "data") as store:
        return list(store.read(store.sessions()[0].row).decisions().values())


def test_a_digit_decides_and_the_next_image_comes_by_itself(window, saved, tmp_path):
    press(window, Key.Key_5)
    assert window.page.open_image.image == 1
    assert window.page.decision.saved_words == "Saving …"
    saved(window)
    assert [decision.diagnosis for decision in on_disk(tmp_path / "home")] == ["mel"]
    assert held(window, 0).model_shown
    assert held(window, 0).seconds >= 0


def test_a_digit_without_a_diagnosis_does_nothing(window):
    press(window, Key.Key_9)
    assert window.page.open_image.image == 0
    assert window.page.decision.saved_words == ""


@pytest.mark.parametrize(("key", "decision"), [(Key.Key_U, "unsure"), (Key.Key_Q, "poor_image")])
def test_unsure_and_poor_image_are_decisions_without_a_diagnosis(window, saved, key, decision):
    press(window, key)
    saved(window)
    assert window.page.open_image.image == 1
    assert getattr(held(window, 0), decision)
    assert held(window, 0).decided


def test_enter_agrees_with_the_model_and_goes_on_to_the_end(window, saved):
    images = window.page.service.images
    for _ in range(5):
        press(window, Key.Key_Return)
    saved(window)
    assert window.page.open_image.image == 4
    assert [held(window, i).diagnosis for i in range(5)] == [
        images.top(i)[0].code for i in range(5)
    ]
    assert images.columns.tally().decided == 5
    assert images.columns.tally().disagreeing == 0


def test_flag_and_star_are_put_on_and_taken_off_without_leaving_the_image(window, saved):
    press(window, Key.Key_F)
    press(window, Key.Key_S)
    saved(window)
    assert window.page.open_image.image == 0
    assert (held(window, 0).flag, held(window, 0).star) == (True, True)
    assert not held(window, 0).decided
    press(window, Key.Key_F)
    saved(window)
    assert not held(window, 0).flag


def test_selected_images_are_decided_together_and_undone_together(window, saved):
    view = window.page.list.view
    for row in (2, 3):
        place = view.visualRect(window.page.list.model.index(row)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, CTRL, place)
    assert window.page.decision.title == "Your decision · 3 images"
    press(window, Key.Key_6)
    saved(window)
    assert [bool(held(window, i)) for i in range(5)] == [True, False, True, True, False]
    assert window.page.open_image.image == 4
    assert len(view.selection) == 0
    press(window, Key.Key_Z, CTRL)
    saved(window)
    assert [held(window, i) for i in range(5)] == [None] * 5
    assert window.page.open_image.image == 0


def test_shift_selects_what_lies_between(window):
    view, page = window.page.list.view, window.page
    place: QPoint = view.visualRect(page.list.model.index(3)).center()
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, place
    )
    assert page.list.targets == [0, 1, 2, 3]
    press(window, Key.Key_Right)
    assert page.list.targets == [1]
    view.setFocus()
    press(window, Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert page.list.targets == [1, 2, 3, 4]


def test_undo_and_redo_go_back_to_the_image_they_are_about(window, saved):
    press(window, Key.Key_5)
    press(window, Key.Key_6)
    saved(window)
    press(window, Key.Key_Z, CTRL)
    saved(window)
    assert window.page.open_image.image == 1
    assert (held(window, 0).diagnosis, held(window, 1)) == ("mel", None)
    press(window, Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    saved(window)
    assert held(window, 1).diagnosis == "nv"
    assert not window.actions_.redo.isEnabled()


def test_a_decision_can_be_withdrawn(window, saved):
    press(window, Key.Key_5)
    press(window, Key.Key_Left)
    saved(window)
    press(window, Key.Key_Backspace)
    saved(window)
    assert not held(window, 0).decided
    assert window.page.open_image.image == 0


def test_digits_and_letters_are_text_in_filter_and_note(window, saved):
    press(window, Key.Key_M, CTRL)
    QTest.keyClicks(QApplication.focusWidget(), "5 mm, quick")
    press(window, Key.Key_Return, CTRL)
    saved(window)
    assert held(window, 0).note == "5 mm, quick"
    assert not held(window, 0).decided
    assert window.page.view.hasFocus()
    window.actions_.find.trigger()
    QTest.keyClicks(window.top.filter, "5fsuq")
    assert window.top.filter.text() == "5fsuq"
    assert window.page.open_image.image == 0


def test_a_note_stays_with_the_image_it_was_written_for(window, saved):
    press(window, Key.Key_M, CTRL)
    QTest.keyClicks(QApplication.focusWidget(), "irregular border")
    window.page.open(1)
    saved(window)
    assert held(window, 0).note == "irregular border"
    assert window.page.decision.note.toPlainText() == ""
    window.page.open(0)
    assert window.page.decision.note.toPlainText() == "irregular border"


@pytest.mark.parametrize("leave", ["another folder", "the end"])
def test_a_note_is_kept_though_the_reader_leaves_at_once(qtbot, window, leave, tmp_path):
    press(window, Key.Key_M, CTRL)
    QTest.keyClicks(QApplication.focusWidget(), "border")
    if leave == "the end":
        window.close()
    else:
        other = tmp_path / "other"
        other.mkdir()
        window.open_paths([other])
    assert window.sessions.close(grace_ms=WAIT_MS)
    with SessionStore.look_into(tmp_path / "home" / "data") as store:
        notes = [d for info in store.sessions() for d in store.read(info.row).decisions().values()]
    assert [decision.note for decision in notes] == ["border"]


def test_the_ring_tells_how_much_is_decided(qtbot, window, saved):
    assert window.top.decided.words == ""
    press(window, Key.Key_U)
    press(window, Key.Key_5)
    saved(window)
    assert window.top.decided.isVisible()
    assert window.top.decided.accessibleName() == "2 of 5 decided"


def test_decided_images_leave_a_list_of_the_undecided(qtbot, window, saved):
    press(window, Key.Key_5)
    saved(window)
    window.page.list.bar.show_chosen.emit(Show.UNDECIDED)
    model = window.page.list.model
    assert model.rowCount() == 4
    press(window, Key.Key_6)
    assert window.page.open_image.image == 2
    qtbot.waitUntil(lambda: model.rowCount() == 3, timeout=WAIT_MS)
    assert model.image_at(0) == window.page.open_image.image == 2


def test_the_tooltip_of_a_tile_tells_the_decision(window, saved):
    top = window.page.service.images.top(0)[0]
    other = 5 if top.code != "mel" else 6
    window.page.decision.chip("mel" if other == 5 else "nv").click()
    press(window, Key.Key_Left)
    press(window, Key.Key_F)
    saved(window)
    words = window.page.list.model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "decided: " in words
    assert "flagged" in words
    assert window.page.service.images.columns.shown(Show.DISAGREEMENT).tolist()[0]


def test_an_image_that_was_not_read_yet_is_not_decided(qtbot, open_window, folder: Path):
    (folder / "image0.png").write_bytes(b"no picture")
    window = open_window(folder)
    qtbot.waitUntil(lambda: window.page.service.images.counts.failed == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.parts.deciding.is_ready, timeout=WAIT_MS)
    window.actions_.unsure.trigger()
    assert "cannot be read" in window.notice.words
    assert window.page.decision.saved_words == ""
