"""How predictions and thumbnails are written into the cache and read back."""

import io
import json
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.doubt import Doubt
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.quality.result import PictureQuality, QualityFigure
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.store.cache_file import Entry

_JPEG_QUALITY = 90
_HALF_MOST = float(np.finfo(np.float16).max)


@dataclass(frozen=True, slots=True, eq=False)
class CachedPrediction:
    """A prediction, and what further figures can be made from without the network.

    Attributes:
        prediction: Probabilities and what doubts them come back to the bit; maps to half precision.
        logits: Uncalibrated scores, (k,) float32, to the bit; None if they were not kept.
        embedding: Pooled features, (d,) float32, to half precision; None if they were not kept.
    """

    prediction: Prediction
    logits: NDArray[np.float32] | None = None
    embedding: NDArray[np.float32] | None = None


def prediction_entry(sha256: str, cached: CachedPrediction) -> Entry:
    """Return what is kept of the prediction for the image with that digest."""
    from safetensors.numpy import save

    prediction, doubt = cached.prediction, cached.prediction.doubt
    region = prediction.region
    arrays = {
        "probabilities": _as(prediction.probabilities, np.float32),
        "maps": _half(prediction.activation_maps),
    }
    if cached.logits is not None:
        arrays["logits"] = _as(cached.logits, np.float32)
    if cached.embedding is not None:
        arrays["embedding"] = _half(cached.embedding)
    facts: dict[str, Any] = {
        "region": [region.left, region.top, region.side],
        "chosen": prediction.chosen_region,
    }
    if doubt is not None:
        sets = [[level, [int(place) for place in places]] for level, places in doubt.sets.items()]
        outlier = None if doubt.outlier is None else float(doubt.outlier)
        facts["doubt"] = {"sets": sets, "outlier": outlier}
        if doubt.reduced is not None:
            arrays["reduced"] = _as(doubt.reduced, np.float32)
    if prediction.quality is not None:
        facts["quality"] = [_plain(figure) for figure in prediction.quality.figures]
    return Entry(sha256, json.dumps(facts), save(arrays))


def prediction_from(entry: Entry) -> CachedPrediction | None:
    """Return the prediction in `entry`, or None if it cannot be understood."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        facts, arrays = json.loads(entry.facts), load(entry.content)
        doubt = None
        if "doubt" in facts:
            sets = {int(level): tuple(places) for level, places in facts["doubt"]["sets"]}
            doubt = Doubt(MappingProxyType(sets), facts["doubt"]["outlier"], arrays.get("reduced"))
        prediction = Prediction(
            arrays["probabilities"],
            arrays["maps"].astype(np.float32),
            SquareRegion(*facts["region"]),
            bool(facts["chosen"]),
            doubt,
            _quality(facts.get("quality")),
        )
        embedding = arrays.get("embedding")
        return CachedPrediction(
            prediction,
            arrays.get("logits"),
            None if embedding is None else embedding.astype(np.float32),
        )
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _plain(figure: QualityFigure) -> dict[str, Any]:
    return {**asdict(figure), "value": float(figure.value), "flagged": bool(figure.flagged)}


def _quality(figures: list[dict[str, Any]] | None) -> PictureQuality | None:
    if figures is None:
        return None
    return PictureQuality(tuple(QualityFigure(**figure) for figure in figures))


def thumbnail_entry(sha256: str, pixels: NDArray[np.uint8]) -> Entry:
    """Return what is kept of a thumbnail, RGB (h, w, 3), 0 to 255: a JPEG without chroma loss."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return Entry(sha256, "{}", stream.getvalue())


def thumbnail_from(entry: Entry) -> NDArray[np.uint8] | None:
    """Return the pixels in `entry`, (h, w, 3), 0 to 255, or None if they cannot be understood."""
    try:
        with Image.open(io.BytesIO(entry.content), formats=["JPEG"]) as picture:
            return np.asarray(picture.convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _half(values: NDArray[np.float32]) -> NDArray[np.float16]:
    return _as(np.clip(values, -_HALF_MOST, _HALF_MOST), np.float16)


def _as(values: NDArray[Any], dtype: Any) -> NDArray[Any]:
    # safetensors writes the memory as it lies: a view with strides would come back in disorder.
    return np.ascontiguousarray(values, dtype=dtype)
