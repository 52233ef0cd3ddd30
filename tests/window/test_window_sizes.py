"""The window where there is little room: the sides give way, nothing is out of reach."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS

from lesionviewer.core import intended_use
from lesionviewer.ui.columns import Side
from lesionviewer.ui.image_list_delegate import Layout

SMALL = QSize(640, 340)
"""What a frame leaves of 1280 × 720 pixels at twice the size."""


@pytest.fixture
def window(qtbot: QtBot, open_window, finished, folder: Path):
    window = open_window(folder)
    finished(window)
    return window


def resized(qtbot: QtBot, window, size: QSize) -> None:
    window.resize(size)
    qtbot.waitUntil(lambda: window.size() == size, timeout=WAIT_MS)


def place(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint()), widget.size())


@pytest.mark.parametrize("size", [SMALL, QSize(1024, 570), QSize(1280, 690), QSize(2560, 1400)])
def test_every_part_lies_within_the_window_and_the_picture_has_room(
    qtbot: QtBot, window, size: QSize
):
    resized(qtbot, window, size)
    page = window.page
    assert place(page.view).width() >= 320
    assert place(page.view).height() >= 150
    for widget in (page.view, page.caption, page.list, page.prediction, window.top.menu_button):
        if widget.isVisible():
            inside = QRect(QPoint(), size)
            assert inside.contains(place(widget).topLeft()), widget
            assert place(widget).right() <= inside.right(), widget
    assert place(window.status).bottom() == size.height() - 1
    assert intended_use.SHORT in window.status.purpose


def test_nothing_is_open_and_the_window_may_be_as_small(qtbot: QtBot, open_window):
    window = open_window()
    resized(qtbot, window, SMALL)
    assert window.welcome.isVisible()


def test_a_narrow_window_shows_the_side_that_was_asked_for_last(qtbot: QtBot, window):
    columns, actions = window.page.columns, window.actions_
    resized(qtbot, window, SMALL)
    assert not columns.shows(Side.IMAGES)
    assert columns.shows(Side.FIGURES)
    actions.images.trigger()
    assert columns.shows(Side.IMAGES)
    assert not columns.shows(Side.FIGURES)
    assert not actions.figures.isChecked()
    resized(qtbot, window, QSize(1200, 800))
    assert columns.shows(Side.IMAGES)
    assert columns.shows(Side.FIGURES)


def test_a_side_that_was_put_away_stays_away_when_the_window_grows(qtbot: QtBot, window):
    columns, actions = window.page.columns, window.actions_
    resized(qtbot, window, SMALL)
    actions.figures.trigger()
    assert not any(map(columns.shows, Side))
    resized(qtbot, window, QSize(1200, 800))
    assert columns.shows(Side.IMAGES)
    assert not columns.shows(Side.FIGURES)


def test_the_sides_keep_their_widths(qtbot: QtBot, window, open_window):
    columns = window.page.columns
    resized(qtbot, window, QSize(1600, 900))
    columns.moveSplitter(400, 1)
    widths = columns.widths
    assert widths[0] == 400
    resized(qtbot, window, SMALL)
    resized(qtbot, window, QSize(1600, 900))
    assert columns.sizes()[0] == 400
    window.close()
    again = open_window()
    assert again.page.columns.widths == widths


def test_the_contact_sheet_gives_the_list_back_as_it_was(qtbot: QtBot, window):
    page = window.page
    page.list.set_layout_kind(Layout.LIST)
    window.actions_.sheet.trigger()
    assert page.list.view.layout_kind is Layout.GRID
    qtbot.keyClick(page.list.view, Qt.Key.Key_Return)
    assert page.view.isVisible()
    assert page.view.hasFocus()
    assert page.list.view.layout_kind is Layout.LIST


def test_a_sheet_without_its_list_is_the_picture_again(window):
    window.actions_.sheet.trigger()
    window.actions_.images.trigger()
    assert window.page.view.isVisible()
    assert not window.page.list.isVisible()
