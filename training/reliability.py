"""How far confidence and accuracy are apart, and how far chance alone would bring them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.bootstrap import LesionDraws, ends

Floats = NDArray[np.float64]
BINS = 15


def calibration_errors(weights: Floats, right: NDArray[np.bool_], confidence: Floats) -> Floats:
    """Return the expected calibration error (Guo et al. 2017, equation 3) in equal bins, (d,).

    Args:
        weights: Of the images, (d, n).
        right: Whether the most probable diagnosis is the true one, (n,).
        confidence: The most probable diagnosis' probability, (n,).
    """
    gaps = weights @ (_bins(confidence) * (confidence - right)[:, None])
    return np.asarray(np.abs(gaps).sum(axis=1) / weights.sum(axis=1))


def expected_calibration_error(truth: NDArray[np.intp], probabilities: Floats) -> float:
    """Return the expected calibration error of probabilities (n, k)."""
    right, confidence = _right(truth, probabilities), probabilities.max(axis=1)
    return float(calibration_errors(np.ones((1, len(truth))), right, confidence)[0])


def errors_by_chance(confidence: Floats, *, draws: int = 1000, seed: int = 0) -> Floats:
    """Return the calibration errors that a perfectly calibrated model gets, by chance alone.

    Labels are drawn from the model's own probabilities (consistency resampling: Bröcker and Smith
    2007, Weather and Forecasting 22, 651; for classifiers Vaicenavicius et al. 2019, AISTATS). The
    most probable diagnosis is then right as often as the model is sure of it.

    Args:
        confidence: The most probable diagnosis' probability, (n,).
        draws: How often labels are drawn.
        seed: Of the drawing.

    Returns:
        The error of each draw, (draws,).
    """
    bins, rng = _bins(confidence), np.random.default_rng(seed)
    sure = confidence @ bins
    found = np.empty(draws)
    chunk = max(1, 4_000_000 // len(confidence))
    for start in range(0, draws, chunk):
        chances = rng.random((min(chunk, draws - start), len(confidence)))
        right = (chances < confidence).astype(np.float64) @ bins
        found[start : start + chunk] = np.abs(sure - right).sum(axis=1) / len(confidence)
    return found


def errors_beside_chance(truth: NDArray[np.intp], probabilities: Floats) -> dict[str, float]:
    """Return the calibration error, and the mean of what chance alone makes, with six digits."""
    by_chance = errors_by_chance(probabilities.max(axis=1))
    return {
        "expected_calibration_error": round(expected_calibration_error(truth, probabilities), 6),
        "calibration_error_if_perfect": round(float(by_chance.mean()), 6),
    }


def calibration_figures(
    truth: NDArray[np.intp], probabilities: Floats, lesions: LesionDraws, *, draws: int
) -> dict[str, Any]:
    """Return the calibration error with its interval, what chance alone makes, and the diagram.

    A draw repeats images and so adds an error of its own. The interval is moved down by what the
    draws' mean lies above the error; it is one of the error at this number of images, and so
    stands beside what chance alone makes, which is too.
    """
    right, confidence = _right(truth, probabilities), probabilities.max(axis=1)
    error = expected_calibration_error(truth, probabilities)
    drawn = lesions.values(lambda weights: calibration_errors(weights, right, confidence))
    by_chance = errors_by_chance(confidence, draws=draws)
    bins = _bins(confidence)
    count = bins.sum(axis=0)
    sums = np.stack([confidence, right.astype(np.float64)]) @ bins
    means = np.where(count > 0, sums / np.maximum(count, 1), np.nan)
    return {
        "expected_calibration_error": error,
        "expected_calibration_error_interval": np.maximum(ends(drawn) - drawn.mean() + error, 0),
        "calibration_error_if_perfect": float(by_chance.mean()),
        "calibration_error_if_perfect_interval": ends(by_chance),
        "reliability": {
            "images": count.astype(int).tolist(),
            "confidence": means[0],
            "accuracy": means[1],
        },
    }


def _right(truth: NDArray[np.intp], probabilities: Floats) -> NDArray[np.bool_]:
    return np.asarray(probabilities.argmax(axis=1) == truth)


def _bins(confidence: Floats) -> Floats:
    """Return which of the bins each confidence falls into, (n, BINS), 0.0 or 1.0."""
    return np.asarray(np.eye(BINS)[np.minimum((confidence * BINS).astype(int), BINS - 1)])
