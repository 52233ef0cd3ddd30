"""Measures a bundle's maps over a test set, with intervals, and writes what was found."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.errors import DatasetError
from lesionviewer.engine.explain.fine import FineMaps
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from training.datasets import LabelledImage, read_dataset
from training.explain.figures import differences_of, faithfulness_of, figures_of
from training.explain.keras_maps import keras_maps
from training.explain.masks import read_mask
from training.explain.measure import Measured, Seen, localise, perturb, see
from training.gathering import split_dataset

FIGURES = "explanations.json"
LOCALISATION = ("energy", "pointing")
PERTURBATION = ("deletion", "insertion", "road")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOptions:
    """What a bundle's maps are measured on.

    Attributes:
        data: See `read_dataset`.
        images: See `read_dataset`.
        masks: Folder of the lesion masks; `masks` beside the data if None.
        split: `train`, `val` or `test`.
        images_count: Images to perturb, drawn by `seed`; 0 leaves out the graph's maps.
        localised_count: Images to localise, those to perturb first; all with a mask if None.
        keras_count: Images to explain with the methods that need Keras; 0 leaves them out.
        randomised_count: Images for the randomisation check; 0 leaves it out.
        seed: Of every draw.
    """

    data: Path
    images: Sequence[Path] = ()
    masks: Path | None = None
    split: str = "test"
    images_count: int = 200
    localised_count: int | None = None
    keras_count: int = 0
    randomised_count: int = 0
    seed: int = 0


def study(bundle: Path, out: Path, options: StudyOptions, tell: Tell) -> dict[str, Any]:
    """Measure a bundle's maps and write `explanations.json` into `out`.

    What the file has of the same model, data, split and seed stays where it is not measured anew,
    so that a slow machine can measure part by part.

    Args:
        bundle: Folder of the model.
        out: A folder, made if need be.
        options: What to measure on.
        tell: Called with a line on what goes on.

    Returns:
        What the file holds.

    Raises:
        BundleError: The bundle is unusable.
        DatasetError: The data set is, or has no image with a mask.
        EngineError: An engine failed.
    """
    model = open_bundle(bundle)
    images = masked_images(options, model.card.input_px)
    report = _begun(out / FIGURES, model, options)
    classifier, fine = OpenVinoClassifier(model), FineMaps(model)
    report["engine"] = classifier.engine
    try:
        if options.images_count:
            localised = images[: options.localised_count]
            report |= _graph_part(classifier, fine, localised, options, tell)
        if options.keras_count:
            report["keras"] = _keras_part(model, classifier, fine, images, options, tell)
    finally:
        fine.close()
        classifier.close()
    if options.randomised_count:
        report["randomisation"] = _randomised_part(model, images, options, tell)
    out.mkdir(parents=True, exist_ok=True)
    (out / FIGURES).write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", "utf-8")
    return report


def _begun(file: Path, model: ModelBundle, options: StudyOptions) -> dict[str, Any]:
    """Return what the file has of the same measurement, or its first entries."""
    head = {
        "bundle": model.card.id,
        "bundle_digest": model.digest,
        "data": f"{options.data.resolve().parent.name}/{options.data.name}",
        "split": options.split,
        "seed": options.seed,
    }
    try:
        before = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return dict(head)
    same = isinstance(before, dict) and all(before.get(k) == v for k, v in head.items())
    return before if same else dict(head)


def masked_images(options: StudyOptions, size: int) -> list[LabelledImage]:
    """Return the images of a split that have a usable mask, in an order drawn by the seed.

    Raises:
        DatasetError: There is none.
    """
    dataset = split_dataset(read_dataset(options.data, options.images), seed=options.seed)
    folder = _masks(options)
    images = [
        image
        for image in dataset.images
        if image.split == options.split and read_mask(folder, image.path, size) is not None
    ]
    if not images:
        raise DatasetError(
            f"No image of the split {options.split!r} has a lesion mask in {folder}. Name the "
            "folder of masks with --masks."
        )
    order = np.random.default_rng(options.seed).permutation(len(images))
    return [images[place] for place in order]


def _masks(options: StudyOptions) -> Path:
    return options.masks or options.data.parent / "masks"


def _seen(
    classifier: OpenVinoClassifier,
    fine: FineMaps,
    images: Sequence[LabelledImage],
    options: StudyOptions,
) -> Iterator[tuple[int, LabelledImage, Seen]]:
    size = classifier.card.input_px
    for number, image in enumerate(images):
        mask = read_mask(_masks(options), image.path, size)
        if mask is not None:
            rng = np.random.default_rng([options.seed, number])
            yield number, image, see(classifier, fine, image.path, mask, rng)


def _graph_part(
    classifier: OpenVinoClassifier,
    fine: FineMaps,
    images: Sequence[LabelledImage],
    options: StudyOptions,
    tell: Tell,
) -> dict[str, Any]:
    rows, lesions = [], []
    for number, image, seen in _seen(classifier, fine, images, options):
        row = Measured()
        localise(seen, row)
        if number < options.images_count:
            perturb(classifier, seen, row, seed=options.seed + number)
        rows.append(row)
        lesions.append(image.lesion)
        if number % 10 == 9:
            tell(f"{number + 1} of {len(images)} images")
    some = rows[: options.images_count]
    drawn = lesions[: options.images_count]
    return {
        "localisation": figures_of(rows, lesions, LOCALISATION),
        "perturbation": figures_of(some, drawn, PERTURBATION),
        "differences": {
            **differences_of(rows, lesions, LOCALISATION),
            **differences_of(some, drawn, PERTURBATION),
        },
        "faithfulness": faithfulness_of(some, drawn),
    }


def _keras_part(
    model: ModelBundle,
    classifier: OpenVinoClassifier,
    fine: FineMaps,
    images: Sequence[LabelledImage],
    options: StudyOptions,
    tell: Tell,
) -> dict[str, Any]:
    rows, lesions, some = [], [], images[: options.keras_count]
    with keras_maps(model) as explain:
        for number, image, seen in _seen(classifier, fine, some, options):
            heats = {**seen.heats, **explain(seen.square, seen.diagnosis)}
            both, row = Seen(seen.square, seen.mask, seen.diagnosis, heats), Measured()
            localise(both, row)
            perturb(classifier, both, row, seed=options.seed + number)
            rows.append(row)
            lesions.append(image.lesion)
            tell(f"{number + 1} of {options.keras_count} images with Keras")
    return figures_of(rows, lesions, (*LOCALISATION, *PERTURBATION))


def _randomised_part(
    model: ModelBundle, images: Sequence[LabelledImage], options: StudyOptions, tell: Tell
) -> dict[str, Any]:
    from lesionviewer.core.preprocess import cut_square
    from training.explain.randomisation import randomised_steps
    from training.pixels import read_pixels
    from training.quiet import load_keras

    load_keras()
    some = images[: options.randomised_count]
    squares: NDArray[np.uint8] = np.stack(
        [cut_square(read_pixels(image.path)[0], size=model.card.input_px) for image in some]
    )
    steps = []
    for step in randomised_steps(model, squares, seed=options.seed):
        steps.append(
            {
                "layers": step.layers,
                "rank_correlation": round(float(step.rank_correlation.mean()), 4),
                "similarity": round(float(step.similarity.mean()), 4),
                "kept": round(float(step.kept.mean()), 4),
            }
        )
        tell(f"random down to {step.layers}")
    return {"images": len(some), "steps": steps}
