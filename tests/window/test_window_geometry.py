"""The heat lies where the network looked, in the window as it is painted."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS, save_picture

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.region import SquareRegion
from lesionviewer.engine.selection import choose_engine
from lesionviewer.ui.overlay_state import OverlayState

SHOWN = OverlayState(visible=True, opacity=1.0, contour=False)
HIDDEN = OverlayState(visible=False)
ROTATED_BY_90 = 6
"""EXIF: the stored picture has to be turned clockwise to be upright."""


@pytest.fixture
def window_on(qtbot: QtBot, open_window, finished, tiny_bundle: Path):
    def show(picture: Path):
        window = open_window(
            picture, engine=lambda: choose_engine(open_bundle(tiny_bundle), "openvino")
        )
        finished(window)
        return window

    return show


def hottest_place(window) -> QPointF:
    """The middle of what the overlay changes most, in coordinates of the view."""
    view = window.page.view
    window.page.open_image.set_state(HIDDEN)
    plain = painted(view)
    window.page.open_image.set_state(SHOWN)
    region = view.region
    first = view.image_to_widget(region.left, region.top)
    last = view.image_to_widget(region.left + region.side, region.top + region.side)
    # The frame around the square, and what lies outside, change too.
    left, top = (int(value) + 3 for value in first.toTuple())
    right, bottom = (int(value) - 3 for value in last.toTuple())
    change = np.abs(painted(view) - plain).max(axis=-1)[top:bottom, left:right]
    rows, columns = np.nonzero(change > 0.8 * change.max())
    return QPointF(left + columns.mean(), top + rows.mean())


def painted(view) -> np.ndarray:
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    return pixels.astype(int)


def assert_hot_at(window, x: int, y: int) -> None:
    """The heat is at that place of the upright picture, to half a cell of the map."""
    view = window.page.view
    expected, region = view.image_to_widget(x, y), view.region
    half_cell = region.side / 7 * view.zoom / 2
    away = hottest_place(window) - expected
    assert abs(away.x()) <= half_cell, away
    assert abs(away.y()) <= half_cell, away


@pytest.mark.parametrize(
    ("width", "height", "x", "y"),
    [
        (280, 210, 70, 30),
        (280, 210, 200, 150),
        (140, 280, 30, 100),
        (140, 280, 110, 190),
        (210, 210, 105, 105),
    ],
)
def test_a_bright_spot_is_hot_where_it_is(window_on, tmp_path: Path, width, height, x, y):
    window = window_on(save_picture(tmp_path / "spot.png", width, height, spot=(x, y)))
    assert_hot_at(window, x, y)


def test_a_picture_that_exif_turns_is_hot_where_it_shows_the_spot(window_on, tmp_path: Path):
    stored = Image.open(save_picture(tmp_path / "flat.png", 280, 140, spot=(90, 30)))
    exif = Image.Exif()
    exif[0x0112] = ROTATED_BY_90
    stored.save(tmp_path / "turned.jpg", quality=95, exif=exif)
    stored.close()
    (tmp_path / "flat.png").unlink()
    window = window_on(tmp_path / "turned.jpg")
    # Turned clockwise, column x of row y comes to column height - 1 - y of row x.
    assert_hot_at(window, 140 - 1 - 30, 90)


def test_the_heat_moves_with_the_square_that_the_reader_chooses(
    qtbot: QtBot, window_on, tmp_path: Path
):
    window = window_on(save_picture(tmp_path / "edge.png", 420, 140, spot=(60, 50)))
    page = window.page
    page.view.region_chosen.emit(SquareRegion(0, 0, 140))
    qtbot.waitUntil(lambda: page.service.images.prediction(0).chosen_region, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.view.region == SquareRegion(0, 0, 140))
    assert_hot_at(window, 60, 50)
    page.view.region_chosen.emit(SquareRegion(140, 0, 140))
    qtbot.waitUntil(lambda: not page.service.images.prediction(0).chosen_region)
    assert page.view.region == SquareRegion(140, 0, 140)
