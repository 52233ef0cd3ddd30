"""Fits the temperature that makes a classifier's probabilities mean what they say."""

import numpy as np
from numpy.typing import NDArray

from training.metrics import cross_entropy, softmax

_RANGE = (0.05, 20.0)


def fit_temperature(logits: NDArray[np.float32], truth: NDArray[np.intp]) -> float:
    """Return the temperature of least cross-entropy (Guo et al. 2017, section 4.2), 0.05 to 20.

    Args:
        logits: Of held-out images, (n, k).
        truth: Their diagnoses, (n,).
    """
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_t: cross_entropy(truth, softmax(logits / np.exp(log_t))),
        bounds=np.log(_RANGE),
        method="bounded",
    )
    return round(float(np.exp(found.x)), 4)
