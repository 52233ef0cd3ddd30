"""What a data set holds and what is wrong with it, looked at before anything is trained."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import DatasetError, ImageError
from lesionviewer.core.preprocess import cut_square
from training.datasets import SPLITS, Dataset, LabelledImage, read_dataset
from training.duplicates import Pair, find_pairs
from training.embedding import Embed, shipped_embed
from training.keypoints import EDGE
from training.pixels import read_pixels

MISSING = "missing"
"""What counts the images of which the data set does not say something."""
NO_SPLIT = "none"
_BATCH, _DECADE, _OLDEST = 64, 10, 90
_SAID_NOTHING = frozenset(("", "unknown", "nan", "na", "n/a", "none", "null"))
_ATTRIBUTES = {"sex": "sex", "site": "localization", "confirmation": "dx_type"}

Progress = Callable[[str, int, int], None]
"""Called with some work, and how much of it is done, of how much."""
Square = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Inspection:
    """A data report.

    Attributes:
        report: Everything, fit for JSON.
        pairs: Squares of some near-duplicates, the surest first, in the order of the report.
    """

    report: Mapping[str, Any]
    pairs: Sequence[tuple[Square, Square]]


@dataclass(slots=True)
class _Files:
    """What was found in the files of the images: by their numbers, (n,)."""

    sizes: list[tuple[int, int] | None]
    digests: list[str]
    unreadable: dict[int, str]


def inspect_data(
    data: Path,
    image_folders: Sequence[Path] = (),
    *,
    threads: int = 2,
    shown_pairs: int = 12,
    progress: Progress = lambda *_: None,
) -> Inspection:
    """Look at all images of a data set.

    Args:
        data: See `read_dataset`.
        image_folders: See `read_dataset`.
        threads: That read and compare images.
        shown_pairs: Near-duplicates whose squares are returned, at most.
        progress: Told how far the work is.

    Raises:
        DatasetError: There is no data set, or no image of it can be read.
    """
    dataset = read_dataset(data, image_folders)
    images = dataset.images
    with _squares(len(images)) as squares:
        files = _read_all(images, squares, threads, progress)
        if len(files.unreadable) == len(images):
            raise DatasetError(f"None of the images of {data} can be read.")
        pairs = _near(images, files, squares, shipped_embed(threads), threads, progress)
        report = _report(data, dataset, files, pairs)
        some = [(squares[p.first].copy(), squares[p.second].copy()) for p in pairs[:shown_pairs]]
    return Inspection(report, some)


@contextmanager
def _squares(count: int) -> Iterator[NDArray[np.uint8]]:
    """Hand out room for the squares of all images, on the disk: 10,000 of them take 1.5 GB."""
    with tempfile.TemporaryFile() as file:
        yield np.memmap(file, np.uint8, "w+", shape=(count, EDGE, EDGE, 3))


def _read_all(
    images: Sequence[LabelledImage], squares: NDArray[np.uint8], threads: int, progress: Progress
) -> _Files:
    """Read all files, write their squares; a file that cannot be read leaves a black one."""
    found = _Files([], [], {})

    def read(image: LabelledImage) -> tuple[Square, str, tuple[int, int]] | str:
        try:
            pixels, sha256 = read_pixels(image.path)
        except ImageError as error:
            return str(error)
        return cut_square(pixels, size=EDGE), sha256, (pixels.shape[1], pixels.shape[0])

    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(images), _BATCH):
            progress("reading images", start, len(images))
            for number, one in enumerate(pool.map(read, images[start : start + _BATCH]), start):
                if isinstance(one, str):
                    found.unreadable[number] = one
                    found.sizes.append(None)
                    found.digests.append("")
                else:
                    squares[number] = one[0]
                    found.digests.append(one[1])
                    found.sizes.append(one[2])
    return found


def _near(
    images: Sequence[LabelledImage],
    files: _Files,
    squares: NDArray[np.uint8],
    embed: Embed | None,
    threads: int,
    progress: Progress,
) -> list[Pair]:
    """Return near-duplicates that are no copies of one file, the surest first."""
    progress("comparing images", 0, len(images))
    pairs = find_pairs(
        lambda number: squares[number], np.arange(len(images)), embed=embed, threads=threads
    )
    others = (p for p in pairs if files.digests[p.first] != files.digests[p.second])
    return sorted(others, key=lambda p: (-p.match.places, p.first, p.second))


def _report(data: Path, dataset: Dataset, files: _Files, pairs: Sequence[Pair]) -> dict[str, Any]:
    images = dataset.images
    names = _names(data, [image.path for image in images])
    exact = _exact(files.digests)
    near = [_pair(images, names, pair) for pair in pairs]
    copies = [{"images": [names[n] for n in group], **_apart(images, group)} for group in exact]
    return {
        "data": str(data),
        "images": len(images),
        "lesions": len({image.lesion for image in images if image.has_lesion}),
        "without_lesion": sum(not image.has_lesion for image in images),
        "splits": dict(Counter(image.split or NO_SPLIT for image in images)),
        "diagnoses": _diagnoses(images),
        "age": _ages(images),
        **{name: _said(images, column) for name, column in _ATTRIBUTES.items()},
        "sizes": _sizes(files),
        "unreadable": [
            {"image": names[number], "reason": why} for number, why in files.unreadable.items()
        ],
        "missing": list(dataset.missing),
        "unlabelled": _names(data, dataset.unlabelled),
        "exact_duplicates": copies,
        "near_duplicates": near,
        "across_splits": {
            "lesions": _torn(images, names),
            "exact_duplicates": [found for found in copies if len(found["splits"]) > 1],
            "near_duplicates": [found for found in near if len(found["splits"]) > 1],
        },
    }


def _names(data: Path, files: Sequence[Path]) -> list[str]:
    """Return files as seen from the data set, as a person would name them."""
    root = data if data.is_dir() else data.parent
    return [
        (path.relative_to(root) if path.is_relative_to(root) else path).as_posix() for path in files
    ]


def _diagnoses(images: Sequence[LabelledImage]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for code in sorted({image.code for image in images}):
        some = [image for image in images if image.code == code]
        sides = Counter(image.split for image in some)
        found[code] = {
            "images": len(some),
            "lesions": len({image.lesion for image in some}),
            **{split: sides[split] for split in SPLITS if any(i.split for i in images)},
        }
    return found


def _said(images: Sequence[LabelledImage], column: str) -> dict[str, int]:
    """Return how often each value of a column occurs, the most frequent first, missing last."""
    values = (image.attributes.get(column, "").strip().lower() for image in images)
    return _counted(Counter(MISSING if v in _SAID_NOTHING else v for v in values))


def _ages(images: Sequence[LabelledImage]) -> dict[str, int]:
    """Return images by decade of age, in order; what is no age is missing."""
    counts: Counter[int] = Counter()
    missing = 0
    for image in images:
        try:
            years = float(image.attributes.get("age", ""))
        except ValueError:
            years = float("nan")
        if 0 <= years <= 130:
            counts[min(int(years) // _DECADE * _DECADE, _OLDEST)] += 1
        else:
            missing += 1
    named = {
        f"{age}+" if age == _OLDEST else f"{age}-{age + _DECADE - 1}": counts[age]
        for age in range(min(counts, default=0), max(counts, default=-1) + 1, _DECADE)
    }
    return {**named, MISSING: missing}


def _sizes(files: _Files) -> dict[str, int]:
    """Return how often each size in pixels occurs, the most frequent first."""
    known = (size for size in files.sizes if size)
    return dict(Counter(f"{width}×{height}" for width, height in known).most_common())


def _counted(counts: Counter[str]) -> dict[str, int]:
    missing = counts.pop(MISSING, 0)
    return {**dict(counts.most_common()), MISSING: missing}


def _exact(digests: Sequence[str]) -> list[list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for number, digest in enumerate(digests):
        if digest:
            groups[digest].append(number)
    return [group for group in groups.values() if len(group) > 1]


def _apart(images: Sequence[LabelledImage], group: Sequence[int]) -> dict[str, Any]:
    """Return what the data set says of images that show the same."""
    some = [images[number] for number in group]
    named = all(image.has_lesion for image in some)
    return {
        "same_lesion": named and len({image.lesion for image in some}) == 1,
        "diagnoses": sorted({image.code for image in some}),
        "splits": sorted({image.split for image in some} - {""}),
    }


def _pair(images: Sequence[LabelledImage], names: Sequence[str], pair: Pair) -> dict[str, Any]:
    group = (pair.first, pair.second)
    return {
        "images": [names[number] for number in group],
        "places": pair.match.places,
        **_apart(images, group),
    }


def _torn(images: Sequence[LabelledImage], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the lesions whose images stand in several splits."""
    sides: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for image, name in zip(images, names, strict=True):
        if image.has_lesion and image.split:
            sides[image.lesion][image.split].append(name)
    return [
        {"lesion": lesion, "splits": {split: list(some) for split, some in found.items()}}
        for lesion, found in sorted(sides.items())
        if len(found) > 1
    ]
