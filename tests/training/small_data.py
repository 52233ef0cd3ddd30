"""Small real images, as data sets, for the tests of training."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"nevus": (150, 90, 60), "Melanoma in situ": (60, 40, 40), "angioma": (190, 40, 60)}


def write_image(path: Path, colour: Sequence[int], *, seed: int, size=(80, 60)) -> Path:
    """Write a noisy picture of one colour."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(-25, 26, (size[1], size[0], 3))
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=90)
    return path


def make_folder_set(root: Path, *, count: int = 4, codes: Sequence[str] = tuple(COLOURS)) -> Path:
    """Write a data set with one folder per diagnosis."""
    for number, name in enumerate(codes):
        for image in range(count):
            file = root / name / f"{number}_{image}.jpg"
            write_image(file, COLOURS[name], seed=10 * number + image)
    return root


def make_csv_set(root: Path, rows: Sequence[dict[str, str]], *, folder: str = "images") -> Path:
    """Write a data set as HAM10000's: `metadata.csv` with `rows`, and an image for each."""
    for number, row in enumerate(rows):
        write_image(root / folder / f"{row['image_id']}.jpg", (120, 80, 70), seed=number)
    path = root / "metadata.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_history(run: Path) -> list[dict[str, str]]:
    """Return the rows of a run's history."""
    with (run / "history.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
