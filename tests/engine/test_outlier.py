"""Scores of unlike images, on made-up embeddings of which the truth is known."""

import numpy as np
import pytest

from lesionviewer.core.errors import BundleError
from lesionviewer.engine.doubt.nearest import NearestRows
from lesionviewer.engine.doubt.outlier import NEIGHBOUR, SCORES, OutlierRule, Spread, read_rule
from lesionviewer.engine.doubt.reduction import Reduction, to_length_1, to_unit

WIDTH, KEPT = 24, 6


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(4)


@pytest.fixture
def rule(rng: np.random.Generator) -> OutlierRule:
    rows = np.linalg.qr(rng.normal(size=(WIDTH, KEPT)))[0].T.astype(np.float32)
    reduction = Reduction(rng.normal(0, 0.05, WIDTH).astype(np.float32), rows)
    means = to_length_1(rng.normal(size=(3, WIDTH)))
    spread = Spread(reduction, means, rng.uniform(0.5, 2.0, KEPT + 1).astype(np.float32))
    library = NearestRows(to_length_1(rng.normal(size=(50, KEPT))))
    return OutlierRule("mahalanobis", 2.0, spread, library)


def score(name: str, rule: OutlierRule, logits: np.ndarray, embedding: np.ndarray) -> np.ndarray:
    return SCORES[name](rule, logits.astype(np.float32), embedding.astype(np.float32))


def test_the_mahalanobis_distance_is_that_of_the_whole_covariance(rule, rng) -> None:
    embedding = rng.normal(size=(40, WIDTH))
    basis, variances = rule.spread.reduction.directions.T, rule.spread.variances
    covariance = basis * variances[:-1] @ basis.T
    covariance += variances[-1] * (np.eye(WIDTH) - basis @ basis.T)
    apart = to_unit(embedding)[:, None] - rule.spread.means
    expected = np.einsum("nki,ij,nkj->nk", apart, np.linalg.inv(covariance), apart).min(axis=1)
    found = score("mahalanobis", rule, np.zeros((40, 3)), embedding)
    assert found == pytest.approx(expected, rel=1e-3)


def test_the_knn_score_is_one_less_the_cosine_to_the_tenth_nearest(rule, rng) -> None:
    embedding = rng.normal(size=(7, WIDTH)).astype(np.float32)
    reduced = rule.spread.reduction.reduce(embedding)
    cosines = np.sort(reduced @ rule.library._rows.T, axis=1)[:, -NEIGHBOUR]
    assert score("knn", rule, np.zeros((7, 3)), embedding) == pytest.approx(1 - cosines, abs=1e-5)


def test_energy_and_largest_logit_fall_as_the_model_gets_surer(rule) -> None:
    logits = np.array([[0.0, 0.0, 0.0], [5.0, 0.0, 0.0]])
    embedding = np.ones((2, WIDTH))
    assert score("energy", rule, logits, embedding) == pytest.approx([1 / 3, 1 / (np.exp(5) + 2)])
    assert score("max logit", rule, logits, embedding) == pytest.approx([1, np.exp(-5)])


def test_the_score_is_given_as_a_multiple_of_the_threshold(rule, rng) -> None:
    embedding = rng.normal(size=(30, WIDTH)).astype(np.float32)
    logits = np.zeros((30, 3), np.float32)
    raw = score("mahalanobis", rule, logits, embedding)
    assert rule.outlyingness(logits, embedding) == pytest.approx(raw / 2)


def test_a_score_does_not_depend_on_the_batch(rule, rng) -> None:
    embedding = rng.normal(size=(9, WIDTH)).astype(np.float32)
    logits = rng.normal(size=(9, 3)).astype(np.float32)
    together = rule.outlyingness(logits, embedding)
    alone = [rule.outlyingness(logits[[n]], embedding[[n]])[0] for n in range(9)]
    assert together == pytest.approx(alone, rel=1e-5)


def test_a_rule_that_is_not_known_here_is_refused(rule) -> None:
    good = {"score": "energy", "threshold": 2.0}
    parts = rule.spread, rule.library
    assert read_rule({}, *parts) is None
    found = read_rule(good, *parts)
    assert found is not None
    assert found.score == "energy"
    for wrong in ({"score": "magic"}, {"threshold": 0.0}, {"threshold": float("nan")}):
        with pytest.raises(BundleError, match="no usable rule"):
            read_rule(good | wrong, *parts)
    with pytest.raises(BundleError, match="damaged"):
        read_rule({"score": "energy"}, *parts)


def test_the_length_of_an_embedding_does_not_count_and_signs_are_kept() -> None:
    given = np.array([[4.0, -9.0, 0.0]])
    expected = np.array([[2.0, -3.0, 0.0]]) / np.sqrt(13)
    assert to_unit(given) == pytest.approx(expected)
    assert to_unit(7 * given) == pytest.approx(expected)
    assert to_unit(np.zeros((1, 3))) == pytest.approx(np.zeros((1, 3)))
