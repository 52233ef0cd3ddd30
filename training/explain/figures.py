"""Means over images, with intervals from draws of lesions."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from training.bootstrap import Floats, LesionDraws
from training.explain.measure import CENTRE, FINE, GRAD_CAM, RANDOM, Measured

PAIRS = ((GRAD_CAM, RANDOM), (GRAD_CAM, CENTRE), (FINE, CENTRE), (FINE, GRAD_CAM))
"""Maps whose figures are set against each other on the same images."""


def figures_of(
    rows: Sequence[Measured], lesions: Sequence[str], names: Sequence[str]
) -> dict[str, Any]:
    """Return the mean of each figure for each map: value and 95 % interval.

    Images on which a figure is not defined, as where a map has no heat, do not count for it.

    Args:
        rows: Of each image.
        lesions: The lesion of each image.
        names: The figures to return.
    """
    draws = LesionDraws(lesions)
    found: dict[str, Any] = {"images": len(rows), "lesions": len(set(lesions))}
    area = [row.figures["lesion"]["area"] for row in rows if "lesion" in row.figures]
    found["lesion_area"] = round(float(np.mean(area)), 4)
    found["figures"] = {
        name: {
            map_name: _mean(draws, [row.figures[name][map_name] for row in rows])
            for map_name in rows[0].figures.get(name, {})
        }
        for name in names
    }
    if drawn := [name for name in names if name in rows[0].curves]:
        found["curves"] = {
            name: {
                map_name: np.mean([row.curves[name][map_name] for row in rows], axis=0)
                .round(4)
                .tolist()
                for map_name in rows[0].curves[name]
            }
            for name in drawn
        }
    return found


def differences_of(
    rows: Sequence[Measured], lesions: Sequence[str], names: Sequence[str]
) -> dict[str, Any]:
    """Return how much the first of two maps has more of each figure than the second, by image."""
    draws = LesionDraws(lesions)
    return {
        name: {
            f"{first} - {second}": _mean(
                draws, [row.figures[name][first] - row.figures[name][second] for row in rows]
            )
            for first, second in PAIRS
        }
        for name in names
        if name in rows[0].figures
    }


def faithfulness_of(rows: Sequence[Measured], lesions: Sequence[str]) -> dict[str, Any]:
    """Return mean, quartiles and share above 0 of the figure that the viewer shows."""
    values = [row.faithfulness for row in rows if row.faithfulness is not None]
    above = [float(value > 0) for value in values]
    draws = LesionDraws(lesions)
    return {
        "images": len(values),
        "mean": _mean(draws, values),
        "quartiles": np.quantile(values, [0.25, 0.5, 0.75]).round(4).tolist(),
        "above_zero": _mean(draws, above),
    }


def _mean(draws: LesionDraws, values: Sequence[float]) -> dict[str, Any]:
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)

    def mean(weights: Floats) -> Floats:
        total = weights @ known
        return np.asarray(weights @ filled / np.where(total > 0, total, np.nan))

    value, ends = draws.around(mean)
    return {
        "value": _rounded(float(value)),
        "interval": [_rounded(float(end)) for end in ends],
        "images": int(known.sum()),
    }


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
