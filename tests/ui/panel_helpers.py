"""The panel of a prediction, on the screen."""

from pytestqt.qtbot import QtBot

from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.core.prediction import Prediction
from lesionviewer.ui.prediction_panel import PredictionPanel


def shown_panel(qtbot: QtBot, prediction: Prediction) -> PredictionPanel:
    panel = PredictionPanel()
    qtbot.addWidget(panel)
    panel.resize(340, 900)
    panel.set_diagnoses(HAM10000_DIAGNOSES)
    panel.set_prediction(prediction)
    panel.show()
    qtbot.waitExposed(panel)
    return panel
