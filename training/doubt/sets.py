"""Fits conformal sets on val and measures how often they hold the true diagnosis."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.doubt import LEVELS
from lesionviewer.engine.doubt.conformal import ConformalSets, class_thresholds, read_conformal

Floats = NDArray[np.float32]
Sides = Mapping[str, tuple[Floats, NDArray[np.intp]]]
"""By name: calibrated probabilities (n, k) and true diagnoses (n,)."""
_DIGITS = 1e6


def fit_sets(sides: Sides, codes: Sequence[str], *, fitted_on: str = "val") -> dict[str, Any]:
    """Return a card's `calibration.conformal`.

    Args:
        sides: Of the run's own val, and what coverage is measured on.
        codes: The diagnoses.
        fitted_on: The side that the thresholds come from.
    """
    probabilities, truth = sides[fitted_on]
    entry: dict[str, Any] = {
        "method": "split conformal for each diagnosis (Vovk 2012), score 1 - p (Sadinle, Lei and "
        "Wasserman 2019)",
        "fitted_on": fitted_on,
        "levels": {
            str(level): {
                code: {
                    # Downwards: an image that a threshold was taken from stays in its set.
                    "least": math.floor(found.least * _DIGITS) / _DIGITS,
                    "images": found.images,
                    "guaranteed": round(found.guaranteed, 6),
                }
                for code, found in zip(
                    codes, class_thresholds(probabilities, truth, level), strict=True
                )
            }
            for level in LEVELS
        },
    }
    sets = read_conformal(entry, codes)
    return {
        **entry,
        "coverage": {
            name: {str(level): coverage(sets, *side, codes, level) for level in LEVELS}
            for name, side in sides.items()
            if sets is not None and name != fitted_on
        },
    }


def coverage(
    sets: ConformalSets,
    probabilities: Floats,
    truth: NDArray[np.intp],
    codes: Sequence[str],
    level: int,
) -> dict[str, Any]:
    """Return how often sets hold the true diagnosis and how large they are, fit for JSON.

    Intervals are exact binomial ones of 95 % (Clopper and Pearson 1934); images count one by one.
    """
    members = sets.members(probabilities, level)
    held, sizes = members[np.arange(len(truth)), truth], members.sum(axis=1)
    return {
        "images": len(truth),
        "covered": round(float(held.mean()), 6),
        "mean_size": round(float(sizes.mean()), 6),
        "of_one": round(float((sizes == 1).mean()), 6),
        "by_diagnosis": {
            code: {
                "images": int((truth == place).sum()),
                "covered": round(float(held[truth == place].mean()), 6),
                "interval": exact_interval(int(held[truth == place].sum()), (truth == place).sum()),
            }
            for place, code in enumerate(codes)
            if (truth == place).any()
        },
    }


def exact_interval(hits: int, trials: int) -> list[float]:
    """Return the ends of the exact 95 % interval of a share (Clopper and Pearson 1934)."""
    from scipy.stats import binomtest

    found = binomtest(int(hits), int(trials)).proportion_ci(0.95, method="exact")
    return [round(float(found.low), 6), round(float(found.high), 6)]
