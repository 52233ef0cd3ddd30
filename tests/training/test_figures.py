import json

import numpy as np
import pytest

from training.bootstrap import LesionDraws
from training.calibration import at_frequencies, frequencies
from training.figures import agreement, figures
from training.metrics import softmax
from training.operating import curve, malignant_figures, points_at
from training.reliability import (
    calibration_figures,
    errors_by_chance,
    expected_calibration_error,
)

TRUTH = np.array([0, 0, 0, 0, 1, 1, 2])
CHOSEN = np.array([0, 0, 0, 1, 1, 2, 2])


def calibrated_labels(shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(len(shares))[:, None] > shares.cumsum(axis=1)[:, :-1]).sum(axis=1)


def test_a_classifier_that_is_as_sure_as_it_is_right_is_calibrated():
    sure = np.tile([0.75, 0.25], (4, 1))
    assert expected_calibration_error(np.array([0, 0, 0, 1]), sure) == pytest.approx(0)
    assert expected_calibration_error(np.array([1, 1, 1, 1]), sure) == pytest.approx(0.75)


def test_a_perfectly_calibrated_classifier_gets_the_error_that_is_stated_for_it():
    rng = np.random.default_rng(1)
    shares = rng.dirichlet(np.full(7, 0.3), 1000)
    errors = [
        expected_calibration_error(calibrated_labels(shares, rng), shares) for _ in range(200)
    ]
    by_chance = errors_by_chance(shares.max(axis=1))
    assert np.mean(errors) == pytest.approx(by_chance.mean(), rel=0.05)
    assert np.percentile(errors, 95) == pytest.approx(np.percentile(by_chance, 95), rel=0.15)


def test_an_overconfident_classifier_is_beyond_what_chance_makes():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 1, (1000, 4))
    truth, sure = calibrated_labels(softmax(logits), rng), softmax(2 * logits)
    report = figures(truth, sure, [str(i) for i in range(1000)], "wxyz", draws=200)
    low, _ = report["expected_calibration_error_interval"]
    assert low > report["calibration_error_if_perfect_interval"][1]
    assert sum(report["reliability"]["images"]) == 1000
    filled = [n > 0 for n in report["reliability"]["images"]]
    assert [value is not None for value in report["reliability"]["accuracy"]] == filled


def test_the_interval_of_the_calibration_error_lies_around_it():
    rng = np.random.default_rng(3)
    shares = rng.dirichlet(np.full(5, 0.5), 400)
    expected = errors_by_chance(shares.max(axis=1)).mean()
    inside = 0
    for _ in range(40):
        truth = calibrated_labels(shares, rng)
        draws = LesionDraws([str(i) for i in range(400)], draws=100)
        report = calibration_figures(truth, shares, draws, draws=10)
        low, high = report["expected_calibration_error_interval"]
        assert low <= report["expected_calibration_error"] <= high
        inside += low <= expected <= high
    assert inside >= 34


def test_the_frequencies_of_a_population_make_balanced_probabilities_calibrated_in_it():
    rng = np.random.default_rng(4)
    truth = rng.choice(3, 3000, p=[0.8, 0.1, 0.1])
    # What one sees of an image is its diagnosis and noise, whatever the frequencies. The frequent
    # one is the easiest to tell, so that more is right than it seems to be.
    centres = np.diag([2.0, 0.5, 0.5])
    seen = centres[truth] + rng.normal(0, 1, (3000, 3))
    balanced = softmax(seen @ centres.T - (centres**2).sum(axis=1) / 2)
    weighted = at_frequencies(balanced, frequencies(truth, 3))
    by_chance = errors_by_chance(weighted.max(axis=1), draws=200)
    assert expected_calibration_error(truth, balanced) > 2 * by_chance.max()
    assert expected_calibration_error(truth, weighted) < by_chance.max()


def test_figures_are_fit_for_json_and_name_every_diagnosis():
    shares = softmax(3.0 * np.eye(4)[CHOSEN])
    report = figures(TRUTH, shares, list("aabbcde"), "wxyz", malignant="x", draws=50)
    json.dumps(report, allow_nan=False)
    assert report["recall"] == {"w": 0.75, "x": 0.5, "y": 1.0, "z": None}
    assert report["precision"] == {"w": 1.0, "x": 0.5, "y": 0.5, "z": None}
    assert report["recall_interval"]["z"] == [None, None]
    assert report["confusion"] == [[3, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert report["lesions"] == 5
    low, high = report["balanced_accuracy_interval"]
    assert 0 <= low <= report["balanced_accuracy"] <= high <= 1


def test_common_diagnoses_are_those_of_fifteen_images_or_more():
    truth = np.repeat([0, 1, 2], [20, 15, 14])
    chosen = np.where(truth == 2, 0, truth)
    names = [str(i) for i in range(49)]
    report = figures(truth, np.eye(3)[chosen], names, "xyz", draws=20)
    assert report["common_diagnoses"] == ["x", "y"]
    assert report["balanced_accuracy_common"] == 1.0
    assert report["balanced_accuracy"] == pytest.approx(2 / 3, abs=1e-6)


def test_the_operating_point_is_the_highest_threshold_that_finds_enough():
    malignant, other = np.arange(1, 101) / 100, np.arange(0, 100) / 200
    scores, marks = np.concatenate([malignant, other]), np.repeat([True, False], 100)
    (point,) = points_at(np.ones((1, 200)), marks, scores, 0.9)
    # Of 0.01 … 1.00 the upper 90 begin at 0.11, and 22 of 0.000, 0.005 … lie below it.
    assert point.tolist() == [0.11, 0.22]
    report = malignant_figures(marks, scores, LesionDraws([str(i) for i in range(200)]))
    found = report["malignant_at_90_sensitivity"]
    assert found["sensitivity"] == 0.9
    assert found["threshold"] == pytest.approx(0.11, abs=2e-6)
    ends = report["malignant_at_90_sensitivity_interval"]
    assert ends["threshold"][0] < 0.11 < ends["threshold"][1]
    assert ends["sensitivity"][0] < 0.9 < ends["sensitivity"][1]
    assert ends["specificity"][0] < 0.22 < ends["specificity"][1]


def test_the_curve_goes_from_all_found_to_all_spared():
    marks = np.array([True, True, False, False])
    found, spared = curve(marks, np.array([0.4, 0.8, 0.2, 0.4]), np.array([0.0, 0.4, 0.5, 1.0]))
    assert found.tolist() == [1.0, 1.0, 0.5, 0.0]
    assert spared.tolist() == [0.0, 0.5, 1.0, 1.0]


def test_without_a_malignant_image_there_is_no_operating_point():
    shares = np.eye(2)[[0, 0, 1]]
    report = figures(np.zeros(3, int), shares, list("abc"), "xy", malignant="y", draws=20)
    assert report["malignant_auc"] is None
    assert set(report["malignant_at_95_sensitivity"].values()) == {None}
    assert set(report["malignant_curve"]["sensitivity"]) == {None}


def test_equal_classifiers_agree():
    shares = softmax(np.eye(3)[CHOSEN])
    report = agreement(TRUTH, shares, shares)
    assert (report["same_diagnosis"], report["mean_difference"]) == (1.0, 0.0)
