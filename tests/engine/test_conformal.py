"""Conformal sets on made-up probabilities of which the truth is known."""

import math

import numpy as np
import pytest

from lesionviewer.core.errors import BundleError
from lesionviewer.engine.doubt.conformal import ConformalSets, class_thresholds, read_conformal

CALIBRATIONS, TESTED = 300, 40
CODES = ("a", "b", "c")


def draw(rng: np.random.Generator, truth: np.ndarray) -> np.ndarray:
    """Probabilities of a classifier that is right more often of some diagnoses than of others."""
    strengths = np.ones((len(truth), 3))
    strengths[np.arange(len(truth)), truth] = np.array([4.0, 2.0, 1.2])[truth]
    gamma = rng.gamma(strengths)
    return gamma / gamma.sum(axis=1, keepdims=True)


def fitted(probabilities: np.ndarray, truth: np.ndarray, level: int) -> ConformalSets:
    found = class_thresholds(probabilities, truth, level)
    return ConformalSets({level: np.array([item.least for item in found])})


@pytest.mark.parametrize("level", [90, 95])
def test_every_diagnosis_is_covered_as_often_as_the_rank_says(level: int) -> None:
    rng = np.random.default_rng(level)
    sizes = np.array([30, 60, 100])
    calibrating, testing = np.repeat(np.arange(3), sizes), np.repeat(np.arange(3), TESTED)
    hits = np.zeros(3)
    for _ in range(CALIBRATIONS):
        sets = fitted(draw(rng, calibrating), calibrating, level)
        probabilities = draw(rng, testing)
        inside = probabilities >= sets.least[level]
        hits += np.bincount(testing, inside[np.arange(len(testing)), testing], minlength=3)
    for size, found in zip(sizes, hits / (CALIBRATIONS * TESTED), strict=True):
        rank = math.ceil((size + 1) * level / 100 - 1e-9)
        expected = rank / (size + 1)
        # Given n calibration images, coverage has a beta distribution; its draws are counted.
        beta = expected * (1 - expected) / (size + 2)
        spread = math.sqrt((beta + expected * (1 - expected) / TESTED) / CALIBRATIONS)
        assert abs(found - expected) < 4 * spread
        assert expected >= level / 100


def test_the_higher_level_only_adds_diagnoses() -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(3), 50)
    probabilities = draw(rng, truth)
    low, high = (
        fitted(probabilities, truth, level).members(probabilities, level) for level in (90, 95)
    )
    assert (high | ~low).all()
    assert high.sum() > low.sum()


def test_too_few_images_warrant_less_and_are_all_let_in() -> None:
    rng = np.random.default_rng(1)
    truth = np.repeat(np.arange(3), [100, 100, 5])
    probabilities = draw(rng, truth)
    found = class_thresholds(probabilities, truth, 95)
    assert [item.guaranteed for item in found] == pytest.approx([0.95, 0.95, 5 / 6])
    assert found[2].least <= min(found[0].least, found[1].least)
    assert (probabilities[truth == 2, 2] >= found[2].least).all()


def test_nineteen_images_are_enough_for_95_percent_and_eighteen_are_not() -> None:
    rng = np.random.default_rng(2)
    for count, share in ((19, 0.95), (18, 18 / 19)):
        truth = np.repeat(np.arange(3), [50, 50, count])
        found = class_thresholds(draw(rng, truth), truth, 95)
        assert found[2].guaranteed == pytest.approx(share)


def test_a_diagnosis_without_images_warrants_nothing() -> None:
    truth = np.repeat([0, 1], 50)
    found = class_thresholds(draw(np.random.default_rng(3), truth), truth, 90)
    assert (found[2].images, found[2].guaranteed) == (0, 0.0)
    assert found[2].least <= found[0].least


def test_no_set_is_empty_and_the_most_probable_comes_first() -> None:
    sets = ConformalSets({90: np.array([0.9, 0.2, 0.3]), 95: np.array([0.1, 0.1, 0.1])})
    probabilities = np.array([[0.6, 0.15, 0.25], [0.1, 0.4, 0.5]])
    assert sets.sets(probabilities) == [
        {90: (0,), 95: (0, 2, 1)},
        {90: (2, 1), 95: (2, 1, 0)},
    ]


def test_a_damaged_entry_is_refused_and_none_is_fine() -> None:
    assert read_conformal({}, CODES) is None
    for entry in ({"levels": {"90": {}}}, {"levels": 3}, {"levels": {"x": {}}}):
        with pytest.raises(BundleError, match="damaged"):
            read_conformal(entry, CODES)
    endless = {"levels": {"90": {code: {"least": float("nan")} for code in CODES}}}
    with pytest.raises(BundleError, match="no number"):
        read_conformal(endless, CODES)
