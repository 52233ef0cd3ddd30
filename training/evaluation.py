"""Evaluates a bundle on labelled images, with the engine that the viewer would use."""

import csv
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.errors import DatasetError, ImageError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from training.datasets import LabelledImage, read_dataset
from training.figures import figures
from training.pictures import draw_confusion, draw_roc
from training.pixels import read_pixels
from training.splits import with_splits

ALL = "all"


def evaluate(
    bundle: Path, data: Path, image_folders: Sequence[Path], split: str, out: Path
) -> dict[str, Any]:
    """Write `metrics.json`, `predictions.csv`, the confusion matrix and ROC curves into `out`.

    Args:
        bundle: Folder of the model.
        data: See `read_dataset`.
        image_folders: See `read_dataset`.
        split: `train`, `val` or `test`, or `all`. A data set without splits is split as a
            training run with the bundle's seed would split it.
        out: A folder, made if need be.

    Raises:
        BundleError: The bundle is unusable.
        DatasetError: The data set is, or has diagnoses that the model does not know.
    """
    model = open_bundle(bundle)
    images, notices = _images_of(model, data, image_folders, split)
    classifier = OpenVinoClassifier(model)
    try:
        kept, logits, skipped = classify_images(classifier, images)
    finally:
        engine = classifier.engine
        classifier.close()
    if not kept:
        raise DatasetError("None of the images could be read.")
    codes = model.card.codes
    truth = np.array([codes.index(image.code) for image in kept], np.intp)
    probabilities = calibrated(logits, model.card.temperature)
    report = {
        "bundle": model.card.id,
        "bundle_digest": model.digest,
        "engine": engine,
        "data": data.name,
        "split": split,
        "left_out": [*notices, *skipped],
        **figures(truth, probabilities, [image.lesion for image in kept], codes),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", "utf-8")
    _write_predictions(out / "predictions.csv", kept, probabilities, codes)
    matrix = confusion(truth, probabilities.argmax(axis=1), len(codes))
    _write_confusion(out / "confusion.csv", matrix, codes)
    draw_confusion(out / "confusion.png", matrix, codes)
    draw_roc(out / "roc.png", truth, probabilities, codes)
    return report


def classify_images(
    classifier: Classifier, images: Sequence[LabelledImage], *, threads: int = 2
) -> tuple[list[LabelledImage], NDArray[np.float32], list[str]]:
    """Return the images that could be read, their logits (n, k), and a line on each other one."""
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
                logits.append(classifier.predict(np.stack(squares)).logits)
    width = len(classifier.card.codes)
    return kept, np.concatenate(logits or [np.empty((0, width), np.float32)]), skipped


def confusion(truth: NDArray[np.intp], chosen: NDArray[np.intp], k: int) -> NDArray[np.intp]:
    """Return how often diagnosis i (row) was taken for j (column), (k, k)."""
    return np.bincount(truth * k + chosen, minlength=k * k).reshape(k, k)


def _images_of(
    model: ModelBundle, data: Path, image_folders: Sequence[Path], split: str
) -> tuple[list[LabelledImage], tuple[str, ...]]:
    dataset = read_dataset(data, image_folders)
    if unknown := sorted(set(dataset.codes) - set(model.card.codes)):
        raise DatasetError(
            f"The data set has the diagnoses {', '.join(unknown)}, which the model does not know. "
            f"It knows {', '.join(model.card.codes)}."
        )
    if split != ALL:
        config = model.card.training.get("config") or {}
        dataset = with_splits(dataset, seed=int(config.get("seed", 0)))
    images = [image for image in dataset.images if split in (ALL, image.split)]
    if not images:
        raise DatasetError(f"The data set has no image in the split {split!r}.")
    return images, dataset.notices


def _write_predictions(
    path: Path,
    images: Sequence[LabelledImage],
    probabilities: NDArray[np.float32],
    codes: Sequence[str],
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image", "lesion", "truth", "diagnosis", *(f"p_{code}" for code in codes)])
        for image, shares in zip(images, probabilities, strict=True):
            top = codes[int(shares.argmax())]
            figures_ = (f"{share:.6f}" for share in shares)
            writer.writerow([image.path.name, image.lesion, image.code, top, *figures_])


def _write_confusion(path: Path, matrix: NDArray[np.intp], codes: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["truth \\ diagnosis", *codes])
        for code, row in zip(codes, matrix, strict=True):
            writer.writerow([code, *map(int, row)])
