"""Readers of data sets: a CSV as HAM10000's or the ISIC archive's, or one folder per diagnosis."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import DatasetError
from lesionviewer.core.files import IMAGE_SUFFIXES
from lesionviewer.core.metadata import (
    AGE,
    CONFIRMED,
    DIAGNOSIS,
    LESION,
    SEX,
    SITE,
    image_key,
    read_metadata,
)

SPLITS = ("train", "val", "test")
ATTRIBUTES = ("sex", "age", "localization", "skin_tone_class", "dx_type", "frame")
"""Columns of a CSV that are kept with an image where they are there, and not empty."""
_ARCHIVE = {SEX: "sex", AGE: "age", SITE: "localization", CONFIRMED: "dx_type"}
"""What `core.metadata` calls a field, and the column of `ATTRIBUTES` that it stands for."""
_SPLIT_NAMES = {
    **{split: split for split in SPLITS},
    "training": "train",
    "valid": "val",
    "validation": "val",
    "testing": "test",
}


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One image of a data set.

    Attributes:
        path: Its file.
        code: Its diagnosis.
        lesion: Name of the lesion that it shows; a split keeps all images of it on one side.
        split: `train`, `val`, `test`, or empty where the data set brings none.
        extra: Whether it comes from an additional data set.
        set_aside: Whether it was moved from train to val, and can be spared there.
        has_lesion: Whether the data set names its lesion; else the image stands for one itself.
        attributes: What else the data set says of it, by column; some of `ATTRIBUTES`.
    """

    path: Path
    code: str
    lesion: str
    split: str = ""
    extra: bool = False
    has_lesion: bool = field(default=True, compare=False)
    set_aside: bool = field(default=False, compare=False)
    attributes: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}), compare=False
    )


