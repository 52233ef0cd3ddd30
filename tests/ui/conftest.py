"""Fixtures for tests of widgets."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from view_helpers import ViewMaker, plain

from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.region import SquareRegion, centre_square
from lesionviewer.ui.image_view import ImageView
from lesionviewer.ui.image_view_paint import make_pyramid
from lesionviewer.ui.theme import apply_theme


@pytest.fixture(autouse=True)
def clean_application(qapp: QApplication) -> Iterator[None]:
    """Light theme before, no window left open after; deferred deletions happen here, not later."""
    apply_theme(qapp, "light")
    yield
    for window in qapp.topLevelWidgets():
        window.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [type(w).__name__ for w in qapp.topLevelWidgets() if w.isVisible()]
    assert not left, f"windows left open: {left}"


@pytest.fixture
def made_prediction() -> Prediction:
    """Melanoma 70 %, its heat in the upper left cell; naevus heats the lower right one."""
    maps = np.zeros((7, 7, len(HAM10000_DIAGNOSES)), np.float32)
    maps[0, 0, 4] = 1.0
    maps[6, 6, 5] = 1.0
    shares = np.array([0.01, 0.02, 0.07, 0.03, 0.7, 0.15, 0.02], np.float32)
    return Prediction(shares, maps, SquareRegion(0, 0, 100))


@pytest.fixture
def view_of(qtbot: QtBot) -> ViewMaker:
    def make(width: int, height: int, region: SquareRegion | None = None) -> ImageView:
        view = ImageView()
        qtbot.addWidget(view)
        view.resize(700, 500)
        view.show()
        qtbot.waitExposed(view)
        view.set_picture(make_pyramid(plain(width, height)))
        view.set_region(region or centre_square(width, height))
        return view

    return make
