"""What a threshold means on the test set."""

import math

import numpy as np
import pytest

from lesionviewer.engine.doubt.operating import OperatingCurve, wilson


@pytest.fixture
def curve() -> OperatingCurve:
    return OperatingCurve(
        np.array([0.1, 0.4, 0.4, 0.9], np.float32), np.array([0.0, 0.2, 0.400001], np.float32)
    )


def test_an_image_is_flagged_from_the_threshold_on(curve) -> None:
    point = curve.at(0.4)
    assert (point.sensitivity.value, point.specificity.value) == (0.75, pytest.approx(2 / 3))
    assert (point.flagged, point.images) == (4, 7)
    assert point.flagged_share == wilson(4, 7)
    assert curve.at(0.400001).flagged == 2
    assert curve.at(0.0).flagged == 7
    assert curve.at(1.0).flagged == 0


def test_the_intervals_are_wilsons() -> None:
    # 8 of 10, and 0 of 20: the values that statsmodels' proportion_confint gives.
    found = wilson(8, 10)
    assert (found.value, found.low, found.high) == pytest.approx(
        (0.8, 0.490162, 0.943318), abs=1e-6
    )
    assert (wilson(0, 20).low, wilson(0, 20).high) == pytest.approx((0.0, 0.161125), abs=1e-6)
    assert math.isnan(wilson(0, 0).low)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(8), 0
    for hits in rng.binomial(150, 0.8, 2000):
        found = wilson(int(hits), 150)
        held += found.low <= 0.8 <= found.high
    # Four standard errors of 2,000 draws at 95 %.
    assert abs(held / 2000 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 2000)
