"""`images.csv` of a run: which images it was made from, and on which side each stood."""

import csv
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from lesionviewer.core.errors import DatasetError
from training.datasets import LabelledImage

NAME = "images.csv"
_COLUMNS = ("path", "sha256", "code", "lesion", "split", "extra")


def write_manifest(
    run: Path, images: Sequence[LabelledImage], digest: Callable[[Path], str]
) -> None:
    """Write the images of a run with their digests."""
    partial = run / f"{NAME}.partial"
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for image in images:
            writer.writerow(
                [
                    image.path,
                    digest(image.path),
                    image.code,
                    image.lesion,
                    image.split,
                    "yes" if image.extra else "",
                ]
            )
    partial.replace(run / NAME)


def read_manifest(run: Path) -> list[LabelledImage]:
    """Return the images of a run.

    Raises:
        DatasetError: The run has not got as far as reading them.
    """
    return [
        LabelledImage(
            Path(row["path"]), row["code"], row["lesion"], row["split"], row["extra"] == "yes"
        )
        for row in _rows(run)
    ]


def digests(run: Path) -> dict[str, list[str]]:
    """Return by split the SHA-256 of the run's image files.

    Raises:
        DatasetError: The run has not got as far as reading them.
    """
    sides: dict[str, list[str]] = {}
    for row in _rows(run):
        sides.setdefault(row["split"], []).append(row["sha256"])
    return sides


def fingerprint(run: Path) -> str:
    """Return a digest of the run's images, diagnoses and splits, whatever the files are called."""
    lines = sorted(f"{row['sha256']} {row['code']} {row['split']}\n" for row in _rows(run))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _rows(run: Path) -> list[dict[str, str]]:
    try:
        with (run / NAME).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise DatasetError(f"The run {run.name} has no {NAME}; resume it first.") from error
