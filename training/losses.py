"""The loss of training: cross-entropy that knows how often each diagnosis is drawn."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Loss = Callable[[Any, Any], Any]


_RAREST = 1e-3
"""What a diagnosis counts as that a data set lacks: label smoothing would make more of it."""


def log_priors(
    targets: NDArray[np.intp],
    weights: NDArray[np.float64],
    sets: NDArray[np.intp],
    k: int,
) -> NDArray[np.float32]:
    """Return the logarithm of how often each diagnosis is drawn in each data set, (sets, k).

    Args:
        targets: Diagnosis of each training image, (n,).
        weights: How likely each is to be drawn, (n,).
        sets: Number of the data set that each belongs to, from 0, (n,).
        k: Number of diagnoses.
    """
    count = int(sets.max()) + 1
    drawn = np.bincount(sets * k + targets, weights, minlength=count * k).reshape(count, k)
    shares = drawn / np.maximum(drawn.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray(np.log(np.maximum(shares, _RAREST)), np.float32)


def balanced_loss(k: int, *, smoothing: float = 0.0, focal: float = 0.0) -> Loss:
    """Return the balanced softmax loss (Ren et al. 2020, equation 4), one value an image.

    What is drawn more often counts for less. The logits then belong to equally frequent diagnoses.
    Where data sets are mixed, an image's prior is that of its own set: a network that can tell the
    sets apart learns nothing from how common a diagnosis is in each.

    An image's target is its shares of the diagnoses, then the logarithms of its prior, (n, 2k).

    Args:
        k: Number of diagnoses.
        smoothing: Share of the target that is spread over all diagnoses.
        focal: The loss of an image is multiplied by its missing probability to this power (Lin et
            al. 2017, equation 4).
    """
    import keras

    def loss(target: Any, logits: Any) -> Any:
        shares, moved = target[:, :k], logits + target[:, k:]
        each = keras.losses.categorical_crossentropy(
            shares, moved, from_logits=True, label_smoothing=smoothing
        )
        if not focal:
            return each
        found = keras.ops.sum(shares * keras.ops.softmax(moved), axis=-1)
        return each * keras.ops.power(keras.ops.maximum(1.0 - found, 1e-6), focal)

    return loss
