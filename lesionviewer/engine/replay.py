"""Does this machine still give the values that an export records?"""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice

import numpy as np

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.core.errors import BundleError
from lesionviewer.core.export.document import Recorded, RecordedImage
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.golden import GOLDEN, key_of
from lesionviewer.engine.pipeline import Decoder

SAME_ENGINE = 1e-4
"""Largest difference of a probability that one engine may show between two machines."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a probability may be off, 0.0 to 1.0, and why that far, as words."""

    value: float
    why: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """One image that was predicted anew.

    Attributes:
        image: What the export records of it.
        difference: Largest difference of a probability, 0.0 to 1.0; None if there is none.
        problem: Why there is none; empty if there is one.
        changed: Whether the file is another one now.
    """

    image: RecordedImage
    difference: float | None
    problem: str = ""
    changed: bool = False


def tolerance_for(recorded: Recorded, classifier: Classifier, bundle: ModelBundle) -> Tolerance:
    """Return `SAME_ENGINE` on the engine that predicted, else the golden images' tolerance.

    Raises:
        BundleError: The bundle has no usable `golden.json`.
    """
    if recorded.engine == classifier.engine:
        return Tolerance(SAME_ENGINE, f"the same engine, {classifier.engine}")
    try:
        values = json.loads(bundle.read(GOLDEN))["tolerance"]
        other = "openvino-int8" if recorded.engine == "openvino-int8" else "float"
        widest = max(float(values[key_of(classifier)]), float(values[other]))
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"The model's {GOLDEN} has no tolerances. Export it again.") from error
    why = f"of the golden images, as {recorded.engine} predicted and {classifier.engine} replays"
    return Tolerance(widest, why)


def replay(recorded: Recorded, pool: Decoder, classifier: Classifier) -> Iterator[Replayed]:
    """Yield what becomes of each recorded image when it is predicted anew, in order.

    Raises:
        EngineError: The engine failed.
    """
    images = iter(recorded.images)
    while batch := list(islice(images, classifier.batch_size)):
        yield from _replayed(batch, pool, classifier)


def _replayed(
    batch: list[RecordedImage], pool: Decoder, classifier: Classifier
) -> Iterator[Replayed]:
    card = classifier.card
    decoded = [_ask(pool, image, card.input_px) for image in batch]
    usable: list[tuple[RecordedImage, DecodedFile]] = []
    for image, future in zip(batch, decoded, strict=True):
        file = future.result()
        if isinstance(file, DecodeFailure):
            yield Replayed(image, None, file.reason, bool(file.sha256))
        elif file.sha256 != image.sha256:
            yield Replayed(image, None, "The file is another one than then.", changed=True)
        else:
            usable.append((image, file))
    if not usable:
        return
    pixels = np.stack([file.model_input for _, file in usable if file.model_input is not None])
    logits = classifier.predict(pixels).logits
    for (image, _), scores in zip(usable, logits, strict=True):
        got = calibrated(scores, card.temperature)
        then = np.array([image.probabilities[code] for code in card.codes])
        yield Replayed(image, float(np.abs(got - then).max()))


def _ask(
    pool: Decoder, image: RecordedImage, input_px: int
) -> "Future[DecodedFile | DecodeFailure]":
    region = image.region if image.chosen_region else None
    return pool.submit(DecodeRequest(path=image.path, input_px=input_px, region=region))


def unknown_codes(images: Iterable[RecordedImage], codes: Iterable[str]) -> bool:
    """Return whether an image's probabilities are over other diagnoses than `codes`."""
    wanted = set(codes)
    return any(set(image.probabilities) != wanted for image in images)
