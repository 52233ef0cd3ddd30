"""Synthetic damage is seeded, changes the picture, and is what it says."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionviewer.core.preprocess import cut_square
from training.quality_damage import DAMAGES


@pytest.fixture(scope="module")
def square(samples: list[Path]) -> np.ndarray:
    return cut_square(Image.open(samples[1]).convert("RGB"))


@pytest.mark.parametrize("key", DAMAGES)
def test_the_same_seed_gives_the_same_damage_and_another_one_other(
    square: np.ndarray, key: str
) -> None:
    before = square.copy()
    first, again, other = (DAMAGES[key](square, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert (first != square).any()
    assert (first.shape, first.dtype) == (square.shape, np.uint8)
    np.testing.assert_array_equal(square, before)


@pytest.mark.parametrize("seed", range(8))
def test_damage_of_light_goes_the_right_way(square: np.ndarray, seed: int) -> None:
    darker, brighter, corners, white = (
        DAMAGES[key](square, np.random.default_rng(seed)).astype(int)
        for key in ("too_dark", "too_bright", "vignette", "glare")
    )
    assert (darker <= square).all()
    assert (brighter >= square).all()
    assert (corners <= square).all()
    assert corners[:8, :8].mean() < 0.8 * square[:8, :8].mean()
    assert white.sum() > square.sum()


@pytest.mark.parametrize("seed", range(8))
def test_blur_lowers_the_variation_and_keeps_the_mean(square: np.ndarray, seed: int) -> None:
    blurred = DAMAGES["blur"](square, np.random.default_rng(seed)).astype(float)
    assert blurred.mean() == pytest.approx(square.mean(), rel=0.02)
    assert (
        np.abs(np.diff(blurred, axis=0)).mean()
        < np.abs(np.diff(square.astype(float), axis=0)).mean()
    )
