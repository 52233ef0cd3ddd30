import numpy as np
import pytest
from scipy.special import log_softmax

from training.losses import balanced_loss, log_priors
from training.quiet import load_keras


def _loss(logits: np.ndarray, target: np.ndarray, prior: np.ndarray, **settings: float) -> float:
    load_keras()
    import keras

    moved = np.log(prior / prior.sum()).astype(np.float32)
    aims = np.hstack([target, np.tile(moved, (len(target), 1))])
    values = balanced_loss(3, **settings)(
        keras.ops.convert_to_tensor(aims), keras.ops.convert_to_tensor(logits)
    )
    return float(np.asarray(values).mean())


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(6, 3)).astype(np.float32), np.eye(3, dtype=np.float32)[
        [0, 1, 2, 0, 1, 2]
    ]


def test_the_loss_is_cross_entropy_of_logits_moved_by_the_log_prior(batch) -> None:
    logits, target = batch
    prior = np.array([70.0, 20.0, 10.0])
    expected = -(log_softmax(logits + np.log(prior / 100), axis=1) * target).sum(1).mean()
    assert _loss(logits, target, prior) == pytest.approx(expected, rel=1e-5)


def test_equal_priors_leave_plain_cross_entropy(batch) -> None:
    logits, target = batch
    expected = -(log_softmax(logits, axis=1) * target).sum(1).mean()
    assert _loss(logits, target, np.ones(3)) == pytest.approx(expected, rel=1e-5)


def test_the_focal_exponent_makes_sure_images_count_less(batch) -> None:
    logits, target = batch
    log = log_softmax(logits, axis=1)
    found = (np.exp(log) * target).sum(1)
    expected = (-(log * target).sum(1) * (1 - found) ** 2).mean()
    assert _loss(logits, target, np.ones(3), focal=2.0) == pytest.approx(expected, rel=1e-4)


def test_each_data_set_has_its_own_prior_and_a_diagnosis_that_it_lacks_a_small_one() -> None:
    targets, sets = np.array([0, 0, 0, 1, 2, 2]), np.array([0, 0, 0, 0, 1, 1])
    found = np.exp(log_priors(targets, np.full(6, 1 / 6), sets, 3))
    np.testing.assert_allclose(found, [[0.75, 0.25, 0.001], [0.001, 0.001, 1.0]], rtol=1e-5)
