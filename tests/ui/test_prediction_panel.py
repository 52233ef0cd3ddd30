"""The bars of a prediction."""

from dataclasses import replace

import numpy as np
import pytest
from panel_helpers import shown_panel
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES, Diagnosis
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.region import SquareRegion
from lesionviewer.ui.bars import DiagnosisBar, percent
from lesionviewer.ui.prediction_panel import PredictionPanel


@pytest.fixture
def panel(qtbot: QtBot, made_prediction: Prediction) -> PredictionPanel:
    return shown_panel(qtbot, made_prediction)


def bars(panel: PredictionPanel) -> list[DiagnosisBar]:
    shown = [bar for bar in panel.findChildren(DiagnosisBar) if bar.isVisible()]
    return sorted(shown, key=lambda bar: bar.mapTo(panel, bar.rect().topLeft()).y())


def words(panel: PredictionPanel) -> str:
    return " | ".join(w.text() for w in panel.findChildren(QLabel) if w.isVisible())


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0 %"),
        (0.712, "71.2 %"),
        (1.0, "100.0 %"),
        (0.0004, "< 0.1 %"),
        (0.9996, "> 99.9 %"),
    ],
)
def test_a_percentage_reads_as_certain_only_if_it_is(share: float, text: str) -> None:
    assert percent(share) == text


def test_every_diagnosis_has_a_bar_the_most_probable_first(panel: PredictionPanel) -> None:
    assert [bar.index for bar in bars(panel)] == [4, 5, 2, 3, 1, 6, 0]
    assert bars(panel)[0].accessibleName() == "Melanoma, 70.0 %, malignant"
    assert bars(panel)[1].accessibleName() == "Naevus, 15.0 %"


def test_a_bar_tells_its_key(panel: PredictionPanel) -> None:
    assert "Shift+5" in bars(panel)[0].toolTip()


def test_another_prediction_sorts_the_bars_anew(
    qtbot: QtBot, panel: PredictionPanel, made_prediction: Prediction
) -> None:
    turned = made_prediction.probabilities[::-1].copy()
    panel.set_prediction(replace(made_prediction, probabilities=turned))

    def shares() -> list[float]:
        return [float(turned[bar.index]) for bar in bars(panel)]

    qtbot.waitUntil(lambda: shares() == sorted(turned.tolist(), reverse=True))


def test_the_malignant_probability_is_the_sum_of_the_malignant(panel: PredictionPanel) -> None:
    assert "73.0 %" in words(panel)


def test_a_model_that_marks_none_has_no_malignant_probability(
    panel: PredictionPanel, made_prediction: Prediction
) -> None:
    panel.set_diagnoses([Diagnosis(d.code, d.name, False) for d in HAM10000_DIAGNOSES])
    panel.set_prediction(made_prediction)
    assert "not defined" in words(panel)


def test_a_click_asks_for_an_explanation_and_with_shift_for_a_comparison(
    qtbot: QtBot, panel: PredictionPanel
) -> None:
    second = bars(panel)[1]
    with qtbot.waitSignal(panel.explain_requested) as asked:
        qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert asked.args == [5]
    with qtbot.waitSignal(panel.compare_requested) as asked:
        qtbot.mouseClick(second, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    assert asked.args == [5]


def test_a_press_that_ends_elsewhere_asks_nothing(qtbot: QtBot, panel: PredictionPanel) -> None:
    first = bars(panel)[0]
    with qtbot.assertNotEmitted(panel.explain_requested):
        qtbot.mousePress(first, Qt.MouseButton.LeftButton)
        qtbot.mouseRelease(first, Qt.MouseButton.LeftButton, pos=first.rect().bottomRight() * 2)


def test_arrows_walk_through_the_bars_and_keys_ask(qtbot: QtBot, panel: PredictionPanel) -> None:
    asked: list[int] = []
    panel.explain_requested.connect(asked.append)
    compared: list[int] = []
    panel.compare_requested.connect(compared.append)
    rows = bars(panel)
    panel.activateWindow()
    rows[0].setFocus()
    qtbot.waitUntil(rows[0].hasFocus)
    qtbot.keyClick(rows[0], Qt.Key.Key_Up)
    assert rows[0].hasFocus()
    qtbot.keyClick(rows[0], Qt.Key.Key_Down)
    assert rows[1].hasFocus()
    qtbot.keyClick(rows[1], Qt.Key.Key_Space)
    qtbot.keyClick(rows[1], Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert (asked, compared) == ([5], [5])


def test_the_explained_and_the_compared_diagnosis_are_marked(panel: PredictionPanel) -> None:
    plain = panel.grab().toImage()
    panel.set_explained(4, 5)
    assert panel.grab().toImage() != plain
    assert bars(panel)[0].accessibleName().endswith("explained")
    assert bars(panel)[1].accessibleName().endswith("versus")


def test_a_chosen_region_is_marked_and_can_be_given_up(
    qtbot: QtBot, panel: PredictionPanel, made_prediction: Prediction
) -> None:
    assert "chosen region" not in words(panel)
    panel.set_prediction(replace(made_prediction, chosen_region=True))
    assert "chosen region" in words(panel)
    back = next(b for b in panel.findChildren(QPushButton) if b.isVisible())
    with qtbot.waitSignal(panel.reset_region_requested):
        qtbot.mouseClick(back, Qt.MouseButton.LeftButton)


def test_notices_are_shown_until_others_come(qtbot: QtBot, panel: PredictionPanel) -> None:
    panel.set_notices(["This is no photograph of skin."])
    qtbot.waitUntil(lambda: "no photograph" in words(panel))
    panel.set_notices([])
    assert "no photograph" not in words(panel)


def test_waiting_errors_and_emptiness_stand_where_the_bars_stand(panel: PredictionPanel) -> None:
    panel.show_waiting()
    assert not bars(panel)
    panel.show_error("The file ends too early.")
    assert "The file ends too early." in words(panel)
    panel.show_empty()
    assert "Open an image" in words(panel)
    assert not bars(panel)


def test_a_name_of_120_characters_does_not_widen_the_panel(
    qtbot: QtBot, made_prediction: Prediction
) -> None:
    panel = PredictionPanel()
    qtbot.addWidget(panel)
    panel.set_diagnoses([Diagnosis(d.code, "long name " * 12, True) for d in HAM10000_DIAGNOSES])
    panel.set_prediction(made_prediction)
    assert panel.minimumSizeHint().width() < 320
    assert "long name long name" in panel.findChildren(DiagnosisBar)[0].toolTip()


def test_thirty_diagnoses_have_thirty_bars(qtbot: QtBot) -> None:
    panel = PredictionPanel()
    qtbot.addWidget(panel)
    panel.set_diagnoses([Diagnosis(f"d{i}", f"Diagnosis {i}", i % 2 == 0) for i in range(30)])
    shares = np.full(30, 1 / 30, np.float32)
    maps = np.zeros((2, 2, 30), np.float32)
    panel.set_prediction(Prediction(shares, maps, SquareRegion(0, 0, 4)))
    panel.show()
    assert len(bars(panel)) == 30
