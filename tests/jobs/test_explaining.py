"""Further passes: off the window's thread, after the folder, for the open image only."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bundles import tiny_bundle
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS, GatedClassifier, until
from spots import spot_picture

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.errors import EngineError
from lesionviewer.core.region import SquareRegion
from lesionviewer.engine.doubt.spread import Spread
from lesionviewer.engine.explain.faithfulness import Faithfulness
from lesionviewer.engine.explain.further import (
    FINE,
    GRAD_CAM,
    Kind,
    Question,
    Subject,
    map_question,
)
from lesionviewer.engine.explain.gradient_methods import SCORE_CAM
from lesionviewer.engine.explain.keras_explainer import OCCLUSION
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.explaining import Explaining, Failed, Held, Working

__all__ = ["tiny_bundle"]

REGION = SquareRegion(0, 0, 224)
SPREAD = Question(Kind.SPREAD)
TEST = Question(Kind.FAITHFULNESS, GRAD_CAM, 5)


def subject(image: int = 0, *, region: SquareRegion = REGION) -> Subject:
    maps = np.random.default_rng(image).random((7, 7, 7)).astype(np.float32)
    return Subject(image, spot_picture(96, 96), region, maps)


@pytest.fixture
def explaining(clean_end: None, classifier: GatedClassifier):
    made = Explaining()
    made.set_engine(Chosen(classifier))
    made.open(subject())
    yield made
    classifier.gate.set()
    assert made.close(grace_ms=WAIT_MS)


@pytest.fixture
def answered(qtbot: QtBot, explaining: Explaining) -> Callable:
    def wait(question: Question):
        qtbot.waitUntil(
            lambda: not isinstance(explaining.state(question), Working | Held | None),
            timeout=WAIT_MS,
        )
        return explaining.state(question)

    return wait


def test_a_map_is_tested_and_the_answer_kept(
    explaining: Explaining, answered: Callable, classifier: GatedClassifier
) -> None:
    told = []
    explaining.changed.connect(lambda _: told.append(explaining.state(TEST)))
    explaining.ask(TEST)
    found = answered(TEST)
    assert isinstance(found, Faithfulness)
    assert told[0] == Working()
    assert Working(4, 38) in told
    assert sum(classifier.batches) == 38
    explaining.ask(TEST, by_hand=True)
    assert explaining.state(TEST) is found
    assert sum(classifier.batches) == 38


def test_the_spread_takes_eight_passes(
    explaining: Explaining, answered: Callable, classifier: GatedClassifier
) -> None:
    explaining.ask(SPREAD)
    assert isinstance(answered(SPREAD), Spread)
    assert sum(classifier.batches) == 8


def test_while_a_folder_is_classified_only_what_is_asked_by_hand_is_computed(
    explaining: Explaining, answered: Callable, classifier: GatedClassifier
) -> None:
    explaining.set_busy(True)
    explaining.ask(TEST)
    assert explaining.state(TEST) == Held()
    explaining.ask(SPREAD, by_hand=True)
    answered(SPREAD)
    assert sum(classifier.batches) == 8
    explaining.set_busy(False)
    assert isinstance(answered(TEST), Faithfulness)


def test_a_question_that_waits_can_be_taken_back(explaining: Explaining) -> None:
    explaining.set_busy(True)
    explaining.ask(TEST)
    explaining.drop(TEST)
    explaining.set_busy(False)
    assert explaining.state(TEST) is None


def test_another_image_ends_the_work_for_the_one_before(
    qtbot: QtBot, explaining: Explaining, answered: Callable, classifier: GatedClassifier
) -> None:
    classifier.gate.clear()
    explaining.ask(TEST)
    until(lambda: classifier.entered == 1, "the first batch is with the engine")
    assert explaining.open(subject(1))
    assert explaining.state(TEST) is None
    explaining.ask(SPREAD)
    classifier.gate.set()
    assert isinstance(answered(SPREAD), Spread)
    assert explaining.state(TEST) is None
    assert sum(classifier.batches) == 4 + 8


def test_another_square_of_the_same_image_is_another_subject(
    explaining: Explaining, answered: Callable
) -> None:
    explaining.ask(SPREAD)
    answered(SPREAD)
    assert not explaining.open(subject())
    assert explaining.state(SPREAD) is not None
    assert explaining.open(subject(region=SquareRegion(0, 0, 100)))
    assert explaining.state(SPREAD) is None


def test_an_engine_that_fails_is_told_and_can_be_asked_again(
    explaining: Explaining, answered: Callable, classifier: GatedClassifier, monkeypatch
) -> None:
    def fail(batch: np.ndarray):
        raise EngineError("The device is gone.")

    monkeypatch.setattr(classifier, "predict", fail)
    explaining.ask(SPREAD)
    assert answered(SPREAD) == Failed("The device is gone.")
    monkeypatch.undo()
    explaining.ask(SPREAD)
    assert explaining.state(SPREAD) == Failed("The device is gone.")
    explaining.ask(SPREAD, by_hand=True)
    assert isinstance(answered(SPREAD), Spread)


def test_grad_cam_is_known_at_once_and_others_only_for_the_image_they_were_made_for(
    explaining: Explaining, answered: Callable
) -> None:
    def known(method: str, image: int = 0, region: SquareRegion = REGION):
        return explaining.map_of(method, 4, image=image, region=region)

    np.testing.assert_array_equal(known(GRAD_CAM), subject().maps)
    assert known(OCCLUSION) is None
    explaining.ask(map_question(OCCLUSION, 4))
    answered(map_question(OCCLUSION, 4))
    assert known(OCCLUSION).shape == (14, 14)
    assert known(OCCLUSION, image=1) is None
    assert known(OCCLUSION, region=SquareRegion(1, 0, 100)) is None


def test_a_map_that_is_not_there_yet_is_not_tested(explaining: Explaining) -> None:
    test = Question(Kind.FAITHFULNESS, OCCLUSION, 4)
    explaining.ask(test)
    assert explaining.state(test) is None


def test_what_a_model_lacks_is_told_before_and_after_asking(
    explaining: Explaining, answered: Callable
) -> None:
    assert explaining.reason_against(GRAD_CAM) == explaining.reason_against(OCCLUSION) == ""
    for method in (FINE, SCORE_CAM):
        question = map_question(method, 4)
        explaining.ask(question)
        assert answered(question).reason == explaining.reason_against(method) != ""


def test_the_fine_map_of_a_real_graph_is_tested_too(
    explaining: Explaining, answered: Callable, tiny_bundle: Path
) -> None:
    bundle = open_bundle(tiny_bundle)
    classifier = OpenVinoClassifier(bundle)
    explaining.set_engine(Chosen(classifier, opened=bundle))
    explaining.open(subject())
    assert explaining.reason_against(FINE) == ""
    explaining.ask(map_question(FINE, 4))
    fine = answered(map_question(FINE, 4))
    assert fine.shape == (14, 14, 7)
    test = Question(Kind.FAITHFULNESS, FINE, 4)
    explaining.ask(test)
    assert answered(test).area > 0
    explaining.set_engine(None)
    assert explaining.state(test) is None
    classifier.close()


def test_closing_does_not_wait_for_the_rest_of_an_answer(
    explaining: Explaining, classifier: GatedClassifier
) -> None:
    classifier.gate.clear()
    explaining.ask(TEST)
    until(lambda: classifier.entered == 1, "the first batch is with the engine")
    assert not explaining.close(grace_ms=1)
    classifier.gate.set()
    assert explaining.close(grace_ms=WAIT_MS)
    assert classifier.entered == 1
