"""Flips and turns of one picture: all eight, and what their predictions say together."""

from pathlib import Path

import numpy as np
import pytest
from bundles import tiny_card
from spots import spot_picture

from lesionviewer.core.bundle import open_bundle
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.doubt.spread import Spread, spread, turn
from lesionviewer.engine.fake_classifier import FakeClassifier
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier


class UpIsMelanoma(FakeClassifier):
    """Calls a picture melanoma as far as its upper half is bright."""

    def predict(self, batch: np.ndarray) -> RawOutput:
        half = batch.shape[1] // 2
        logits = np.zeros((len(batch), 7), np.float32)
        logits[:, 4] = batch[:, :half].mean((1, 2, 3)) / 16
        logits[:, 5] = batch[:, half:].mean((1, 2, 3)) / 16
        return RawOutput(logits, np.zeros((len(batch), 7, 7, 7), np.float32), logits)


def test_eight_views_are_all_there_are_and_the_first_is_the_image_itself() -> None:
    square = np.arange(27, dtype=np.uint8).reshape(1, 3, 3, 3)
    views = [turn(square, view) for view in range(8)]
    assert (views[0] == square).all()
    assert len({view.tobytes() for view in views}) == 8
    assert {tuple(sorted(view.ravel())) for view in views} == {tuple(range(27))}


@pytest.mark.parametrize("batch_size", [1, 3, 8, 32])
def test_a_network_that_goes_by_up_and_down_spreads_and_says_so(batch_size: int) -> None:
    square = np.zeros((28, 28, 3), np.uint8)
    square[:14] = 255
    asked: list[tuple[int, int]] = []
    classifier = UpIsMelanoma(tiny_card(), batch_size=batch_size)
    found = spread(classifier, square, progress=lambda *at: asked.append(at))
    assert found.probabilities.shape == (8, 7)
    np.testing.assert_allclose(found.probabilities.sum(1), 1, atol=1e-6)
    assert found.highest[4] > 0.9
    assert found.lowest[4] < 0.1
    assert found.mean[4] == pytest.approx(found.probabilities[:, 4].mean())
    assert found.deviation[4] == pytest.approx(found.probabilities[:, 4].std())
    assert asked[0] == (0, 8)
    assert len(asked) == -(-8 // batch_size)


def test_a_network_that_sees_no_direction_does_not_spread(tiny_bundle: Path) -> None:
    classifier = OpenVinoClassifier(open_bundle(tiny_bundle))
    found = spread(classifier, spot_picture(96, 96, width=32))
    classifier.close()
    assert found.deviation.max() < 1e-4
    assert found.agreeing == 8


def test_views_that_name_another_diagnosis_are_counted() -> None:
    rows = np.full((8, 2), 0.5, np.float32)
    rows[:3] += [0.1, -0.1]
    rows[3:] += [-0.1, 0.1]
    assert Spread(rows).agreeing == 3
