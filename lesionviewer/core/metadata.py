"""What HAM10000's and the ISIC archive's tables say of images, joined to files by their names.

HAM10000 (Tschandl et al. 2018, table 1) has `image_id, lesion_id, dx, dx_type, age, sex,
localization`; the archive has `isic_id, lesion_id, diagnosis …, diagnosis_confirm_type, age_approx,
sex, anatom_site_general …`; the challenges of 2018 and 2019 have `image, MEL, NV, …`.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from lesionviewer.core.errors import DatasetError
from lesionviewer.core.files import IMAGE_SUFFIXES
from lesionviewer.core.store.canonical import plain_text

LESION, DIAGNOSIS, CONFIRMED, AGE, SEX, SITE, PATIENT, DATE = FIELDS = (
    *("lesion", "diagnosis", "confirmed_by"),
    *("age", "sex", "site", "patient", "date"),
)
"""Names under which a session keeps the fields."""

_IMAGE = ("image_id", "isic_id", "image", "image_name", "file_name", "filename", "file", "path")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    LESION: ("lesion_id", "lesion"),
    DIAGNOSIS: (
        *("dx", "diagnosis", "diagnosis_5", "diagnosis_4", "diagnosis_3", "diagnosis_2"),
        *("diagnosis_1", "benign_malignant"),
    ),
    CONFIRMED: ("dx_type", "diagnosis_confirm_type"),
    AGE: ("age", "age_approx"),
    SEX: ("sex", "gender"),
    SITE: ("localization", "anatom_site_general_challenge", "anatom_site_general", "anatom_site_1"),
    PATIENT: ("patient_id",),
    DATE: ("date", "acquisition_date", "acquisition_day"),
}
"""For each field the columns that may hold it; in a row the first that is not empty counts."""
_UNKNOWN = frozenset(("", "unknown", "nan", "na", "n/a", "none", "null"))
_CODES = {
    "akiec": ("actinic keratosis", "solar or actinic keratosis", "bowen's disease", "ak", "scc"),
    "bcc": ("basal cell carcinoma",),
    "bkl": (
        *("pigmented benign keratosis", "seborrheic keratosis", "solar lentigo"),
        *("lichenoid keratosis", "lentigo nos", "benign keratosis"),
    ),
    "df": ("dermatofibroma",),
    "mel": ("melanoma", "melanoma, nos", "melanoma invasive", "melanoma in situ"),
    "nv": ("nevus", "naevus", "melanocytic nevus"),
    "vasc": ("vascular lesion", "hemangioma", "angioma", "angiokeratoma"),
}
_BY_NAME = {name: code for code, names in _CODES.items() for name in names}
_NO_CODE = re.compile(r"[^a-z0-9]+")
_MOST_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class MetadataTable:
    """A table that was read.

    Attributes:
        rows: By `image_key`, the fields of `FIELDS` that are known, as texts.
        repeated: How many rows tell of an image that an earlier row tells of; the later one counts.
    """

    rows: Mapping[str, Mapping[str, str]]
    repeated: int


def image_key(name: str | PurePath) -> str:
    """Return what a table's name of an image and its file's name have in common.

    Folders, case and the suffix of a picture do not count.
    """
    last = PurePath(str(name).strip().replace("\\", "/")).name
    stem, dot, suffix = last.rpartition(".")
    bare = stem if dot and stem and f".{suffix.lower()}" in IMAGE_SUFFIXES else last
    return plain_text(bare.casefold())


def diagnosis_code(text: str) -> str:
    """Return the code of a diagnosis that a table names: one of HAM10000's seven where it is one.

    Any other becomes a code of the same words, such as `squamous_cell_carcinoma`; an unknown one
    becomes empty.
    """
    words = text.strip().lower()
    if words in _UNKNOWN:
        return ""
    return _BY_NAME.get(words) or _NO_CODE.sub("_", words).strip("_")


def read_metadata(path: Path) -> MetadataTable:
    """Return what the CSV in `path` says of images. Case, order and further columns do not matter.

    Args:
        path: UTF-8, with a header; separated by commas, semicolons or tabs.

    Raises:
        DatasetError: It cannot be read, is no such table, or names no image.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DatasetError(f"{path.name} is larger than {_MOST_BYTES >> 20} MiB. Divide it.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            separator = max(",;\t", key=head.count)
            names = [name.strip().lower() for name in next(csv.reader([head], delimiter=separator))]
            return _read(names, csv.reader(file, delimiter=separator), path)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise DatasetError(f"Cannot read {path}: {reason}.") from error
    except StopIteration:
        raise DatasetError(f"{path.name} is empty; expected a table with a header.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(
            f"{path.name} is no CSV in UTF-8. Save the table as CSV (UTF-8) and try again."
        ) from error


def _read(names: Sequence[str], lines: Iterator[list[str]], path: Path) -> MetadataTable:
    image = next((name for name in _IMAGE if name in names), None)
    if image is None:
        raise DatasetError(
            f"{path.name} has no column that names images: expected one of {', '.join(_IMAGE)}."
        )
    rows: dict[str, dict[str, str]] = {}
    repeated = 0
    for cells in lines:
        row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        if not (key := image_key(row.get(image, ""))):
            continue
        repeated += key in rows
        rows[key] = _fields(row)
    if not rows:
        raise DatasetError(f"{path.name} names no image.")
    return MetadataTable(rows, repeated)


def _fields(row: Mapping[str, str]) -> dict[str, str]:
    fields = {}
    for field, columns in _COLUMNS.items():
        found = (row[name] for name in columns if row.get(name, "").lower() not in _UNKNOWN)
        if text := next(found, ""):
            fields[field] = diagnosis_code(text) if field == DIAGNOSIS else plain_text(text)
    if DIAGNOSIS not in fields and (code := _marked(row)):
        fields[DIAGNOSIS] = code
    if AGE in fields:
        fields[AGE] = _years(fields[AGE])
    return fields


def _marked(row: Mapping[str, str]) -> str:
    """Return the one diagnosis whose column holds 1, as the challenges' ground truth has it."""
    ones = [name for name in (*_CODES, "ak", "scc") if row.get(name) in ("1", "1.0")]
    return diagnosis_code(ones[0]) if len(ones) == 1 else ""


def _years(text: str) -> str:
    """Return `80.0` as `80`; what is no number stays."""
    whole, _, part = text.partition(".")
    return whole if whole.isdecimal() and not part.strip("0") else text
