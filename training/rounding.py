"""Rounds kernels to 8 bits so that a convolution's output changes least (as GPTQ does).

A processor without VNNI multiplies an unsigned activation of 8 bits with a weight, and adds the
products of two neighbouring input channels in 16 signed bits. 255 · 128 fits there, so weights
are safe if those of one sign sum to at most 128 in every such pair. That leaves most channels
their 8 bits, where keeping every weight to 7 bits halves the precision of all.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST, PAIR_SUM = 127, 128
_STEPS = 16
_DAMPING = 1e-2
"""Share of the mean variance added to each: what few images say of a direction is noise."""
_BLOCK = 128


def rounded(kernel: Floats, covariance: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return whole numbers and their steps, (n,): together the kernel that is nearest in effect.

    Each weight is rounded such that it makes up for the errors of those rounded before (Frantar
    et al. 2022, OPTQ, in the form of Babai's nearest plane: one Cholesky factor, no inverse).

    Args:
        kernel: (n, places, channels), outputs first.
        covariance: Of the inputs, (places · channels, places · channels).
    """
    count, places, channels = kernel.shape
    variance = np.diag(covariance)
    steps = _steps(kernel, variance.reshape(places, channels))
    wanted = kernel.reshape(count, -1) / steps[:, None]
    ridge = _DAMPING * float(variance.mean()) + np.finfo(np.float32).tiny
    factor = np.linalg.cholesky(covariance + ridge * np.eye(len(covariance)))
    errors, found = np.zeros_like(wanted), np.zeros_like(wanted)
    for end in range(wanted.shape[1], 0, -_BLOCK):
        start = max(0, end - _BLOCK)
        target = wanted[:, start:end] + errors[:, end:] @ (
            factor[end:, start:end] / np.diag(factor)[start:end]
        )
        for column in range(end - 1, start - 1, -1):
            inner = errors[:, column + 1 : end] @ factor[column + 1 : end, column]
            value = np.rint(target[:, column - start] + inner / factor[column, column])
            channel = column % channels
            # Columns go from the last to the first: the odd one of a pair is settled already.
            paired = channel % 2 == 0 and channel + 1 < channels
            neighbour = found[:, column + 1] if paired else np.zeros(count)
            low = np.maximum(-LARGEST, -PAIR_SUM - np.minimum(neighbour, 0))
            high = np.minimum(LARGEST, PAIR_SUM - np.maximum(neighbour, 0))
            found[:, column] = np.clip(value, low, high)
            errors[:, column] = wanted[:, column] - found[:, column]
    return found.reshape(kernel.shape).astype(np.int8), steps


def nearest(kernel: Floats, steps: Floats) -> Floats:
    """Return the nearest whole numbers, pairs that are too large cut on both sides alike."""
    found = np.clip(np.rint(kernel / steps[:, None, None]), -LARGEST, LARGEST)
    even, odd = found[..., 0 : found.shape[2] // 2 * 2 : 2], found[..., 1::2]
    excess = np.where(even * odd > 0, np.maximum(np.abs(even + odd) - PAIR_SUM, 0), 0)
    even -= np.sign(even) * np.ceil(excess / 2)
    odd -= np.sign(odd) * np.floor(excess / 2)
    return found


def pair_sums(numbers: NDArray[Any]) -> Floats:
    """Return how large the weights of one sign are, summed over each pair of channels.

    Args:
        numbers: (n, places, channels).

    Returns:
        (n, places, pairs); a last channel with no neighbour is a pair of its own.
    """
    wide = np.pad(numbers.astype(np.float64), ((0, 0), (0, 0), (0, numbers.shape[2] % 2)))
    pairs = wide.reshape(*wide.shape[:2], -1, 2)
    sums: Floats = np.maximum(np.maximum(pairs, 0).sum(-1), np.maximum(-pairs, 0).sum(-1))
    return sums


def _steps(kernel: Floats, variance: Floats) -> Floats:
    """Return the step of each output's grid that changes the output least when all is rounded.

    Between the step at which the largest weight just fits, and the one at which all pairs do.
    """
    finest = np.abs(kernel).max((1, 2)) / LARGEST
    safe = np.maximum(finest, pair_sums(kernel).max((1, 2)) / (PAIR_SUM - 1))
    finest, safe = (np.where(step > 0, step, 1.0) for step in (finest, safe))
    best, least = safe, np.full(len(kernel), np.inf)
    for share in np.linspace(1, 0, _STEPS):
        steps = finest + share * (safe - finest)
        error = kernel - nearest(kernel, steps) * steps[:, None, None]
        cost = np.einsum("npc,pc->n", error**2, variance)
        best, least = np.where(cost < least, steps, best), np.minimum(cost, least)
    return best
