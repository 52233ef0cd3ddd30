"""Agreement of two columns of diagnoses, against scikit-learn and plain arithmetic."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, confusion_matrix, recall_score

from lesionviewer.core.agreement import agreement, cohens_kappa, proportion

CODES = ("bcc", "mel", "nv")
COLUMNS = st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)), min_size=2)


@given(COLUMNS.filter(lambda pairs: len({code for pair in pairs for code in pair}) > 1))
def test_figures_are_those_of_scikit_learn(pairs):
    first, second = (list(column) for column in zip(*pairs, strict=True))
    found = agreement(first, second, CODES)
    assert np.array_equal(found.confusion, confusion_matrix(first, second, labels=CODES))
    recalls = recall_score(first, second, labels=CODES, average=None, zero_division=np.nan)
    assert [item.value for item in found.recalls] == pytest.approx(list(recalls), nan_ok=True)
    assert found.kappa.value == pytest.approx(cohen_kappa_score(first, second))
    assert found.kappa.low <= found.kappa.value <= found.kappa.high


def test_the_interval_of_kappa_is_that_of_the_delta_method():
    table = np.array([[40, 5, 3], [6, 30, 4], [2, 7, 53]])

    def kappa(counts: np.ndarray) -> float:
        shares = counts / counts.sum()
        chance = shares.sum(axis=1) @ shares.sum(axis=0)
        return (np.trace(shares) - chance) / (1 - chance)

    shares, step = table / table.sum(), 1e-6
    slopes = np.empty(table.shape)
    for place in np.ndindex(table.shape):
        moved = shares.copy()
        moved[place] += step
        slopes[place] = (kappa(moved) - kappa(shares)) / step
    mean = (slopes * shares).sum()
    error = np.sqrt((shares * (slopes - mean) ** 2).sum() / table.sum())
    found = cohens_kappa(table)
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * error, rel=1e-3)


def test_the_interval_of_a_share_is_that_of_wilson():
    found = proportion(81, 263)  # Newcombe 1998, table I
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert (proportion(0, 20).low, proportion(20, 20).high) == (0.0, pytest.approx(1.0))


def test_where_nothing_can_be_said_nothing_is_said():
    assert isnan(agreement([], [], CODES).kappa.value)
    assert isnan(agreement(["nv"] * 3, ["nv"] * 3, CODES).kappa.value)
    assert isnan(proportion(0, 0).low)


def test_other_diagnoses_are_left_out_and_columns_must_fit():
    assert agreement(["nv", "scc"], ["nv", "nv"], CODES).accuracy.n == 1
    with pytest.raises(ValueError, match="shorter"):
        agreement(["nv", "mel"], ["nv"], CODES)