@dataclass(frozen=True, slots=True)
class Dataset:
    """Images with their diagnoses, and what was left out.

    Attributes:
        images: Those that have a file and a diagnosis.
        notices: One line on each entry that was left out.
        missing: Names of images that the data set lists and that have no file.
        unlabelled: Files of images that the data set gives no diagnosis.
    """

    images: tuple[LabelledImage, ...]
    notices: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unlabelled: tuple[Path, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The diagnoses that occur, in alphabetical order."""
        return tuple(sorted({image.code for image in self.images}))


def numbers(images: Sequence[LabelledImage], codes: Sequence[str]) -> NDArray[np.intp]:
    """Return the images' diagnoses as places in `codes`, (n,)."""
    place = {code: number for number, code in enumerate(codes)}
    return np.array([place[image.code] for image in images], np.intp)


def as_code(name: str) -> str:
    """Return a diagnosis' code: `name` in lower case, other characters than [a-z0-9] as `_`."""
    return re.sub(r"[^a-z0-9]", "_", name.strip().lower())


def read_dataset(data: Path, image_folders: Sequence[Path] = ()) -> Dataset:
    """Read a CSV (columns `image_id`, `dx`, optional `lesion_id`, `split`) or labelled folders.

    Of a CSV, the columns in `ATTRIBUTES` are kept too, where there are any. A table of the ISIC
    archive is read as `core.metadata` reads it.

    Args:
        data: The CSV file, or the folder.
        image_folders: Where the CSV's images are; `images` beside it, or its own folder, if none.

    Raises:
        DatasetError: There is no such data set, or nothing usable in it.
    """
    if data.is_dir():
        dataset = _read_folders(data)
    elif data.is_file():
        dataset = _read_csv(data, image_folders)
    else:
        raise DatasetError(f"There is no data set at {data}. Give a CSV file or a folder.")
    if not dataset.images:
        raise DatasetError(
            f"{data} holds no labelled image. Expected a CSV with the columns image_id and dx and "
            "its images, or one folder of images per diagnosis."
        )
    return dataset


def _image_files(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    return sorted(path for path in files if path.is_file())


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def _read_folders(data: Path) -> Dataset:
    parts = {folder: _SPLIT_NAMES.get(folder.name.lower(), "") for folder in _folders(data)}
    roots: Mapping[Path, str] = parts if parts and all(parts.values()) else {data: ""}
    images = [
        LabelledImage(
            file, as_code(folder.name), str(file.relative_to(data)), split, has_lesion=False
        )
        for root, split in roots.items()
        for folder in _folders(root)
        for file in _image_files(folder)
    ]
    names: dict[str, str] = {}
    for root in roots:
        for folder in _folders(root):
            if names.setdefault(as_code(folder.name), folder.name) != folder.name:
                raise DatasetError(
                    f"The folders {names[as_code(folder.name)]!r} and {folder.name!r} give the "
                    f"same code {as_code(folder.name)!r}. Rename one of them."
                )
    return Dataset(tuple(images), unlabelled=_others(_image_files(data), images))


def _others(files: Iterable[Path], images: Iterable[LabelledImage]) -> tuple[Path, ...]:
    labelled = {image.path for image in images}
    return tuple(sorted(set(files) - labelled))


def _read_csv(data: Path, image_folders: Sequence[Path]) -> Dataset:
    try:
        with data.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            columns = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{data} cannot be read as a CSV file of UTF-8 text.") from error
    if missing := {"image_id", "dx"} - set(columns):
        if (dataset := _read_archive(data, image_folders)) is not None:
            return dataset
        raise DatasetError(
            f"{data} has no column {', '.join(sorted(missing))}. Expected image_id and dx, and "
            "optionally lesion_id and split."
        )
    files = _files_by_name(image_folders or _usual_folders(data))
    images, notices, lacking = [], [], []
    for number, row in enumerate(rows, start=2):
        name, dx = (row["image_id"] or "").strip(), (row["dx"] or "").strip()
        path = files.get(name.lower())
        if not dx:
            notices.append(f"line {number}: {name} has no diagnosis")
        elif path is None:
            notices.append(f"line {number}: no image file for {name}")
            lacking.append(name)
        else:
            split = _split_of(row.get("split") or "", data, number)
            lesion = (row.get("lesion_id") or "").strip()
            said = MappingProxyType(_attributes_of(row))
            images.append(
                LabelledImage(
                    path,
                    as_code(dx),
                    lesion or name,
                    split,
                    has_lesion=bool(lesion),
                    attributes=said,
                )
            )
    others = _others(files.values(), images)
    return Dataset(tuple(images), tuple(notices), tuple(lacking), others)


def _read_archive(data: Path, image_folders: Sequence[Path]) -> Dataset | None:
    """Return the data set of a table as the ISIC archive's; None if it names no diagnosis."""
    try:
        rows = read_metadata(data).rows
    except DatasetError:
        return None
    if not any(DIAGNOSIS in row for row in rows.values()):
        return None
    files = {
        image_key(f): f for f in _files_by_name(image_folders or _usual_folders(data)).values()
    }
    images, notices, lacking = [], [], []
    for name, row in rows.items():
        path, code = files.get(name), as_code(row.get(DIAGNOSIS, ""))
        if path is None:
            notices.append(f"no image file for {name}")
            lacking.append(name)
        elif not code:
            notices.append(f"{name} has no diagnosis")
        else:
            lesion, said = row.get(LESION, ""), _ARCHIVE.items()
            attributes = {column: row[field] for field, column in said if field in row}
            images.append(
                LabelledImage(
                    path,
                    code,
                    lesion or name,
                    has_lesion=bool(lesion),
                    attributes=MappingProxyType(attributes),
                )
            )
    others = _others(files.values(), images)
    return Dataset(tuple(images), tuple(notices), tuple(lacking), others)


def _attributes_of(row: Mapping[str, str | None]) -> dict[str, str]:
    found = {name: (row.get(name) or "").strip() for name in ATTRIBUTES}
    return {name: value for name, value in found.items() if value}


def _usual_folders(data: Path) -> list[Path]:
    beside = data.parent / "images"
    return [beside] if beside.is_dir() else [data.parent]


def _files_by_name(folders: Iterable[Path]) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise DatasetError(f"There is no image folder {folder}.")
        for file in _image_files(folder):
            files.setdefault(file.stem.lower(), file)
            files.setdefault(file.name.lower(), file)
    return files


def _split_of(text: str, data: Path, number: int) -> str:
    name = text.strip().lower()
    if name and name not in _SPLIT_NAMES:
        raise DatasetError(
            f"{data}, line {number}: the split is {text!r}; expected {', '.join(SPLITS)} or "
            "nothing."
        )
    return _SPLIT_NAMES.get(name, "")
