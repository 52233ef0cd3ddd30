import numpy as np
import pytest

from training.bootstrap import LesionDraws
from training.metrics import (
    areas,
    balanced_accuracy,
    class_areas,
    class_rates,
    macro_auc,
    recalls,
    softmax,
)

TRUTH = np.array([0, 0, 0, 0, 1, 1, 2])
CHOSEN = np.array([0, 0, 0, 1, 1, 2, 2])


def some_predictions(n: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Diagnoses drawn from probabilities: what a perfectly calibrated classifier says."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(4, 0.5), n)
    return np.array([rng.choice(4, p=row) for row in shares]), shares


def test_balanced_accuracy_is_the_mean_recall():
    assert recalls(TRUTH, CHOSEN, 3).tolist() == [0.75, 0.5, 1.0]
    assert balanced_accuracy(TRUTH, CHOSEN, 3) == pytest.approx(0.75)


def test_a_diagnosis_that_does_not_occur_counts_for_nothing():
    assert np.isnan(recalls(TRUTH, CHOSEN, 4)[3])
    assert balanced_accuracy(TRUTH, CHOSEN, 4) == pytest.approx(0.75)


def test_perfect_scores_have_an_area_of_one():
    assert macro_auc(TRUTH, softmax(10.0 * np.eye(3)[TRUTH])) == 1.0
    assert np.isnan(macro_auc(np.zeros(3, int), softmax(np.eye(3))))


def test_rates_are_those_of_scikit_learn():
    from sklearn.metrics import precision_recall_fscore_support, recall_score

    truth, shares = some_predictions(300)
    chosen = shares.argmax(axis=1)
    found = class_rates(np.ones((1, 300)), truth, chosen, 4)
    precision, recall, f1, _ = precision_recall_fscore_support(truth, chosen)
    others = [recall_score(truth != c, chosen != c) for c in range(4)]
    expected = {"precision": precision, "recall": recall, "f1": f1, "specificity": others}
    for name, values in expected.items():
        assert found[name][0] == pytest.approx(values)


def test_areas_are_those_of_scikit_learn_whatever_the_weights_and_ties():
    from sklearn.metrics import roc_auc_score

    truth, shares = some_predictions(300)
    shares = shares.round(1)
    weights = np.random.default_rng(1).integers(0, 4, (5, 300)).astype(float)
    found = class_areas(weights, truth, shares)
    for row, line in zip(weights, found, strict=True):
        for c, area in enumerate(line):
            exact = roc_auc_score(truth == c, shares[:, c], sample_weight=row)
            assert area == pytest.approx(exact)


def test_a_weight_of_two_is_an_image_that_stands_there_twice():
    truth, shares = some_predictions(40)
    twice = np.repeat(np.arange(40), 1 + (np.arange(40) % 2))
    weights = 1.0 + (np.arange(40) % 2)[None]
    chosen = shares.argmax(axis=1)
    assert class_rates(weights, truth, chosen, 4)["recall"][0] == pytest.approx(
        recalls(truth[twice], chosen[twice], 4)
    )
    ones = np.ones((1, len(twice)))
    assert areas(weights, truth == 1, shares[:, 1]) == pytest.approx(
        areas(ones, truth[twice] == 1, shares[twice, 1])
    )


def mean_of(values: np.ndarray):
    return lambda weights: weights @ values / weights.sum(axis=1)


def test_the_interval_is_drawn_over_lesions():
    values = np.repeat([0.0, 1.0], 50)
    low, high = LesionDraws([str(i) for i in range(100)]).interval(mean_of(values))
    assert 0.35 < low < 0.5 < high < 0.65
    assert LesionDraws(["a"] * 50 + ["b"] * 50).interval(mean_of(values)).tolist() == [0.0, 1.0]


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    inside = 0
    for seed in range(200):
        # Three images of each lesion are alike, so that drawing images would be far too sure.
        values = np.repeat((rng.random(80) < 0.7).astype(float), 3)
        draws = LesionDraws([str(i // 3) for i in range(240)], draws=300, seed=seed)
        low, high = draws.interval(mean_of(values))
        inside += low <= 0.7 <= high
    assert 0.9 <= inside / 200 <= 0.99


def test_a_figure_that_no_draw_defines_has_no_interval():
    draws = LesionDraws(list("abc"), draws=20)
    assert np.isnan(draws.interval(lambda weights: np.full(len(weights), np.nan))).all()
