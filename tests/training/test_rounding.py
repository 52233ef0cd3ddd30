"""Kernels of 8 bits: what rounding costs, and that no processor can overflow."""

from pathlib import Path

import numpy as np
import pytest

from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.networks import read_arrays
from training.pixels import read_pixels
from training.rounding import LARGEST, PAIR_SUM, nearest, pair_sums, rounded


@pytest.fixture(scope="module")
def first_layer() -> np.ndarray:
    """The kernel of the shipped `conv1`, (outputs, places, channels)."""
    weights = default_bundle_dir() / "weights.safetensors"
    if not weights.exists():
        pytest.skip("there is no shipped model yet")
    kernel = read_arrays(weights)["conv1_conv/kernel"].astype(np.float64)
    return kernel.transpose(3, 0, 1, 2).reshape(64, 49, 3)


def patches(paths: list[Path]) -> np.ndarray:
    """Return what `conv1` multiplies its kernel with, over whole pictures."""
    squares = np.stack([cut_square(read_pixels(path)[0])[..., ::-1] for path in paths])
    seen = np.lib.stride_tricks.sliding_window_view(squares, (7, 7), axis=(1, 2))[:, ::8, ::8]
    return seen.transpose(0, 1, 2, 4, 5, 3).reshape(-1, 147).astype(np.float64)


def output_error(kernel: np.ndarray, found: np.ndarray, seen: np.ndarray) -> float:
    """Return the variance that rounding adds to the outputs; their mean is corrected elsewhere."""
    lost = (kernel - found).reshape(len(kernel), -1)
    return float((seen @ lost.T).var(axis=0).sum())


def test_weights_that_make_up_for_each_other_change_a_real_layer_less(
    first_layer: np.ndarray, samples: list[Path]
):
    known, unseen = patches(samples[:7]), patches(samples[7:])
    numbers, steps = rounded(first_layer, np.cov(known.T))
    plain = nearest(first_layer, steps)
    errors = [
        output_error(first_layer, found * steps[:, None, None], unseen)
        for found in (numbers, plain)
    ]
    assert errors[0] < 0.5 * errors[1]


def test_eight_bits_under_the_rule_of_pairs_beat_seven_bits(
    first_layer: np.ndarray, samples: list[Path]
):
    seen = patches(samples[:2])
    numbers, steps = rounded(first_layer, np.cov(seen.T))
    coarse = np.abs(first_layer).max((1, 2), keepdims=True) / 63
    errors = [
        output_error(first_layer, found, seen)
        for found in (numbers * steps[:, None, None], np.rint(first_layer / coarse) * coarse)
    ]
    assert errors[0] < 0.25 * errors[1]


@pytest.mark.parametrize("channels", [1, 3, 8])
@pytest.mark.parametrize("spread", ["even", "few large", "all alike"])
def test_no_two_products_overflow_16_bits(channels: int, spread: str):
    rng = np.random.default_rng(channels)
    kernel = {
        "even": rng.uniform(-1, 1, (40, 9, channels)),
        "few large": rng.standard_t(2, (40, 9, channels)),
        "all alike": np.ones((40, 9, channels)),
    }[spread]
    inputs = rng.normal(0, 1, (500, 9 * channels)) @ rng.normal(0, 1, (9 * channels,) * 2)
    numbers, steps = rounded(kernel, np.cov(inputs.T).reshape(9 * channels, 9 * channels))
    assert numbers.dtype == np.int8
    assert np.abs(numbers.astype(int)).max() <= LARGEST
    assert pair_sums(numbers).max() <= PAIR_SUM
    assert 255 * pair_sums(numbers).max() <= np.iinfo(np.int16).max
    assert pair_sums(nearest(kernel, steps).astype(np.int8)).max() <= PAIR_SUM


def test_a_pair_of_one_sign_is_summed_and_opposite_signs_are_not():
    numbers = np.array([[[100, 28, 100, -100, -60]]], np.int8)
    assert pair_sums(numbers).tolist() == [[[128, 100, 60]]]


def test_a_kernel_of_zeros_and_inputs_that_never_change_are_rounded_too():
    numbers, steps = rounded(np.zeros((2, 4, 3)), np.zeros((12, 12)))
    assert not numbers.any()
    assert np.isfinite(steps).all()


def test_rounding_the_same_kernel_again_gives_the_same(first_layer: np.ndarray):
    twice = [rounded(first_layer, np.eye(147))[0] for _ in range(2)]
    np.testing.assert_array_equal(*twice)
