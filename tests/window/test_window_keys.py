"""Every key of the table does what the table says."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lesionviewer.ui.held_key import HOLD_MS
from lesionviewer.ui.image_list_delegate import Layout
from lesionviewer.ui.shortcuts_dialog import ShortcutsDialog

Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, open_window, finished, folder: Path):
    window = open_window(folder)
    finished(window)
    window.activateWindow()
    qtbot.waitUntil(lambda: qapp.activeWindow() is window)
    window.page.view.setFocus()
    return window


def press(window, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key, modifier)


def test_arrows_and_space_go_through_the_images(window):
    page = window.page
    for key, image in ((Key.Key_Right, 1), (Key.Key_Space, 2), (Key.Key_Left, 1)):
        press(window, key)
        assert page.open_image.image == image


def test_the_first_image_has_no_previous_one(window):
    press(window, Key.Key_Left)
    assert window.page.open_image.image == 0


def test_space_in_the_list_is_the_next_image_too(window):
    window.page.list.view.setFocus()
    press(window, Key.Key_Space)
    assert window.page.open_image.image == 1
    press(window, Key.Key_Down)
    assert window.page.open_image.image == 3
    press(window, Key.Key_Home)
    assert window.page.open_image.image == 0


def test_h_shows_and_hides_the_overlay(window):
    shown = window.page.explanation.state.visible
    press(window, Key.Key_H)
    assert window.page.explanation.state.visible is not shown
    assert window.actions_.overlay.isChecked() is not shown
    press(window, Key.Key_H)
    assert window.page.explanation.state.visible is shown


def send(window, kind: QEvent.Type, at_ms: int, *, repeat: bool = False) -> None:
    """Send what the system sends for H, with the time at which it happened."""
    event = QKeyEvent(kind, Key.Key_H, Qt.KeyboardModifier.NoModifier, "h", repeat)
    event.setTimestamp(at_ms)
    QApplication.sendEvent(window.page.view, event)


@pytest.mark.parametrize(("down_ms", "held"), [(HOLD_MS + 1, True), (HOLD_MS - 1, False)])
def test_h_held_down_shows_the_other_state_only_while_it_is_held(window, down_ms, held):
    shown = window.page.explanation.state.visible
    send(window, QEvent.Type.ShortcutOverride, 1000)
    window.actions_.overlay.trigger()
    send(window, QEvent.Type.KeyRelease, 1000 + down_ms, repeat=True)
    assert window.page.explanation.state.visible is not shown
    send(window, QEvent.Type.KeyRelease, 1000 + down_ms)
    assert window.page.explanation.state.visible is (shown if held else not shown)
    assert window.actions_.overlay.isChecked() is window.page.explanation.state.visible


def test_the_overlays_button_is_no_key_that_is_held(window):
    shown = window.page.explanation.state.visible
    window.actions_.overlay.trigger()
    send(window, QEvent.Type.KeyRelease, 99_000)
    assert window.page.explanation.state.visible is not shown


@pytest.mark.parametrize("modifier", ["ShiftModifier", "AltModifier"])
def test_a_digit_with_shift_or_alt_explains_that_diagnosis(window, modifier):
    press(window, Key.Key_3, getattr(Qt.KeyboardModifier, modifier))
    assert window.page.explanation.state.diagnosis == 2
    press(window, Key.Key_9, getattr(Qt.KeyboardModifier, modifier))
    assert window.page.explanation.state.diagnosis == 2, "there is no ninth diagnosis"
    press(window, Key.Key_0, getattr(Qt.KeyboardModifier, modifier))
    assert window.page.explanation.state.diagnosis is None


def test_g_is_the_contact_sheet_and_e_the_single_image(window):
    page = window.page
    press(window, Key.Key_G)
    assert not page.view.isVisible()
    assert page.list.view.layout_kind is Layout.GRID
    press(window, Key.Key_E)
    assert page.view.isVisible()


def test_f9_hides_both_sides_and_brings_them_back(window):
    page = window.page
    press(window, Key.Key_F9)
    assert not page.list.isVisible()
    assert not page.prediction.isVisible()
    press(window, Key.Key_F9)
    assert page.list.isVisible()
    assert page.prediction.isVisible()


def test_zoom_keys(window):
    view = window.page.view
    fitted = view.zoom
    press(window, Key.Key_Plus)
    assert not view.is_fitted
    press(window, Key.Key_0)
    assert view.is_fitted
    assert fitted > 0


@pytest.mark.parametrize("key", [Key.Key_Question, Key.Key_F1])
def test_the_table_of_keys_opens(window, monkeypatch, key):
    shown = []
    monkeypatch.setattr(ShortcutsDialog, "exec", lambda dialog: shown.append(dialog))
    press(window, key)
    assert len(shown) == 1


def test_r_lets_the_square_be_moved_and_keeps_the_arrows_for_it(window):
    page = window.page
    press(window, Key.Key_R)
    assert page.view.region_mode
    assert window.actions_.region.isChecked()
    press(window, Key.Key_Right)
    assert page.open_image.image == 0
    press(window, Key.Key_Escape)
    assert not window.actions_.region.isChecked()


def test_letters_are_letters_while_the_filter_has_the_focus(qtbot: QtBot, window):
    press(window, Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.top.filter.hasFocus()
    shown = window.page.explanation.state.visible
    for key in (Key.Key_H, Key.Key_G, Key.Key_Space, Key.Key_E):
        press(window, key)
    assert window.top.filter.text() == "hg e"
    assert window.page.explanation.state.visible is shown
    assert window.page.view.isVisible()
