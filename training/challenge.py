"""Champion and challenger: two models on the same images, which neither was trained on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.errors import BundleError, DatasetError
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from training.compare import Predictions, differences
from training.datasets import LabelledImage, numbers
from training.evaluation import EvaluationOptions, classify_images, images_to_measure

CHAMPION, CHALLENGER = NAMES = ("champion", "challenger")
_BECAME = ("wrong", "right", "other")
"""What the challenger made of an image; `other` is wrong in another way."""


@dataclass(frozen=True, slots=True)
class _Side:
    model: ModelBundle
    engine: str
    predictions: Predictions

    def words(self) -> dict[str, Any]:
        """Return which model it is."""
        return {
            "bundle": self.model.card.id,
            "bundle_digest": self.model.digest,
            "created": self.model.card.created,
            "engine": self.engine,
        }


def challenge(champion: Path, challenger: Path, options: EvaluationOptions) -> dict[str, Any]:
    """Return by how much a model is better than the one in use, fit for JSON.

    Images that one of the two was trained on or chosen by are left out for both.

    Args:
        champion: Bundle of the model in use.
        challenger: Bundle of the other.
        options: What to measure on.

    Raises:
        BundleError: A bundle is unusable, or the two know different diagnoses.
        DatasetError: There is no image that both can be measured with.
    """
    models = [open_bundle(folder) for folder in (champion, challenger)]
    codes = models[0].card.codes
    if set(codes) != set(models[1].card.codes):
        raise BundleError(
            f"The champion knows {', '.join(codes)} and the challenger "
            f"{', '.join(models[1].card.codes)}; only models of the same diagnoses can be compared."
        )
    images, left_out = _images_for_both(models, options)
    images, first, unread = _classified(models[0], images, codes)
    _, second, _ = _classified(models[1], images, codes)
    return {
        CHAMPION: first.words(),
        CHALLENGER: second.words(),
        "data": str(options.data),
        "split": options.split,
        **differences(first.predictions, second.predictions, NAMES),
        "changed": list(_changed(images, first.predictions, second.predictions)),
        "left_out": [*left_out, *unread],
    }


def _images_for_both(
    models: Sequence[ModelBundle], options: EvaluationOptions
) -> tuple[list[LabelledImage], list[str]]:
    found = [images_to_measure(model, options) for model in models]
    other = {image.path for image in found[1][0]}
    images = [image for image in found[0][0] if image.path in other]
    if not images:
        raise DatasetError(
            f"No image in the split {options.split!r} is new to both models. Give other data."
        )
    return images, list(dict.fromkeys(line for _, lines in found for line in lines))


def _classified(
    model: ModelBundle, images: Sequence[LabelledImage], codes: Sequence[str]
) -> tuple[list[LabelledImage], _Side, list[str]]:
    """Return the images that could be read, what a model makes of them, lines on the others."""
    classifier = OpenVinoClassifier(model)
    try:
        kept, logits, unread = classify_images(classifier, images)
    finally:
        classifier.close()
    if not kept:
        raise DatasetError("None of the images could be read.")
    columns = [model.card.codes.index(code) for code in codes]
    shares = calibrated(logits, model.card.temperature)[:, columns].astype(np.float64)
    names = tuple((image.lesion, str(image.path)) for image in kept)
    predictions = Predictions(tuple(codes), names, numbers(kept, codes), shares)
    return kept, _Side(model, classifier.engine, predictions), unread


def _changed(
    images: Sequence[LabelledImage], one: Predictions, other: Predictions
) -> Iterator[dict[str, Any]]:
    """Yield the images on which the two differ: what became wrong, right, wrong otherwise.

    Of each kind those come first of which the challenger is surest.
    """
    before, after = one.shares.argmax(axis=1), other.shares.argmax(axis=1)
    rows: list[int] = np.flatnonzero(before != after).tolist()
    became = np.select([before == one.truth, after == one.truth], _BECAME[:2], _BECAME[2])
    surest = sorted(rows, key=lambda row: -other.shares[row].max())
    for row in sorted(surest, key=lambda row: _BECAME.index(became[row])):
        yield {
            "image": str(images[row].path),
            "lesion": images[row].lesion,
            "truth": one.codes[one.truth[row]],
            CHAMPION: one.codes[before[row]],
            CHALLENGER: one.codes[after[row]],
            "became": str(became[row]),
            **{
                f"{name}_probability": round(float(side.shares[row].max()), 6)
                for name, side in zip(NAMES, (one, other), strict=True)
            },
        }
