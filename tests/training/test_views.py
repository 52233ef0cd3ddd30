import numpy as np
import pytest

from training.views import random_view

SQUARE = np.random.default_rng(0).integers(0, 256, (150, 150, 3)).astype(np.uint8)


def test_the_same_chance_gives_the_same_view():
    views = [random_view(SQUARE, np.random.default_rng(5)) for _ in range(2)]
    assert np.array_equal(*views)


def test_other_chances_give_other_views():
    views = [random_view(SQUARE, np.random.default_rng(seed)) for seed in (1, 2)]
    assert not np.array_equal(*views)


@pytest.mark.parametrize("edge", [1, 40, 224, 300])
def test_a_view_has_the_networks_size_whatever_the_picture(edge: int):
    square = np.full((edge, edge, 3), 90, np.uint8)
    view = random_view(square, np.random.default_rng(0), size=96)
    assert view.shape == (96, 96, 3)
    assert view.dtype == np.uint8


def test_colours_change_mildly():
    plain = np.full((64, 64, 3), (170, 120, 100), np.uint8)
    rng = np.random.default_rng(0)
    views = np.stack([random_view(plain, rng, size=32) for _ in range(200)]).astype(float)
    assert np.abs(views.mean(axis=(0, 1, 2)) - (170, 120, 100)).max() < 6
    assert np.abs(views - (170, 120, 100)).max() < 75
