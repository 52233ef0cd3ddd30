"""The image view: what is painted where."""

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot
from view_helpers import GREY, RED, ViewMaker, at, plain, red_overlay, shown

from lesionviewer.core.region import SquareRegion, centre_square
from lesionviewer.ui.image_view import ImageView
from lesionviewer.ui.image_view_overlay import render_overlay
from lesionviewer.ui.image_view_paint import make_pyramid
from lesionviewer.ui.overlay_state import OverlayState


@pytest.mark.parametrize(
    ("width", "height", "region"),
    [
        (600, 400, None),
        (400, 600, None),
        (500, 500, None),
        (600, 400, SquareRegion(20, 130, 240)),
        (4000, 3000, SquareRegion(2500, 100, 1400)),
    ],
    ids=["landscape", "portrait", "square", "chosen", "large"],
)
@pytest.mark.parametrize("zoom", [None, 0.9, 2.5])
def test_the_overlay_lies_exactly_on_the_square(
    view_of: ViewMaker, width: int, height: int, region: SquareRegion | None, zoom: float | None
) -> None:
    view = view_of(width, height, region)
    square = region or centre_square(width, height)
    if zoom:
        centre = square.left + square.side / 2, square.top + square.side / 2
        view.zoom_to(zoom, view.image_to_widget(*centre), animated=False)
    view.set_overlay(red_overlay())
    view.set_overlay_opacity(1.0)
    picture = shown(view)
    left_top = view.image_to_widget(square.left, square.top).toPoint()
    right_bottom = view.image_to_widget(
        square.left + square.side, square.top + square.side
    ).toPoint()
    whole = picture.rect()
    seen = {
        (x, y)
        for x in range(0, whole.width(), 7)
        for y in range(0, whole.height(), 7)
        if picture.pixelColor(x, y) == RED
    }
    wanted = {
        (x, y)
        for x in range(0, whole.width(), 7)
        for y in range(0, whole.height(), 7)
        if left_top.x() <= x < right_bottom.x() and left_top.y() <= y < right_bottom.y()
    }
    edge = {
        (x, y)
        for x, y in seen ^ wanted
        if min(abs(x - left_top.x()), abs(x - right_bottom.x())) <= 1
        or min(abs(y - left_top.y()), abs(y - right_bottom.y())) <= 1
    }
    assert wanted
    assert seen ^ wanted == edge


def test_a_bright_spot_of_the_map_is_hot_where_it_lies_in_the_picture(view_of: ViewMaker) -> None:
    view = view_of(640, 480)
    maps = np.zeros((8, 8, 2), np.float32)
    maps[1, 6, 0] = 1.0
    view.set_overlay(render_overlay(maps, 0, OverlayState(contour=False)))
    view.set_overlay_opacity(1.0)
    picture = shown(view)
    hot_x, hot_y = 80 + 480 * 6.5 / 8, 480 * 1.5 / 8
    assert at(view, picture, hot_x, hot_y) != GREY
    assert at(view, picture, 80 + 480 * 1.5 / 8, 480 * 6.5 / 8) == GREY


