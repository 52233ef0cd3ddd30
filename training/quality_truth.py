"""What tells images with a fault from those without: outlines, MONET scores, synthetic damage."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.errors import DatasetError

MONET = {
    "hair": "MONET_hair",
    "ink": "MONET_skin_markings_pen_ink_purple_pen",
    "bubbles": "MONET_gel_water_drop_fluid_dermoscopy_liquid",
}
"""The column of MILK10k with the score of each figure that has one."""
HIGH, LOW = 0.90, 0.25
"""Scores from this quantile of the training side up count as positive, up to that as negative."""
_CUT, _SMALL, _LARGE = 0.10, 0.03, 0.06


@dataclass(frozen=True, slots=True)
class Row:
    """One image of a data set with what its CSV says: path, lesion, split, and all columns."""

    path: Path
    lesion: str
    split: str
    columns: dict[str, str]


def read_rows(data: Path, needed: Sequence[str] = ()) -> list[Row]:
    """Return the rows of a CSV whose images lie in `images` beside it, with a diagnosis or none.

    Args:
        data: CSV with the columns `image_id`, `lesion_id` and `split`.
        needed: Further columns that must be there.

    Raises:
        DatasetError: The file cannot be read, or lacks a column, or holds no image.
    """
    try:
        with data.open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{data} cannot be read as a CSV file of UTF-8 text.") from error
    columns = set(table[0]) if table else set()
    if missing := {"image_id", "lesion_id", "split", *needed} - columns:
        raise DatasetError(f"{data} has no column {', '.join(sorted(missing))}.")
    files = {path.stem: path for path in sorted((data.parent / "images").glob("*"))}
    rows = [
        Row(files[line["image_id"]], line["lesion_id"], line["split"], line)
        for line in table
        if line["image_id"] in files
    ]
    if not rows:
        raise DatasetError(f"There is no image of {data} in images beside it.")
    return rows


def thinned(rows: Sequence[Row], every: int) -> list[Row]:
    """Return all rows of val and test, and each `every`-th of train."""
    train = [row for row in rows if row.split == "train"]
    return train[::every] + [row for row in rows if row.split != "train"]


def outline_of(row: Row) -> NDArray[np.bool_]:
    """Return which part of the centre square the lesion takes, (150, 150), by its HAM10000 mask.

    Masks cover the whole frame, 200 × 150; the centre square is its columns 25 to 174.

    Raises:
        DatasetError: There is no mask of that size in `masks` beside `images`.
    """
    file = row.path.parent.parent / "masks" / f"{row.path.stem}_segmentation.png"
    try:
        with Image.open(file) as picture:
            mask = np.asarray(picture.convert("L")) > 127
    except OSError as error:
        raise DatasetError(f"There is no mask {file.name} in masks beside images.") from error
    if mask.shape != (150, 200):
        raise DatasetError(f"The mask {file.name} is {mask.shape}; expected (150, 200).")
    return mask[:, 25:175]


def cut_truth(outline: NDArray[np.bool_]) -> int | None:
    """Return 1 where the lesion takes a tenth of the frame or more, 0 for none of it, else None."""
    edges = (outline[0], outline[-1], outline[1:-1, 0], outline[1:-1, -1])
    share = float(np.concatenate(edges).mean())
    return 1 if share >= _CUT else 0 if share == 0 else None


def small_truth(outline: NDArray[np.bool_]) -> int | None:
    """Return 1 for a lesion below 3 % of the square, 0 from 6 % on, None between."""
    share = float(outline.mean())
    return 1 if share < _SMALL else 0 if share >= _LARGE else None


def score_truth(rows: Sequence[Row], column: str) -> list[int | None]:
    """Return 1 for a high score, 0 for a low one, None between; see `HIGH` and `LOW`.

    The limits are quantiles of the rows with the split `train`.

    Raises:
        DatasetError: A score is no number.
    """
    try:
        scores = np.array([float(row.columns[column]) for row in rows])
    except ValueError as error:
        raise DatasetError(f"The column {column} holds something other than numbers.") from error
    high, low = np.quantile(scores[[row.split == "train" for row in rows]], (HIGH, LOW))
    return [1 if score >= high else 0 if score <= low else None for score in scores]
