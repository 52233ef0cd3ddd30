import numpy as np
import pytest

from training.figures import agreement, figures
from training.metrics import (
    balanced_accuracy,
    expected_calibration_error,
    macro_auc,
    over_lesions,
    recalls,
    softmax,
)

TRUTH = np.array([0, 0, 0, 0, 1, 1, 2])
CHOSEN = np.array([0, 0, 0, 1, 1, 2, 2])


def test_balanced_accuracy_is_the_mean_recall():
    assert recalls(TRUTH, CHOSEN, 3).tolist() == [0.75, 0.5, 1.0]
    assert balanced_accuracy(TRUTH, CHOSEN, 3) == pytest.approx(0.75)


def test_a_diagnosis_that_does_not_occur_counts_for_nothing():
    assert np.isnan(recalls(TRUTH, CHOSEN, 4)[3])
    assert balanced_accuracy(TRUTH, CHOSEN, 4) == pytest.approx(0.75)


def test_perfect_scores_have_an_area_of_one():
    assert macro_auc(TRUTH, softmax(10.0 * np.eye(3)[TRUTH])) == 1.0
    assert np.isnan(macro_auc(np.zeros(3, int), softmax(np.eye(3))))


def test_a_classifier_that_is_as_sure_as_it_is_right_is_calibrated():
    sure = np.tile([0.75, 0.25], (4, 1))
    assert expected_calibration_error(np.array([0, 0, 0, 1]), sure) == pytest.approx(0)
    assert expected_calibration_error(np.array([1, 1, 1, 1]), sure) == pytest.approx(0.75)


def test_the_interval_is_drawn_over_lesions():
    values = np.repeat([0.0, 1.0], 50)
    by_image = over_lesions(lambda rows: values[rows].mean(), [str(i) for i in range(100)])
    by_lesion = over_lesions(lambda rows: values[rows].mean(), ["a"] * 50 + ["b"] * 50)
    assert by_lesion == (0.0, 1.0)
    assert 0.35 < by_image[0] < 0.5 < by_image[1] < 0.65


def test_figures_are_fit_for_json_and_name_every_diagnosis():
    report = figures(TRUTH, softmax(3.0 * np.eye(4)[CHOSEN]), list("aabbcde"), "wxyz", draws=50)
    assert report["recall"] == {"w": 0.75, "x": 0.5, "y": 1.0, "z": None}
    assert report["lesions"] == 5
    low, high = report["balanced_accuracy_interval"]
    assert 0 <= low <= report["balanced_accuracy"] <= high <= 1


def test_equal_classifiers_agree():
    shares = softmax(np.eye(3)[CHOSEN])
    report = agreement(TRUTH, shares, shares)
    assert (report["same_diagnosis"], report["mean_difference"]) == (1.0, 0.0)