def test_outside_the_square_the_picture_is_dimmed_only_with_the_overlay(view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    view.set_overlay(red_overlay())
    assert at(view, shown(view), 50, 30).lightness() < GREY.lightness()
    view.set_overlay_visible(False)
    picture = shown(view)
    assert at(view, picture, 50, 30) == GREY
    assert at(view, picture, 300, 200) == GREY


def test_without_heat_nothing_is_dimmed(view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    assert at(view, shown(view), 50, 30) == GREY


def test_the_opacity_mixes_heat_and_picture(view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    view.set_overlay(red_overlay())
    view.set_overlay_opacity(0.5)
    mixed = at(view, shown(view), 300, 200)
    assert mixed.red() == pytest.approx(191, abs=2)
    assert mixed.green() == pytest.approx(64, abs=2)


def test_the_contour_is_drawn_unless_it_is_switched_off(view_of: ViewMaker) -> None:
    view = view_of(480, 480)
    maps = np.zeros((7, 7, 1), np.float32)
    maps[3, 3, 0] = 1.0
    assert render_overlay(maps, 0, OverlayState()).contours
    assert not render_overlay(maps, 0, OverlayState(contour=False)).contours
    view.set_overlay(render_overlay(maps, 0, OverlayState(contour=False)))
    without = shown(view)
    view.set_overlay(render_overlay(maps, 0, OverlayState()))
    assert shown(view) != without


def test_a_map_in_which_nothing_speaks_for_the_diagnosis_says_so() -> None:
    maps = np.full((7, 7, 2), -1.0, np.float32)
    overlay = render_overlay(maps, 0, OverlayState())
    assert overlay.nothing
    assert not overlay.contours
    assert overlay.image.pixelColor(100, 100).alpha() == 0


def test_a_difference_colours_both_sides(view_of: ViewMaker) -> None:
    maps = np.zeros((4, 4, 2), np.float32)
    maps[0, 0, 0] = maps[3, 3, 1] = 1.0
    image = render_overlay(maps, 0, OverlayState(diagnosis=0, versus=1, contour=False)).image
    first, second = image.pixelColor(5, 5), image.pixelColor(250, 250)
    assert first.alpha() > 200
    assert second.alpha() > 200
    assert first.blue() > first.green(), "violet"
    assert second.green() > second.blue(), "green"


def test_a_pyramid_halves_until_it_is_small() -> None:
    levels = make_pyramid(plain(4000, 3000))
    assert [level.width() for level in levels] == [4000, 2000, 1000, 500]
    assert [level.height() for level in levels] == [3000, 1500, 750, 375]
    assert len(make_pyramid(plain(200, 200))) == 1


def test_a_finer_pyramid_of_the_same_picture_keeps_the_view(view_of: ViewMaker) -> None:
    view = view_of(4000, 3000)
    view.zoom_to(2.0, animated=False)
    view.set_overlay(red_overlay())
    view.set_picture(make_pyramid(plain(4000, 3000, QColor("blue"))), keep=True)
    assert view.zoom == 2.0
    view.set_overlay_visible(False)
    assert at(view, shown(view), 2000, 1500) == QColor("blue")


def test_a_new_picture_has_no_heat_of_the_old_one(view_of: ViewMaker) -> None:
    view = view_of(600, 400)
    view.set_overlay(red_overlay())
    view.set_picture(make_pyramid(plain(400, 400)))
    assert at(view, shown(view), 200, 200) == GREY
    assert view.is_fitted


@pytest.mark.parametrize(("width", "height"), [(1, 1), (5000, 3), (3, 5000), (1023, 767)])
def test_pictures_of_odd_shapes_fill_their_place(
    view_of: ViewMaker, width: int, height: int
) -> None:
    view = view_of(width, height)
    assert not shown(view).isNull()
    view.zoom_to(30.0, animated=False)
    assert at(view, shown(view), width / 2, height / 2) == GREY


@pytest.mark.parametrize("kind", ["empty", "wait", "error"])
def test_a_message_stands_in_the_place_of_the_picture(view_of: ViewMaker, kind: str) -> None:
    view = view_of(600, 400)
    view.set_message("A title", "And a sentence that says more.", kind)
    picture = shown(view)
    assert at(view, picture, 5, 5) != GREY
    assert view.accessibleDescription() == "A title And a sentence that says more."
    middle = picture.copy(100, 150, 500, 200)
    colours = {middle.pixelColor(x, y).name() for x in range(500) for y in range(0, 200, 3)}
    assert len(colours) > 10
    view.zoom_in()
    view.toggle_fit()
    view.set_region_mode(True)
    assert not view.region_mode


def test_a_view_without_anything_paints_its_ground(qtbot: QtBot) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    assert shown(view).pixelColor(10, 10) == QColor("#3d3d3d")
