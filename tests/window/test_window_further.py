"""Other maps, the test of a map and the spread, in the window: asked for, at rest, off its way."""

from pathlib import Path

import pytest
from bundles import tiny_bundle
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS, GatedClassifier, save_picture, until

from lesionviewer.core.errors import EngineError
from lesionviewer.engine.explain.further import FINE, GRAD_CAM
from lesionviewer.engine.explain.gradient_methods import SCORE_CAM
from lesionviewer.engine.explain.keras_explainer import OCCLUSION
from lesionviewer.jobs.engine_start import start_engine
from lesionviewer.ui.look_line import LookLine

__all__ = ["tiny_bundle"]
PASSES = 38


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five dark pictures, each with a bright spot in another place."""
    folder = tmp_path / "spots"
    folder.mkdir()
    for i in range(5):
        save_picture(folder / f"image{i}.png", 120, 90, spot=(30 + 12 * i, 30), grey=30)
    return folder


@pytest.fixture
def window(open_window, finished, folder: Path):
    window = open_window(folder)
    finished(window)
    return window


def method_box(window) -> QComboBox:
    boxes = window.page.explanation.findChildren(QComboBox)
    return next(box for box in boxes if box.accessibleName() == "Method of the map")


def choose(window, method: str) -> None:
    box = method_box(window)
    box.setCurrentIndex(box.findData(method))
    box.activated.emit(box.currentIndex())


def sentence(window) -> str:
    return window.page.explanation._sentence.text()


def test_nothing_more_is_computed_unless_it_is_asked_for(window, classifier: GatedClassifier):
    window.page.step(1)
    assert sum(classifier.batches) == 5
    assert window.page.testing.words == ""
    assert window.page.prediction.spread.words == ""


def test_unfolding_tests_the_map_and_the_next_image_is_tested_at_rest(
    qtbot: QtBot, window, classifier: GatedClassifier
):
    page = window.page
    page.testing.set_unfolded(True)
    qtbot.waitUntil(lambda: "Grad-CAM: " in page.testing.words, timeout=WAIT_MS)
    assert sum(classifier.batches) == 5 + PASSES
    for _ in range(3):
        page.step(1)
    assert page.testing.words == ""
    qtbot.waitUntil(lambda: "Grad-CAM: " in page.testing.words, timeout=WAIT_MS)
    assert page.open_image.image == 3
    assert sum(classifier.batches) == 5 + 2 * PASSES


def test_another_diagnosis_is_tested_anew_and_the_first_remembered(
    qtbot: QtBot, window, classifier: GatedClassifier
):
    page = window.page
    page.testing.set_unfolded(True)
    qtbot.waitUntil(lambda: page.testing.words != "", timeout=WAIT_MS)
    first = page.testing.words
    page.open_image.explain(2)
    qtbot.waitUntil(lambda: page.testing.words not in ("", first), timeout=WAIT_MS)
    page.open_image.explain(None)
    assert page.testing.words == first
    assert sum(classifier.batches) == 5 + 2 * PASSES


def test_another_method_lies_over_the_picture_once_it_is_there(qtbot: QtBot, window, classifier):
    page = window.page
    before = page.view.grab().toImage()
    classifier.gate.clear()
    choose(window, OCCLUSION)
    assert "(Grad-CAM)" in sentence(window)
    line = page.explanation.findChild(LookLine)
    assert line.words == "Hiding one patch after the other …"
    classifier.gate.set()
    qtbot.waitUntil(lambda: "(Occlusion)" in sentence(window), timeout=WAIT_MS)
    assert line.words == ""
    assert page.view.grab().toImage() != before
    page.step(1)
    assert "(Grad-CAM)" in sentence(window)
    qtbot.waitUntil(lambda: "(Occlusion)" in sentence(window), timeout=WAIT_MS)


def test_a_method_that_is_given_up_is_not_computed_to_its_end(
    qtbot: QtBot, window, classifier: GatedClassifier
):
    classifier.gate.clear()
    before = classifier.entered
    choose(window, OCCLUSION)
    until(lambda: classifier.entered > before, "the first batch is with the engine")
    choose(window, GRAD_CAM)
    classifier.gate.set()
    button = window.page.prediction.spread.line.findChild(QPushButton)
    button.click()
    qtbot.waitUntil(lambda: window.page.prediction.spread.words != "", timeout=WAIT_MS)
    assert sum(classifier.batches) < 5 + 8 + 2 * classifier.batch_size
    assert window.page.explanation.findChild(LookLine).words == ""


def test_a_difference_falls_back_to_a_method_that_has_one(qtbot: QtBot, window):
    choose(window, OCCLUSION)
    window.page.prediction.compare_requested.emit(2)
    state = window.page.explanation.state
    assert (state.method, state.versus) == (GRAD_CAM, 2)
    choose(window, OCCLUSION)
    assert window.page.explanation.state.versus is None


def test_a_method_that_cannot_be_had_is_grey_and_says_why(window):
    model, box = method_box(window).model(), method_box(window)
    enabled = {box.itemData(row): model.item(row).isEnabled() for row in range(box.count())}
    assert enabled[GRAD_CAM]
    assert enabled[OCCLUSION]
    assert not enabled[SCORE_CAM]
    tip = box.itemData(box.findData(SCORE_CAM), Qt.ItemDataRole.ToolTipRole)
    assert "float weights" in tip


def test_a_failure_is_told_where_the_map_was_chosen_and_can_be_tried_again(
    qtbot: QtBot, window, classifier, monkeypatch
):
    def fail(batch):
        raise EngineError("The device is gone.")

    monkeypatch.setattr(classifier, "predict", fail)
    choose(window, OCCLUSION)
    line = window.page.explanation.findChild(LookLine)
    qtbot.waitUntil(lambda: line.words == "The device is gone.", timeout=WAIT_MS)
    assert line.offered == "Try again"
    assert "(Grad-CAM)" in sentence(window)
    monkeypatch.undo()
    line.asked.emit()
    qtbot.waitUntil(lambda: "(Occlusion)" in sentence(window), timeout=WAIT_MS)


def test_while_the_folder_is_classified_the_test_waits_unless_asked(
    qtbot: QtBot, open_window, folder: Path, classifier: GatedClassifier
):
    window = open_window(folder)
    page = window.page
    qtbot.waitUntil(lambda: page.service.images.prediction(0) is not None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.open_image.has_picture, timeout=WAIT_MS)
    page.service.explaining.set_busy(True)
    page.testing.set_unfolded(True)
    qtbot.waitUntil(lambda: page.testing.words != "", timeout=WAIT_MS)
    page.service.explaining.set_busy(True)
    page.step(1)
    line = page.testing.line
    qtbot.waitUntil(lambda: line.words == "Waits until the folder is classified.", timeout=WAIT_MS)
    assert line.offered == "Now"
    line.asked.emit()
    qtbot.waitUntil(lambda: page.testing.words != "", timeout=WAIT_MS)


def test_the_spread_is_measured_by_a_button_and_gone_with_the_image(qtbot: QtBot, window):
    part = window.page.prediction.spread
    button = part.line.findChild(QPushButton)
    assert button.text() == "Measure"
    button.click()
    qtbot.waitUntil(lambda: part.words != "", timeout=WAIT_MS)
    assert part.words.endswith("8 of 8")
    assert part.rows
    window.page.step(1)
    assert part.words == ""


def test_the_unfolded_test_is_remembered_and_the_method_is_not(
    qtbot: QtBot, window, open_window, folder: Path
):
    window.page.testing.set_unfolded(True)
    choose(window, OCCLUSION)
    window.close()
    again = open_window(folder)
    assert again.page.testing.is_unfolded
    assert again.page.explanation.state.method == GRAD_CAM


def test_the_fine_map_of_a_real_graph_comes_into_the_window(
    qtbot: QtBot, open_window, finished, folder: Path, tiny_bundle: Path
):
    window = open_window(folder, engine=lambda: start_engine(tiny_bundle, "openvino"))
    finished(window)
    choose(window, FINE)
    qtbot.waitUntil(lambda: "(Fine map)" in sentence(window), timeout=WAIT_MS)
    window.page.prediction.compare_requested.emit(2)
    assert window.page.explanation.state.method == FINE
    assert "(Fine map)" in sentence(window)
