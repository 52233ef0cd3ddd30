"""Measures how well each quality figure finds what it names, on images that chose nothing."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.preprocess import cut_square
from lesionviewer.core.quality.evidence import EXACT, LEAST_AUC, Evidence
from lesionviewer.core.quality.measure import measure_values
from lesionviewer.core.quality.rules import RULES, Rule
from training.bootstrap import LesionDraws
from training.metrics import areas
from training.pixels import read_pixels
from training.quality_bubbles import ring_widths
from training.quality_damage import DAMAGES
from training.quality_truth import (
    MONET,
    Row,
    cut_truth,
    outline_of,
    score_truth,
    small_truth,
)

Values = Mapping[str, float]
Progress = Callable[[int, int], None]
_RULES = {rule.key: rule for rule in RULES}
_SYNTHETIC = "synthetic damage of HAM10000"
_BY_MASKS = "HAM10000 masks"


def quality_figures(
    ham: Sequence[Row], milk: Sequence[Row], *, seed: int = 0, progress: Progress
) -> dict[str, Any]:
    """Return the figures of every quality figure with a truth.

    Thresholds and parameters were chosen on the training sides. Areas are of val and test; of
    test alone where images are damaged.

    Args:
        ham: HAM10000, with masks.
        milk: MILK10k, with MONET scores.
        seed: Of damage and bootstrap.
        progress: Called with how many images are done, of how many.

    Returns:
        `figures` by key; `drawn_too`: the same on synthetic damage where `figures` has real
        images; `flagged`: shares of untouched images with each flag, and with any that is shown.

    Raises:
        DatasetError: An image has no mask or no score.
        ImageError: An image cannot be read.
    """
    images: list[dict[str, Any]] = []
    for number, row in enumerate([*ham, *milk]):
        images.append(_measured(row, number, seed, damaged=number < len(ham)))
        progress(number + 1, len(ham) + len(milk))
    of_ham, of_milk = images[: len(ham)], images[len(ham) :]
    synthetic = {key: _synthetic(key, ham, of_ham) for key in DAMAGES}
    scored = {key: _by_score(key, column, milk, of_milk) for key, column in MONET.items()}
    outlined = {key: _by_outline(key, ham, of_ham) for key in ("cut", "small_lesion")}
    # Real images tell more than drawn ones where there are both.
    figures = synthetic | outlined | scored
    shown = EXACT | {key for key, found in figures.items() if found["auc"] >= LEAST_AUC}
    return {
        "figures": figures,
        "drawn_too": {key: synthetic[key] for key in synthetic.keys() & scored.keys()},
        "flagged": _flagged(ham, of_ham, milk, of_milk, shown),
    }


def _measured(row: Row, number: int, seed: int, *, damaged: bool) -> dict[str, Any]:
    pixels = read_pixels(row.path)[0]
    square, side_px = cut_square(pixels), min(pixels.shape[:2])
    found: dict[str, Any] = {"values": _values(square, side_px)}
    if damaged:
        found["outline"] = outline_of(row)
    if damaged and row.split == "test":
        found["damaged"] = {
            key: _values(damage(square, np.random.default_rng([seed, number])), side_px)[key]
            for key, damage in DAMAGES.items()
        }
    return found


def _values(square: NDArray[np.uint8], side_px: int) -> dict[str, float]:
    return measure_values(square, side_px) | {"bubbles": ring_widths(square)}


def _synthetic(key: str, rows: Sequence[Row], images: Sequence[Mapping[str, Any]]) -> Any:
    held = [(row, image) for row, image in zip(rows, images, strict=True) if "damaged" in image]
    values = [image["values"][key] for _, image in held]
    values += [image["damaged"][key] for _, image in held]
    truth = [0] * len(held) + [1] * len(held)
    lesions = [row.lesion for row, _ in held] * 2
    good = [i["values"][key] for r, i in zip(rows, images, strict=True) if r.split == "train"]
    return _figure(key, _SYNTHETIC, values, truth, lesions, good)


def _by_outline(key: str, rows: Sequence[Row], images: Sequence[Mapping[str, Any]]) -> Any:
    tell = cut_truth if key == "cut" else small_truth
    return _by_truth(key, _BY_MASKS, rows, images, [tell(image["outline"]) for image in images])


def _by_score(
    key: str, column: str, rows: Sequence[Row], images: Sequence[Mapping[str, Any]]
) -> Any:
    return _by_truth(key, f"{column} of MILK10k", rows, images, score_truth(rows, column))


def _by_truth(
    key: str,
    truth_name: str,
    rows: Sequence[Row],
    images: Sequence[Mapping[str, Any]],
    truth: Sequence[int | None],
) -> Any:
    known = [
        (row.split == "train", image["values"][key], mark, row.lesion)
        for row, image, mark in zip(rows, images, truth, strict=True)
        if mark is not None
    ]
    good = [value for train, value, mark, _ in known if train and not mark]
    held = [entry[1:] for entry in known if not entry[0]]
    values, marks, lesions = (list(part) for part in zip(*held, strict=True))
    return _figure(key, truth_name, values, marks, lesions, good)


def _figure(
    key: str,
    truth_name: str,
    values: Sequence[float],
    truth: Sequence[int],
    lesions: Sequence[str],
    good: Sequence[float],
) -> dict[str, Any]:
    rule = _RULES.get(key)
    sign = -1.0 if rule is not None and rule.side == "below" else 1.0
    marks, scores = np.array(truth, np.bool_), sign * np.array(values)
    area, ends = LesionDraws(lesions).around(lambda weights: areas(weights, marks, scores))
    positives = int(marks.sum())
    auc, low, high = (round(float(v), 3) for v in (area, *ends))
    evidence = Evidence(truth_name, auc, low, high, positives, len(marks) - positives)
    return asdict(evidence) | _at_threshold(rule, np.array(values), marks, np.array(good))


def _at_threshold(
    rule: Rule | None,
    values: NDArray[np.float64],
    marks: NDArray[np.bool_],
    good: NDArray[np.float64],
) -> dict[str, Any]:
    if rule is None:
        return {}
    tail = [0.95, 0.98, 0.99] if rule.side == "above" else [0.05, 0.02, 0.01]
    return {
        "threshold": rule.threshold,
        "found": _share(rule, values[marks]),
        "held_out_flagged": _share(rule, values[~marks]),
        "good": len(good),
        "good_flagged": _share(rule, good),
        "good_quantiles": [float(v) for v in np.quantile(good, tail)],
    }


def _share(rule: Rule, values: Sequence[float] | NDArray[np.float64]) -> float:
    return round(float(np.mean([rule.flags(float(value)) for value in values])), 4)


def _flagged(
    ham: Sequence[Row],
    of_ham: Sequence[Mapping[str, Any]],
    milk: Sequence[Row],
    of_milk: Sequence[Mapping[str, Any]],
    shown: Set[str],
) -> dict[str, Any]:
    groups: dict[str, list[Values]] = {}
    for name, rows, images in (("HAM10000", ham, of_ham), ("MILK10k", milk, of_milk)):
        for row, image in zip(rows, images, strict=True):
            names = [f"{name} {'train' if row.split == 'train' else 'val and test'}"]
            if tone := row.columns.get("skin_tone_class"):
                names.append(f"{name} skin tone {tone}")
            for group in names:
                groups.setdefault(group, []).append(image["values"])
    return {name: _shares(values, shown) for name, values in sorted(groups.items())}


def _shares(values: Sequence[Values], shown: Set[str]) -> dict[str, float]:
    shares = {rule.key: _share(rule, [v[rule.key] for v in values]) for rule in RULES}
    used = [rule for rule in RULES if rule.key in shown]
    any_of = np.mean([any(rule.flags(v[rule.key]) for rule in used) for v in values])
    return {"images": len(values), **shares, "any shown": round(float(any_of), 4)}
