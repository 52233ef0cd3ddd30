"""Evaluates a bundle on labelled images, with the engine that the viewer would use."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.errors import DatasetError, ImageError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.doubt.spread import turn
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from training.cards import card_figures
from training.datasets import LabelledImage, read_dataset
from training.gathering import split_dataset
from training.outputs import write_evaluation
from training.pixels import read_pixels
from training.seen import SIDES as SEEN_SIDES
from training.seen import read_seen, sides_of

ALL = "all"
FLIPS = "flips"
_USED = {"train": "trained on", "val": "chosen by"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationOptions:
    """What a bundle is evaluated on.

    Attributes:
        data: See `read_dataset`.
        images: See `read_dataset`.
        split: `train`, `val` or `test`, or `all`. Of data that the bundle was trained on, `train`
            and `val` are what its run used, and nothing of that counts for `test` or `all`,
            wherever it lies by now. A data set without splits is split by lesion.
        flips: Whether to measure the mean logits of eight flips and quarter turns too, which go
            into a folder of their own.
    """

    data: Path
    images: Sequence[Path] = ()
    split: str = "test"
    flips: bool = False


def evaluate(bundle: Path, out: Path, options: EvaluationOptions) -> dict[str, Any]:
    """Write figures, predictions, tables, pictures and a report of them into `out`.

    Args:
        bundle: Folder of the model.
        out: A folder, made if need be.
        options: What to evaluate on.

    Returns:
        What `metrics.json` holds; of the plain images, not the flipped ones.

    Raises:
        BundleError: The bundle is unusable.
        DatasetError: The data set is, or has diagnoses that the model does not know.
    """
    model = open_bundle(bundle)
    images, notices = images_to_measure(model, options)
    classifier = OpenVinoClassifier(model)
    try:
        plain = _evaluate(model, classifier, images, notices, out, options, views=1)
        if options.flips:
            _evaluate(model, classifier, images, notices, out / FLIPS, options, views=8)
    finally:
        classifier.close()
    return plain


def classify_images(
    classifier: Classifier, images: Sequence[LabelledImage], *, threads: int = 2, views: int = 1
) -> tuple[list[LabelledImage], NDArray[np.float32], list[str]]:
    """Return the images that could be read, their logits (n, k), and a line on each other one.

    Args:
        classifier: Of the engine to measure.
        images: To classify.
        threads: That read images.
        views: The logits are the mean over so many of the eight flips and quarter turns of an
            image, of which the first is the image as it is.
    """
    size, batch = classifier.card.input_px, 8 * classifier.batch_size
    kept, logits, skipped = [], [], []

    def read(image: LabelledImage) -> NDArray[np.uint8] | str:
        try:
            return cut_square(read_pixels(image.path)[0], size=size)
        except ImageError as error:
            return str(error)

    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(images), batch):
            some = images[start : start + batch]
            squares = []
            for image, found in zip(some, pool.map(read, some), strict=True):
                if isinstance(found, str):
                    skipped.append(f"{image.path.name}: {found}")
                else:
                    kept.append(image)
                    squares.append(found)
            if squares:
                stack = np.stack(squares)
                turned = [classifier.predict(turn(stack, view)).logits for view in range(views)]
                logits.append(np.mean(turned, axis=0, dtype=np.float32))
    width = len(classifier.card.codes)
    return kept, np.concatenate(logits or [np.empty((0, width), np.float32)]), skipped


def images_to_measure(
    model: ModelBundle, options: EvaluationOptions
) -> tuple[list[LabelledImage], tuple[str, ...]]:
    """Return the images that a model can be measured on, and a line on each that it cannot.

    Raises:
        DatasetError: There are none, or the data has diagnoses that the model does not know.
    """
    dataset = read_dataset(options.data, options.images)
    codes, split = model.card.codes, options.split
    if unknown := sorted(set(dataset.codes) - set(codes)):
        raise DatasetError(
            f"The data set has the diagnoses {', '.join(unknown)}, which the model does not know. "
            f"It knows {', '.join(codes)}."
        )
    seen = read_seen(model)
    images, notices = list(dataset.images), list(dataset.notices)
    known = sides_of(images, seen) if seen else [""] * len(images)
    if split in SEEN_SIDES and any(known):
        images = [image for image, side in zip(images, known, strict=True) if side == split]
    else:
        used = {image.path: side for image, side in zip(images, known, strict=True) if side}
        if split != ALL:
            seed = int((model.card.training.get("config") or {}).get("split_seed", 0))
            found = split_dataset(dataset, seed=seed).images
            images = [image for image in found if image.split == split]
        notices += [
            f"{image.path.name}: the model was {_USED[used[image.path]]} it"
            for image in images
            if image.path in used
        ]
        images = [image for image in images if image.path not in used]
    if not images:
        raise DatasetError(
            f"The data set has no image in the split {split!r} that can be measured with."
        )
    return images, tuple(notices)


def _evaluate(
    model: ModelBundle,
    classifier: OpenVinoClassifier,
    images: Sequence[LabelledImage],
    notices: Sequence[str],
    out: Path,
    options: EvaluationOptions,
    *,
    views: int,
) -> dict[str, Any]:
    kept, logits, skipped = classify_images(classifier, images, views=views)
    if not kept:
        raise DatasetError("None of the images could be read.")
    card, data = model.card, options.data.resolve()
    shares = calibrated(logits, card.temperature)
    report = {
        "bundle": card.id,
        "bundle_digest": model.digest,
        "engine": classifier.engine,
        "data": f"{data.parent.name}/{data.name}",
        "split": options.split,
        "views": views,
        "prior": card.calibration.get("prior"),
        "left_out": [*notices, *skipped],
        **card_figures(card, kept, shares),
    }
    write_evaluation(out, report, card, kept, shares)
    return report
