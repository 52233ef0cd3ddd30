"""Two to four images beside each other, looked at together."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS, save_picture

from lesionviewer.ui.main_window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, open_window, finished, folder: Path) -> MainWindow:
    save_picture(folder / "image1.png", 400, 300)
    window = open_window(folder)
    finished(window)
    qtbot.waitUntil(lambda: window.parts.deciding.is_ready, timeout=WAIT_MS)
    window.activateWindow()
    qtbot.waitUntil(lambda: qapp.activeWindow() is window, timeout=WAIT_MS)
    return window


@pytest.fixture
def compared(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """Images 0, 1 and 3 beside each other."""
    selection = window.page.list.view.selection
    selection.toggle(1, 0)
    selection.toggle(3, 0)
    window.actions_.compare.trigger()
    view = window.parts.comparing.view
    assert view.images == [0, 1, 3]
    shown = [view.view(image) for image in view.images]
    qtbot.waitUntil(lambda: all(v.region is not None for v in shown), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not any(v.accessibleDescription() for v in shown), timeout=WAIT_MS)
    return window


def test_zoom_and_pan_go_together_whatever_the_size_of_the_pictures(compared):
    view = compared.parts.comparing.view
    small, large = view.view(0), view.view(1)
    fits = small.zoom, large.zoom
    small.zoom_to(4 * fits[0], QPointF(10, 10), animated=False)
    assert large.zoom == pytest.approx(4 * fits[1])
    middle = QPointF(small.width() / 2, small.height() / 2)
    at, other = small.widget_to_image(middle), large.widget_to_image(middle)
    assert other.x() / 400 == pytest.approx(at.x() / 120, abs=0.02)
    assert other.y() / 300 == pytest.approx(at.y() / 90, abs=0.02)


def test_the_open_image_is_one_of_them_and_a_click_changes_it(compared):
    view, page = compared.parts.comparing.view, compared.page
    assert page.open_image.image == 0
    QTest.mouseClick(view.view(3), Qt.MouseButton.LeftButton)
    assert page.open_image.image == 3
    assert compared.parts.comparing.is_on
    assert page.list.targets == [3]


def test_opening_another_image_ends_it(compared):
    compared.page.open(2)
    assert not compared.parts.comparing.is_on
    assert compared.page.view.isVisible()
    assert not compared.actions_.compare.isChecked()


def test_c_ends_it_too_and_the_overlay_follows_its_key(compared):
    compared.page.take_focus()
    compared.actions_.overlay.trigger()
    view = compared.parts.comparing.view.view(0)
    assert not view._scene.overlay_shown
    QTest.keyClick(QApplication.focusWidget() or compared, Qt.Key.Key_C)
    assert not compared.parts.comparing.is_on


def test_one_image_is_not_compared(window):
    window.actions_.compare.trigger()
    assert "Select two to 4 images" in window.notice.words
    assert not window.actions_.compare.isChecked()


def test_another_folder_ends_it(compared, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    save_picture(other / "one.png", 60, 60)
    compared.open_paths([other])
    assert not compared.parts.comparing.is_on
