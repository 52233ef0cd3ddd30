"""Predictions, thumbnails and facts of pictures that need not be made again."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.region import SquareRegion
from lesionviewer.core.store.cache_codec import (
    CachedPrediction,
    prediction_entry,
    prediction_from,
    thumbnail_entry,
    thumbnail_from,
)
from lesionviewer.core.store.cache_file import CacheFile, Entry, Shelf
from lesionviewer.core.user_dirs import cache_dir

_Kept = TypeVar("_Kept")

LIMIT_BYTES = 1 << 30
"""Room for about 70,000 images with predictions, embeddings and thumbnails of 160 pixels."""


@dataclass(frozen=True, slots=True)
class Model:
    """What makes predictions: the same numbers can be expected of the same model only.

    Attributes:
        bundle: Digest of the model bundle, 64 hexadecimal digits.
        engine: As `Classifier.engine` names it, such as `openvino-int8`.
    """

    bundle: str
    engine: str


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What decoding tells of a file.

    Attributes:
        width: Of the upright picture in pixels.
        height: Of the upright picture in pixels.
        notices: What a reader should know of how the file became this picture.
    """

    width: int
    height: int
    notices: tuple[str, ...] = ()


class Cache:
    """What is known of images by the digest of their files. No call fails; any thread may call."""

    def __init__(self, folder: Path | None = None, *, limit_bytes: int = LIMIT_BYTES) -> None:
        """Open the cache.

        Args:
            folder: Where its file lies; None for the user's cache folder.
            limit_bytes: Above this size what was not used for longest is dropped.
        """
        self._file = CacheFile(folder or cache_dir(), limit_bytes=limit_bytes)

    def predictions(
        self, model: Model, digests: Iterable[str], region: SquareRegion | None = None
    ) -> dict[str, CachedPrediction]:
        """Return the predictions that there are, by image digest.

        Args:
            model: What made them.
            digests: SHA-256 of image files.
            region: The square that a reader chose; None for the centre square.
        """
        return self._readable(_shelf(model, region), digests, prediction_from)

    def keep_predictions(self, model: Model, predictions: Mapping[str, CachedPrediction]) -> None:
        """Keep predictions, by image digest; best some hundred at once."""
        by_shelf: dict[Shelf, list[Entry]] = {}
        for sha256, cached in predictions.items():
            region = cached.prediction.region if cached.prediction.chosen_region else None
            entries = by_shelf.setdefault(_shelf(model, region), [])
            entries.append(prediction_entry(sha256, cached))
        for shelf, entries in by_shelf.items():
            self._file.put(shelf, entries)

    def thumbnails(self, edge_px: int, digests: Iterable[str]) -> dict[str, NDArray[np.uint8]]:
        """Return the thumbnails that there are, RGB (h, w, 3), by image digest.

        Args:
            edge_px: Longest side that was asked for.
            digests: SHA-256 of image files.
        """
        return self._readable(Shelf("thumbnail", part=str(edge_px)), digests, thumbnail_from)

    def keep_thumbnails(self, edge_px: int, thumbnails: Mapping[str, NDArray[np.uint8]]) -> None:
        """Keep thumbnails, RGB (h, w, 3), by image digest; best some hundred at once.

        Args:
            edge_px: Longest side that was asked for.
            thumbnails: The pixels, 0 to 255.
        """
        entries = [thumbnail_entry(sha256, pixels) for sha256, pixels in thumbnails.items()]
        self._file.put(Shelf("thumbnail", part=str(edge_px)), entries)

    def facts(self, digests: Iterable[str]) -> dict[str, PictureFacts]:
        """Return what is known of pictures, by image digest."""
        return self._readable(_FACTS, digests, _facts_from)

    def keep_facts(self, facts: Mapping[str, PictureFacts]) -> None:
        """Keep what decoding told, by image digest; best some hundred at once."""
        self._file.put(
            _FACTS,
            [Entry(sha256, json.dumps(_as_json(item)), b"") for sha256, item in facts.items()],
        )

    def _readable(
        self, shelf: Shelf, digests: Iterable[str], read: Callable[[Entry], _Kept | None]
    ) -> dict[str, _Kept]:
        """Return what a shelf has, by image digest; what cannot be read is dropped from it."""
        found = {}
        for entry in self._file.get(shelf, digests):
            kept = read(entry)
            if kept is None:
                self._file.drop(shelf, entry.sha256)
            else:
                found[entry.sha256] = kept
        return found

    @property
    def bytes(self) -> int:
        """Room that all of it takes."""
        return self._file.bytes

    def close(self) -> None:
        """Let go of the file. May be called twice; afterwards nothing is found or kept."""
        self._file.close()


_FACTS = Shelf("facts")


def _facts_from(entry: Entry) -> PictureFacts | None:
    try:
        facts = json.loads(entry.facts)
        return PictureFacts(facts["width"], facts["height"], tuple(facts["notices"]))
    except (ValueError, KeyError, TypeError):
        return None


def _as_json(item: PictureFacts) -> dict[str, int | Sequence[str]]:
    return {"width": item.width, "height": item.height, "notices": item.notices}


def _shelf(model: Model, region: SquareRegion | None) -> Shelf:
    part = "" if region is None else f"{region.left},{region.top},{region.side}"
    return Shelf("prediction", f"{model.bundle} {model.engine}", part)
