"""Mixes pairs of images of a batch: MixUp and CutMix, on pixels or on maps."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def mixed(
    x: NDArray[Any],
    target: NDArray[np.float32],
    rng: np.random.Generator,
    *,
    mixup: float,
    cutmix: float,
) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """Return a batch whose images are mixed with one another, and the targets likewise.

    Args:
        x: Pixels or maps, (n, h, w, c); the type is kept.
        target: Shares of the diagnoses, (n, k).
        rng: Where the chance comes from.
        mixup: Parameter of the beta distribution of MixUp (Zhang et al. 2018); 0 for none.
        cutmix: The same of CutMix (Yun et al. 2019). With both, a batch takes one or the other.
    """
    if not mixup and not cutmix:
        return x, target
    cut = bool(cutmix) and (not mixup or rng.random() < 0.5)
    alpha = cutmix if cut else mixup
    share = float(rng.beta(alpha, alpha))
    other = rng.permutation(len(x))
    if cut:
        height, width = x.shape[1:3]
        tall, wide = (round(edge * float(np.sqrt(1 - share))) for edge in (height, width))
        top, left = int(rng.integers(height - tall + 1)), int(rng.integers(width - wide + 1))
        image = x.copy()
        image[:, top : top + tall, left : left + wide] = x[
            other, top : top + tall, left : left + wide
        ]
        share = 1 - tall * wide / (height * width)
    else:
        image = share * x.astype(np.float32) + (1 - share) * x[other].astype(np.float32)
        image = (np.rint(image) if x.dtype == np.uint8 else image).astype(x.dtype)
    return image, (share * target + (1 - share) * target[other]).astype(np.float32)
