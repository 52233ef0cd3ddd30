import numpy as np
import pytest

from training.disturbances import draw_hairs, round_field
from training.ranges import RANGES
from training.views import random_view

SQUARE = np.random.default_rng(0).integers(0, 256, (150, 150, 3)).astype(np.uint8)


def test_the_same_chance_gives_the_same_view():
    views = [random_view(SQUARE, np.random.default_rng(5)) for _ in range(2)]
    assert np.array_equal(*views)


def test_other_chances_give_other_views():
    views = [random_view(SQUARE, np.random.default_rng(seed)) for seed in (1, 2)]
    assert not np.array_equal(*views)


@pytest.mark.parametrize("within", RANGES.values(), ids=RANGES)
@pytest.mark.parametrize("edge", [1, 40, 224, 300])
def test_a_view_has_the_networks_size_whatever_the_picture(edge: int, within):
    square = np.full((edge, edge, 3), 90, np.uint8)
    for seed in range(20):
        view = random_view(square, np.random.default_rng(seed), size=96, within=within)
        assert view.shape == (96, 96, 3)
        assert view.dtype == np.uint8


def test_colours_change_mildly():
    plain = np.full((64, 64, 3), (170, 120, 100), np.uint8)
    rng = np.random.default_rng(0)
    views = np.stack([random_view(plain, rng, size=32) for _ in range(200)]).astype(float)
    assert np.abs(views.mean(axis=(0, 1, 2)) - (170, 120, 100)).max() < 6
    assert np.abs(views - (170, 120, 100)).max() < 75


def test_a_quarter_of_wide_views_lies_in_a_round_field_and_no_mild_one():
    plain = np.full((64, 64, 3), (170, 120, 100), np.uint8)
    rng = np.random.default_rng(0)

    def dark_corners(name: str) -> float:
        views = [random_view(plain, rng, size=64, within=RANGES[name]) for _ in range(300)]
        return float(np.mean([view[:4, :4].mean() < 50 for view in views]))

    assert dark_corners("mild") == 0
    assert 0.12 < dark_corners("wide") < 0.28


def test_a_round_field_keeps_the_middle_of_the_picture_and_hides_its_corners():
    square = np.full((101, 101, 3), 200, np.uint8)
    square[48:53, 48:53] = (250, 10, 10)
    for seed in range(40):
        field = round_field(square, np.random.default_rng(seed))
        assert field.shape[0] == field.shape[1] >= 101
        red = (field[..., 0] > 200) & (field[..., 1] < 50)
        assert red.sum() == 25, seed
        corner = int(field[0, 0, 0])
        assert corner < 26 or corner > 234 or field.shape[0] < 1.05 * 101


def test_hairs_are_dark_and_leave_most_of_the_picture_as_it_is():
    square = np.full((150, 150, 3), 200, np.uint8)
    for seed in range(20):
        hairy = draw_hairs(square, np.random.default_rng(seed))
        changed = (hairy < 199).any(axis=2).mean()
        assert 0 < changed < 0.5, seed
        assert hairy.max() <= 200
    assert (square == 200).all()
