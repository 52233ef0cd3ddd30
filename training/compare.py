"""Sets two classifiers against each other on the same images, paired by lesion."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import DatasetError
from training.bootstrap import LesionDraws
from training.figures import DRAWS, plain_report
from training.metrics import Floats, class_areas, class_rates, mean_defined

PREDICTIONS = "predictions.csv"
MELANOMA = "mel"
EACH = ("recall", "precision", "auc")
"""Figures that are set against each other by diagnosis."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What evaluations wrote of their images.

    Attributes:
        codes: The diagnoses, k.
        images: Lesion and file name of each image.
        truth: Of each image as its place in `codes`, (n,).
        shares: The probabilities, (n, k).
    """

    codes: tuple[str, ...]
    images: tuple[tuple[str, str], ...]
    truth: NDArray[np.intp]
    shares: Floats

    def in_order_of(self, images: Sequence[tuple[str, str]]) -> "Predictions":
        """Return the predictions of `images`, which are all of its own in another order."""
        place = {image: row for row, image in enumerate(self.images)}
        rows = [place[image] for image in images]
        return Predictions(self.codes, tuple(images), self.truth[rows], self.shares[rows])


def compare(first: Sequence[Path], second: Sequence[Path], *, draws: int = DRAWS) -> dict[str, Any]:
    """Return by how much the second classifier is better, with paired 95 % intervals.

    Args:
        first: Folders that `evaluate` wrote for one classifier, taken together.
        second: Those of the other, over the same images.
        draws: Of the bootstrap over lesions; a draw holds the same lesions on both sides.

    Raises:
        DatasetError: A folder holds no evaluation, or the images are not the same.
    """
    one, other = read_predictions(first), read_predictions(second)
    if one.codes != other.codes:
        raise DatasetError(
            f"The first classifier knows {', '.join(one.codes)} and the second "
            f"{', '.join(other.codes)}; only the same diagnoses can be compared."
        )
    if differ := set(one.images) ^ set(other.images):
        raise DatasetError(
            f"The two sides are not over the same images: {len(differ)} stand on one side only, "
            f"such as {min(differ)[1]}. Evaluate both on the same split."
        )
    other = other.in_order_of(one.images)
    if (one.truth != other.truth).any():
        raise DatasetError("The two sides do not agree on the true diagnoses. Evaluate both again.")
    return differences(one, other, ("first", "second"), draws=draws)


def differences(
    one: Predictions, other: Predictions, names: tuple[str, str], *, draws: int = DRAWS
) -> dict[str, Any]:
    """Return by how much the other side is better, in all and by diagnosis, fit for JSON.

    Args:
        one: A classifier's predictions.
        other: Another one's, over the same images in the same order.
        names: What the two are called in what is returned.
        draws: Of the bootstrap over lesions; a draw holds the same lesions on both sides.
    """
    figures = ["balanced_accuracy", "macro_auc"]
    if MELANOMA in one.codes:
        figures.append("melanoma_recall")

    def sides(weights: Floats) -> Floats:
        here, there = (_summary(weights, side, figures) for side in (one, other))
        return np.stack([here, there, there - here], axis=1)

    values, ends = LesionDraws([lesion for lesion, _ in one.images], draws=draws).around(sides)

    def found(place: int) -> dict[str, Any]:
        here, there, difference = values[:, place]
        interval = ends[:, 2, place]
        return plain_report(
            {names[0]: here, names[1]: there, "difference": difference, "interval": interval}
        )

    shown = np.bincount(one.truth, minlength=len(one.codes))
    return {
        "images": len(one.truth),
        "lesions": len({lesion for lesion, _ in one.images}),
        "interval": f"95 %, paired percentile bootstrap over lesions, {draws} draws",
        "figures": {name: found(place) for place, name in enumerate(figures)},
        "by_diagnosis": {
            code: {
                "images": int(shown[row]),
                **{
                    name: found(len(figures) + len(one.codes) * kind + row)
                    for kind, name in enumerate(EACH)
                },
            }
            for row, code in enumerate(one.codes)
        },
    }


def in_sentences(report: Mapping[str, Any], names: tuple[str, str] = ("first", "second")) -> str:
    """Return a comparison as lines for people, each saying whether its interval excludes 0.

    Args:
        report: As `differences` makes it.
        names: What the two are called there.
    """
    lines = [f"{report['images']} images of {report['lesions']} lesions, {report['interval']}"]
    for name, found in report["figures"].items():
        words = name.replace("_", " ").replace("auc", "AUC")
        if None in (found["difference"], *found["interval"]):
            lines.append(f"{words}: not defined on these images")
            continue
        low, high = found["interval"]
        if low > 0 or high < 0:
            which = names[1] if low > 0 else names[0]
            verdict = f"The interval excludes 0: the {which} is better."
        else:
            verdict = "The interval does not exclude 0: this may be chance."
        lines.append(
            f"{words}: {found[names[0]]:.4f} and {found[names[1]]:.4f}, difference "
            f"{found['difference']:+.4f} ({low:+.4f} to {high:+.4f}). {verdict}"
        )
    return "\n".join(lines)


def read_predictions(folders: Sequence[Path]) -> Predictions:
    """Return what `evaluate` wrote into `folders`, one after the other.

    Raises:
        DatasetError: One of them holds no predictions, they are of different diagnoses, or an
            image stands there twice.
    """
    parts = [_read(folder / PREDICTIONS) for folder in folders]
    codes = parts[0].codes
    if other := [
        folder for folder, part in zip(folders, parts, strict=True) if part.codes != codes
    ]:
        raise DatasetError(f"{other[0]} is of other diagnoses than {folders[0]}.")
    images = tuple(image for part in parts for image in part.images)
    if len(set(images)) < len(images):
        raise DatasetError("An image stands there twice. Give each evaluation once.")
    truth = np.concatenate([part.truth for part in parts])
    return Predictions(codes, images, truth, np.concatenate([part.shares for part in parts]))


def _read(path: Path) -> Predictions:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        codes = tuple(name.removeprefix("p_") for name in rows[0] if name.startswith("p_"))
        truth = [codes.index(row["truth"]) for row in rows]
        shares = [[float(row[f"p_{code}"]) for code in codes] for row in rows]
        images = tuple((row["lesion"], row["image"]) for row in rows)
    except (OSError, ValueError, LookupError, TypeError, csv.Error) as error:
        raise DatasetError(f"{path} holds no predictions. Evaluate first.") from error
    return Predictions(codes, images, np.array(truth, np.intp), np.array(shares))


def _summary(weights: Floats, side: Predictions, names: Sequence[str]) -> Floats:
    """Return the figures `names` of one side, then those of `EACH` by diagnosis, (d, …)."""
    rates = class_rates(weights, side.truth, side.shares.argmax(axis=1), len(side.codes))
    each = {**rates, "auc": class_areas(weights, side.truth, side.shares)}
    found = {
        "balanced_accuracy": lambda: mean_defined(each["recall"]),
        "macro_auc": lambda: mean_defined(each["auc"]),
        "melanoma_recall": lambda: each["recall"][:, side.codes.index(MELANOMA)],
    }
    return np.concatenate(
        [np.stack([found[name]() for name in names], axis=1), *(each[name] for name in EACH)],
        axis=1,
    )
