"""Fits the temperature that makes a classifier's probabilities mean what they say."""

import numpy as np
from numpy.typing import NDArray

from training.metrics import cross_entropy, softmax

_RANGE = (0.05, 20.0)
PRIOR = (
    "All diagnoses equally frequent: the loss (balanced softmax) takes out how often each is "
    "drawn. The one temperature is fitted on val as it is, and moves no diagnosis against another. "
    "For a population of known frequencies, multiply each probability by its diagnosis' frequency "
    "and divide by their sum; `frequencies` has those of val. The program does not do so: its "
    "decision is the largest probability at equal frequencies."
)
"""The class prior that the probabilities of a trained model assume, in words for a card."""


def frequencies(truth: NDArray[np.intp], k: int) -> NDArray[np.float64]:
    """Return how frequent each diagnosis is, (k,); one image more of each makes none impossible."""
    counts = np.bincount(truth, minlength=k) + 1.0
    return np.asarray(counts / counts.sum())


def at_frequencies(
    probabilities: NDArray[np.float64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return probabilities (n, k) as of a population of other frequencies (k,) than equal ones.

    By Bayes' rule: the classifier says how much likelier each diagnosis made the image.
    """
    weighted = probabilities * shares
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))


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
