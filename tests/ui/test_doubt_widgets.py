"""The panel says how far a prediction can be relied on, above all where it cannot."""

from dataclasses import replace

import numpy as np
import pytest
from panel_helpers import shown_panel
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.core.doubt import Doubt
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.quality.result import PictureQuality, QualityFigure
from lesionviewer.ui.bars import DiagnosisBar
from lesionviewer.ui.doubt_lines import DoubtLines
from lesionviewer.ui.doubt_words import UNLIKE, in_order, set_words, uncertainty_word
from lesionviewer.ui.prediction_panel import PredictionPanel
from lesionviewer.ui.quality_chips import QualityChips
from lesionviewer.ui.unlike_notice import UnlikeNotice

MEL, NV, BKL = 4, 5, 2


def flagged(*keys: str) -> PictureQuality:
    return PictureQuality(
        tuple(QualityFigure(key, key.title(), 1.0, "", True, f"About {key}.") for key in keys)
    )


@pytest.fixture
def doubted(made_prediction: Prediction) -> Prediction:
    return replace(made_prediction, doubt=Doubt({90: (MEL,), 95: (MEL, BKL)}, 0.5))


@pytest.fixture
def panel(qtbot: QtBot, doubted: Prediction) -> PredictionPanel:
    return shown_panel(qtbot, doubted)


def words(panel: PredictionPanel) -> list[str]:
    """All words in sight, from top to bottom."""
    labels = [w for w in panel.findChildren(QLabel) if w.isVisible() and w.text()]
    labels.sort(key=lambda w: w.mapTo(panel, w.rect().topLeft()).y())
    return [w.text() for w in labels]


def lines(panel: PredictionPanel) -> DoubtLines:
    return panel.findChildren(DoubtLines)[0]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ((MEL,), "Melanoma"),
        ((MEL, BKL), "Melanoma or benign keratosis"),
        ((MEL, BKL, NV), "Melanoma, benign keratosis or naevus"),
        ((MEL, BKL, NV, 3), "One of 4: mel, bkl, nv, df"),
        (tuple(range(7)), "None can be ruled out"),
    ],
)
def test_a_set_reads_as_a_phrase(members: tuple[int, ...], text: str):
    assert set_words(members, HAM10000_DIAGNOSES) == text


@pytest.mark.parametrize(
    ("shares", "word"),
    [((0.98, 0.01, 0.01), "low"), ((0.5, 0.5, 0.0), "moderate"), ((0.3, 0.3, 0.2, 0.2), "high")],
)
def test_uncertainty_has_a_word(shares: tuple[float, ...], word: str, made_prediction: Prediction):
    made = replace(made_prediction, probabilities=np.array(shares, np.float32))
    assert uncertainty_word(made) == word


def test_set_and_uncertainty_stand_below_the_bars(panel: PredictionPanel):
    said = lines(panel).words
    assert said.startswith("95 % set Melanoma or benign keratosis Uncertainty moderate · ")
    lowest = max(
        bar.mapTo(panel, bar.rect().bottomLeft()).y() for bar in panel.findChildren(DiagnosisBar)
    )
    assert lines(panel).y() + panel._total.y() > lowest


def test_without_a_set_the_uncertainty_is_still_there(
    panel: PredictionPanel, made_prediction: Prediction
):
    panel.set_prediction(made_prediction)
    assert "%" not in lines(panel).words
    assert lines(panel).words.startswith("Uncertainty moderate · 0.")
    assert lines(panel).isVisible()


def test_a_key_brings_the_sentences(panel: PredictionPanel):
    button = lines(panel)._info
    assert not any("of 100 images" in text for text in words(panel))
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert any("about 95 have their diagnosis among these" in text for text in words(panel))


def test_an_unlike_picture_is_announced_first_and_its_bars_are_dimmed(
    panel: PredictionPanel, doubted: Prediction
):
    def colour(bar: DiagnosisBar) -> QColor:
        return (
            bar.grab().toImage().pixelColor(24, bar.height() - 6 - bar.fontMetrics().height() // 2)
        )

    top = min(panel.findChildren(DiagnosisBar), key=lambda bar: bar.y())
    plain = colour(top)
    panel.set_prediction(replace(doubted, doubt=Doubt({95: (MEL,)}, 2.4)))
    assert words(panel)[0] == UNLIKE
    assert "2.4 times" in panel.findChildren(UnlikeNotice)[0].words
    dimmed = colour(top)
    assert dimmed.saturation() < plain.saturation() - 60
    panel.set_prediction(doubted)
    assert UNLIKE not in words(panel)
    assert colour(top) == plain


def test_the_notice_goes_with_the_prediction(panel: PredictionPanel, doubted: Prediction):
    panel.set_prediction(replace(doubted, doubt=Doubt({}, 2.4), quality=flagged("blur")))
    panel.show_waiting()
    assert UNLIKE not in words(panel)
    assert not panel.findChildren(QualityChips)[0].isVisible()


def test_severe_flags_come_first_and_frequent_ones_last():
    assert in_order(["hair", "ruler", "cut", "glare"]) == ["glare", "ruler", "hair", "cut"]


def test_a_chip_tells_what_it_means(panel: PredictionPanel, doubted: Prediction):
    panel.set_prediction(replace(doubted, quality=flagged("hair", "blur")))
    chips = panel.findChildren(QualityChips)[0]
    assert chips.words == ["Blur", "Hair"]
    assert chips.chip("blur").property("tone") == "severe"
    assert chips.chip("hair").property("tone") == "quiet"
    chip = chips.chip("hair")
    chip.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(chip, Qt.Key.Key_Space)
    assert "About hair." in words(panel)
    QTest.keyClick(chip, Qt.Key.Key_Space)
    assert "About hair." not in words(panel)


def test_many_chips_go_over_several_lines(qtbot: QtBot):
    chips = QualityChips()
    qtbot.addWidget(chips)
    chips.resize(240, 200)
    keys = ["blur", "too_dark", "glare", "vignette", "ink", "ruler", "small_lesion", "cut"]
    chips.show_quality(flagged(*keys))
    chips.show()
    qtbot.waitExposed(chips)
    boxes = [chips.chip(key).geometry() for key in keys]
    assert len({box.top() for box in boxes}) > 1
    assert max(box.right() for box in boxes) < chips.width()
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_the_panel_says_what_the_threshold_makes_of_the_image(qtbot: QtBot, panel: PredictionPanel):
    assert "flagged" in words(panel)
    panel.set_threshold(0.75)
    assert "not flagged" in words(panel)
    assert panel._threshold.text() == "Flagged from 75 %"
    with qtbot.waitSignal(panel.threshold_requested):
        panel._threshold.click()
