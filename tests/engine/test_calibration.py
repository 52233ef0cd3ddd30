import numpy as np
import pytest

from lesionviewer.core.region import SquareRegion
from lesionviewer.engine.calibration import calibrated, prediction_of
from lesionviewer.engine.classifier import RawOutput


def test_probabilities_sum_to_one_and_keep_the_order_of_the_logits() -> None:
    probabilities = calibrated(np.array([[1.0, 3.0, -2.0], [900.0, -900.0, 0.0]], np.float32), 1.3)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert probabilities.argmax(axis=1).tolist() == [1, 0]


def test_a_higher_temperature_makes_the_model_less_sure() -> None:
    logits = np.array([2.0, 0.0], np.float32)
    assert calibrated(logits, 1.0)[0] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-6)
    assert calibrated(logits, 2.0)[0] == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-6)


def test_a_prediction_holds_one_row_of_its_batch_and_not_the_batch() -> None:
    maps = np.arange(2 * 7 * 7 * 3, dtype=np.float32).reshape(2, 7, 7, 3)
    raw = RawOutput(np.eye(2, 3, dtype=np.float32), maps, np.zeros((2, 4), np.float32))
    prediction = prediction_of(raw, 1, temperature=1.0, region=SquareRegion(0, 0, 9))
    assert prediction.top == 1
    np.testing.assert_array_equal(prediction.activation_maps, maps[1])
    assert prediction.activation_maps.base is None
    assert not prediction.chosen_region
