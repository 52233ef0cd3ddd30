"""The parts that show what further passes found, each by itself."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.engine.doubt.spread import Spread
from lesionviewer.engine.explain.faithfulness import Faithfulness
from lesionviewer.engine.explain.hiding import SHARES
from lesionviewer.jobs.explaining import Failed, Held, Working
from lesionviewer.ui.faithfulness_curve import FaithfulnessCurve
from lesionviewer.ui.faithfulness_panel import FaithfulnessPanel, verdict
from lesionviewer.ui.look_line import LookLine
from lesionviewer.ui.spread_part import SpreadPart
from lesionviewer.ui.theme import current_tokens


def shown(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.addWidget(widget)
    widget.resize(320, 300)
    widget.show()
    qtbot.waitExposed(widget)


def found_of(hottest: float, *randoms: float) -> Faithfulness:
    """Curves that stay where they are."""
    rows = [np.full(11, value, np.float32) for value in (hottest, *randoms)]
    return Faithfulness(SHARES, rows[0], np.stack(rows[1:]))


def spread_of(*views: tuple[float, ...]) -> Spread:
    return Spread(np.array(views, np.float32))


def test_a_line_says_how_far_it_is_and_offers_what_can_be_done(qtbot: QtBot) -> None:
    line = LookLine()
    shown(qtbot, line)
    line.show_state(Working(4, 38), "Hiding …")
    assert (line.words, line.offered) == ("Hiding …", "")
    assert (line.findChild(QProgressBar).value(), line.findChild(QProgressBar).maximum()) == (4, 38)
    line.show_state(Working(), "Making …")
    assert not line.findChild(QProgressBar).isVisible()
    line.show_state(Held(), "Making …")
    assert line.offered == "Now"
    line.show_state(Failed("The device is gone."), "Making …")
    assert (line.words, line.offered) == ("The device is gone.", "Try again")
    with qtbot.waitSignal(line.asked):
        qtbot.mouseClick(line.findChild(QPushButton), Qt.MouseButton.LeftButton)
    line.show_state(None, "Making …")
    assert line.words == ""


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (found_of(0.2, 0.5, 0.6, 0.7), "better than each random map"),
        (found_of(0.52, 0.5, 0.6, 0.7), "hardly better than random regions"),
        (found_of(0.6, 0.6, 0.6, 0.6), "no better than random regions"),
        (found_of(0.9, 0.5, 0.6, 0.7), "no better than random regions"),
    ],
)
def test_the_verdict_is_against_chance(found: Faithfulness, words: str) -> None:
    assert verdict(found) == words


def test_the_panel_shows_figure_and_curve_and_hides_them_again(qtbot: QtBot) -> None:
    panel = FaithfulnessPanel()
    shown(qtbot, panel)
    panel.set_unfolded(True)
    panel.show_state(found_of(0.9, 0.5, 0.6, 0.7), "Melanoma", "Grad-CAM")
    assert panel.words == "−0.30 Grad-CAM: no better than random regions"
    assert panel.findChild(FaithfulnessCurve).isVisible()
    panel.show_state(Working(8, 38), "Melanoma")
    assert panel.words == ""
    assert not panel.findChild(FaithfulnessCurve).isVisible()


def test_the_curve_is_painted_where_the_probability_is(qtbot: QtBot) -> None:
    curve = FaithfulnessCurve()
    shown(qtbot, curve)
    accent = QColor(current_tokens().accent)

    def row_of_the_line(hottest: float) -> int:
        curve.show_curve(found_of(hottest, 0.5))
        picture = curve.grab().toImage()
        middle = picture.width() * 3 // 4
        rows = [y for y in range(100) if picture.pixelColor(middle, y) == accent]
        return rows[0]

    assert row_of_the_line(0.9) < row_of_the_line(0.2)
    assert "hottest first 20, 20" in curve.accessibleName()


def test_the_spread_is_told_for_each_diagnosis_that_counts(qtbot: QtBot) -> None:
    part = SpreadPart()
    shown(qtbot, part)
    shown(qtbot, part.line)
    part.set_diagnoses(HAM10000_DIAGNOSES)
    sure = (0.0, 0.0, 0.004, 0.0, 0.9, 0.096, 0.0)
    other = (0.0, 0.0, 0.004, 0.0, 0.3, 0.696, 0.0)
    part.show_state(spread_of(*[sure] * 6, *[other] * 2))
    assert part.words == "mel ± 26.0 % · 6 of 8"
    assert part.rows == ["Melanoma 75.0 % 26.0 30 to 90", "Naevus 24.6 % 26.0 10 to 70"]
    part.show_state(None)
    assert part.words == ""
    assert not part.isVisible()
    assert part.line.findChild(QPushButton).isVisible()
