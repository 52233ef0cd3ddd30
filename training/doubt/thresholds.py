"""Packs the test set's malignant probabilities, so that any threshold can be judged by them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.operating import malignant_probability

_DIGITS = 1e6


def operating_arrays(
    probabilities: NDArray[np.float32],
    truth: NDArray[np.intp],
    codes: Sequence[str],
    malignant: Sequence[str],
) -> dict[str, NDArray[Any]]:
    """Return the arrays `operating_malignant` and `operating_others` of a reference file.

    As in `training.operating`, probabilities are cut to six digits, downwards: a threshold that is
    written with six digits then never lies above the image it stands for.

    Args:
        probabilities: Calibrated, of the test set, (n, k).
        truth: Diagnoses, (n,).
        codes: The card's.
        malignant: Those of them that count as malignant; if none, both arrays are empty.
    """
    if not malignant:
        empty = np.empty(0, np.float32)
        return {"operating_malignant": empty, "operating_others": empty.copy()}
    scores = malignant_probability(probabilities.astype(np.float64), codes, malignant)
    floored = (np.floor(scores * _DIGITS) / _DIGITS).astype(np.float32)
    marks = np.isin(truth, [codes.index(code) for code in malignant])
    return {
        "operating_malignant": np.sort(floored[marks]),
        "operating_others": np.sort(floored[~marks]),
    }
