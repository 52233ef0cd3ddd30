"""The image view: pointer, wheel and keys."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from view_helpers import GREY, ViewMaker, at, red_overlay, shown

from lesionviewer.core.region import SquareRegion, centre_square
from lesionviewer.ui.image_view import ImageView


def wheel(view: ImageView, place: QPointF, steps: float) -> None:
    event = QWheelEvent(
        place,
        view.mapToGlobal(place),
        QPoint(),
        QPoint(0, round(120 * steps)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_the_wheel_zooms_to_the_pointer(qtbot: QtBot, view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    place = QPointF(200, 150)
    before, zoom = view.widget_to_image(place), view.zoom
    wheel(view, place, 3)
    qtbot.waitUntil(lambda: view.zoom == pytest.approx(zoom * 1.25**3))
    after = view.image_to_widget(before.x(), before.y())
    assert (after - place).manhattanLength() < 2
    wheel(view, place, -30)
    qtbot.waitUntil(lambda: view.zoom == pytest.approx(min(zoom, 1.0)))


def test_a_pinch_zooms_to_the_place_between_the_fingers(view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    place = QPointF(200, 150)
    before, zoom = view.widget_to_image(place), view.zoom
    for step in (0.2, 0.25):
        QApplication.sendEvent(
            view,
            QNativeGestureEvent(
                Qt.NativeGestureType.ZoomNativeGesture,
                QPointingDevice.primaryPointingDevice(),
                2,
                place,
                place,
                place,
                step,
                QPointF(),
            ),
        )
    assert view.zoom == pytest.approx(zoom * 1.2 * 1.25)
    after = view.widget_to_image(place)
    assert (after - before).manhattanLength() < 1


def test_zoom_keys_change_the_zoom_and_say_so(qtbot: QtBot, view_of: ViewMaker) -> None:
    view = view_of(2000, 1500)
    fit = view.zoom
    with qtbot.waitSignal(view.zoom_changed):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: view.zoom == pytest.approx(fit * 1.25))
    assert not view.is_fitted
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    qtbot.waitUntil(lambda: view.zoom == pytest.approx(fit))
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    qtbot.keyClick(view, Qt.Key.Key_0)
    qtbot.waitUntil(lambda: view.is_fitted and view.zoom == pytest.approx(fit))


def test_a_double_click_changes_between_whole_and_one_to_one(
    qtbot: QtBot, view_of: ViewMaker
) -> None:
    view = view_of(2000, 1500)
    fit = view.zoom
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.waitUntil(lambda: view.zoom == 1.0)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.waitUntil(lambda: view.zoom == pytest.approx(fit))


def test_a_fitted_picture_stays_fitted_when_the_window_changes(view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    view.resize(400, 400)
    top_left, bottom_right = view.image_to_widget(0, 0), view.image_to_widget(600, 400)
    assert top_left.x() == pytest.approx(16, abs=1)
    assert bottom_right.x() == pytest.approx(384, abs=1)


def test_dragging_pans(qtbot: QtBot, view_of: ViewMaker) -> None:
    view = view_of(2000, 1500)
    view.zoom_to(1.0, animated=False)
    before = view.image_to_widget(1000, 750)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(view, QPoint(340, 170))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(340, 170))
    assert view.image_to_widget(1000, 750) - before == QPointF(40, -30)


def test_places_map_there_and_back(view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    back = view.widget_to_image(view.image_to_widget(123.0, 45.0))
    assert (back.x(), back.y()) == pytest.approx((123.0, 45.0))


def test_the_pointer_is_reported_in_pixels_of_the_picture(qtbot: QtBot, view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    place = view.image_to_widget(100.5, 50.5).toPoint()
    with qtbot.waitSignal(view.pointer_over) as over:
        qtbot.mouseMove(view, place)
    assert over.args == pytest.approx([100, 50], abs=1)
    with qtbot.waitSignal(view.pointer_left):
        qtbot.mouseMove(view, QPoint(1, 1))


def drag(
    qtbot: QtBot,
    view: ImageView,
    start: QPointF,
    end: QPointF,
    key: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, key, start.toPoint())
    qtbot.mouseMove(view, end.toPoint())
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, key, end.toPoint())


def test_the_square_is_moved_with_alt_and_the_pointer(qtbot: QtBot, view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    with qtbot.waitSignal(view.region_chosen) as chosen:
        drag(
            qtbot,
            view,
            view.image_to_widget(300, 200),
            view.image_to_widget(350, 200),
            Qt.KeyboardModifier.AltModifier,
        )
    (region,) = chosen.args
    assert region.left == pytest.approx(150, abs=2)
    assert (region.top, region.side) == (0, 400)


def test_the_square_is_sized_at_its_corner_and_loses_the_old_heat(
    qtbot: QtBot, view_of: ViewMaker
) -> None:
    view = view_of(600, 400)
    view.set_overlay(red_overlay())
    view.set_region_mode(True)
    with qtbot.waitSignal(view.region_chosen) as chosen:
        drag(qtbot, view, view.image_to_widget(500, 400), view.image_to_widget(400, 300))
    (region,) = chosen.args
    assert (region.left, region.top) == (100, 0)
    assert region.side == pytest.approx(300, abs=2)
    assert at(view, shown(view), 200, 100) == GREY


def test_a_square_under_the_pointer_is_not_replaced(qtbot: QtBot, view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    view.set_region_mode(True)
    start, end = view.image_to_widget(300, 200), view.image_to_widget(330, 200)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start.toPoint())
    qtbot.mouseMove(view, end.toPoint())
    dragged = view.region
    view.set_region(centre_square(600, 400))
    assert view.region == dragged
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end.toPoint())
    view.set_region(centre_square(600, 400))
    assert view.region == centre_square(600, 400)


def test_arrow_keys_move_and_size_the_square(qtbot: QtBot, view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    view.set_region_mode(True)
    with qtbot.waitSignal(view.region_chosen) as chosen:
        qtbot.keyClick(view, Qt.Key.Key_Left)
    assert chosen.args == [SquareRegion(92, 0, 400)]
    with qtbot.waitSignal(view.region_chosen) as chosen:
        qtbot.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert chosen.args == [SquareRegion(92, 0, 392)]


def test_the_window_may_take_the_arrow_keys_unless_the_square_is_moved(view_of: ViewMaker) -> None:
    def claimed(view: ImageView) -> bool:
        kind, none = QKeyEvent.Type.ShortcutOverride, Qt.KeyboardModifier.NoModifier
        event = QKeyEvent(kind, Qt.Key.Key_Right, none)
        event.ignore()
        QApplication.sendEvent(view, event)
        return event.isAccepted()

    view = view_of(600, 400)
    assert not claimed(view)
    view.set_region_mode(True)
    assert claimed(view)


def test_the_square_goes_back_to_the_centre(qtbot: QtBot, view_of: ViewMaker) -> None:
    view = view_of(600, 400, SquareRegion(0, 0, 100))
    view.set_region_mode(True)
    buttons = {b.text(): b for b in view.findChildren(QPushButton)}
    with qtbot.waitSignal(view.region_chosen) as chosen:
        qtbot.mouseClick(buttons["Centre"], Qt.MouseButton.LeftButton)
    assert chosen.args == [centre_square(600, 400)]
    with qtbot.waitSignal(view.region_mode_changed) as mode:
        qtbot.mouseClick(buttons["Done"], Qt.MouseButton.LeftButton)
    assert mode.args == [False]


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_a_key_ends_moving_the_square(qtbot: QtBot, view_of: ViewMaker, key: Qt.Key) -> None:
    view = view_of(600, 400)
    view.set_region_mode(True)
    qtbot.keyClick(view, key)
    assert not view.region_mode


def test_other_keys_are_left_to_the_window(view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    press = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_J, Qt.KeyboardModifier.NoModifier)
    view.keyPressEvent(press)
    assert not press.isAccepted()
