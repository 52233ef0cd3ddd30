"""The window without a mouse or without sight: focus, names, keys that stay the window's."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot

from lesionviewer.ui.bars import DiagnosisBar
from lesionviewer.ui.widgets_switch import Switch


@pytest.fixture
def window(open_window, finished, folder: Path):
    window = open_window(folder)
    finished(window)
    return window


def stations(window) -> list:
    """What Tab comes to, in order."""
    found, widget = [], window.nextInFocusChain()
    while widget is not window:
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def test_whatever_has_the_focus_has_a_name(window):
    for widget in stations(window):
        name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        assert name, widget


def test_tab_goes_from_the_bar_to_the_list_to_the_picture_to_the_figures(window):
    order, page = stations(window), window.page
    places = [
        *(order.index(widget) for widget in (window.top.filter, page.list.view, page.view)),
        min(i for i, widget in enumerate(order) if isinstance(widget, DiagnosisBar)),
        min(i for i, widget in enumerate(order) if isinstance(widget, QSlider)),
    ]
    assert places == sorted(places)


def test_list_and_picture_say_what_they_show(window):
    page = window.page
    page.step(1)
    assert "image1.png" in page.list.view.accessibleDescription()
    assert "%" in page.list.view.accessibleDescription()
    assert "image1.png" in page.view.accessibleDescription()
    assert "2 of 5" in page.view.accessibleDescription()


@pytest.mark.parametrize("kind", [DiagnosisBar, Switch, QSlider])
def test_a_click_among_the_figures_leaves_the_arrows_to_the_images(window, kind):
    page = window.page
    widget = page.columns.findChild(kind)
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Right)
    assert page.open_image.image == 1
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    assert widget.hasFocus()


def test_the_arrows_go_through_the_images_from_a_bar_too(window):
    bar = window.page.prediction.findChild(DiagnosisBar)
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert window.page.open_image.image == 1


def test_the_place_in_the_list_follows_the_filter(qtbot: QtBot, window):
    window.page.step(3)
    model, caption = window.page.list.model, window.page.caption
    assert "4 of 5" in caption.words
    for text, place in (("image3", "1 of 1"), ("", "4 of 5")):
        with qtbot.waitSignal(model.modelReset):
            window.top.filter.setText(text)
        assert place in caption.words


def test_escape_empties_the_filter_and_enter_keeps_it_and_both_leave_it(qtbot: QtBot, window):
    field, view = window.top.filter, window.page.view
    for key, kept in ((Qt.Key.Key_Return, "image"), (Qt.Key.Key_Escape, "")):
        window.actions_.find.trigger()
        QTest.keyClicks(field, "image")
        QTest.keyClick(field, key)
        assert field.text() == kept
        assert view.hasFocus()
