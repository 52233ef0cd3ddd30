"""Each prediction of the window's pass carries what lets a reader doubt it."""

from pathlib import Path

import numpy as np
import pytest
from doubt_helpers import made_doubts
from pytestqt.qtbot import QtBot
from review_helpers import GatedClassifier, HandDecoder

from lesionviewer.core.region import SquareRegion
from lesionviewer.engine.selection import Chosen

NAMES = [f"{i}.jpg" for i in range(6)]


@pytest.fixture
def done(qtbot: QtBot, start_service, decoder: HandDecoder, classifier: GatedClassifier):
    """A service that has classified six images with or without parts to doubt by."""

    def run(chosen: Chosen):
        service = start_service({"set": NAMES}, engine=lambda: chosen)
        with qtbot.waitSignal(service.scanned):
            service.open([Path("set")])
        service.start_engine()
        service.show(0)
        grey = iter((30, 30, 30, 220, 220, 220, *[30] * 20))

        def step() -> bool:
            while decoder.names:
                decoder.give(grey=next(grey))
            return service.progress.complete

        qtbot.waitUntil(step, timeout=20_000)
        return service

    return run


def test_a_prediction_comes_with_sets_outlier_score_and_quality(done, classifier):
    service = done(Chosen(classifier, doubts=made_doubts()))
    for image in range(len(NAMES)):
        prediction = service.images.prediction(image)
        assert set(prediction.doubt.sets) == {90, 95}
        assert prediction.top in prediction.doubt.sets[95]
        assert prediction.doubt.reduced is not None
        assert prediction.quality.figure("few_pixels").flagged
    assert 0 < service.images.counts.unlike < len(NAMES)


def test_a_model_without_such_parts_gives_predictions_without_doubt_but_with_quality(
    done, classifier
):
    service = done(Chosen(classifier))
    prediction = service.images.prediction(0)
    assert prediction.doubt.sets == {}
    assert prediction.doubt.outlier is None
    assert prediction.quality is not None
    assert service.images.counts.unlike == 0
    assert not service.similar.available


def test_a_chosen_square_is_doubted_by_itself(qtbot: QtBot, done, classifier):
    service = done(Chosen(classifier, doubts=made_doubts()))
    service.choose_region(0, SquareRegion(0, 0, 20))
    qtbot.waitUntil(lambda: service.images.prediction(0).chosen_region, timeout=20_000)
    quality = service.images.prediction(0).quality
    assert np.isclose(quality.figure("few_pixels").value, 20)


def test_the_threshold_outlives_the_folder(qtbot: QtBot, done, classifier):
    service = done(Chosen(classifier, doubts=made_doubts()))
    service.images.set_threshold(0.2)
    with qtbot.waitSignal(service.scanned):
        service.open([Path("set")])
    assert service.images.threshold == 0.2
