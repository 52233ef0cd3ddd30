"""Splits into train, val and test that keep every lesion on one side."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lesionviewer.core.errors import DatasetError
from training.datasets import Dataset, LabelledImage

SHARES = {"val": 0.1, "test": 0.1}
"""Share of the lesions of each diagnosis that a made split sets aside."""


def with_splits(dataset: Dataset, *, seed: int = 0) -> Dataset:
    """Return `dataset` with every image in `train`, `val` or `test`.

    A split that the data set brings is kept. Where it brings none, one is made by lesion,
    stratified by diagnosis; where only `val` is missing, it is taken out of `train`.

    Raises:
        DatasetError: A lesion stands on both sides, some images have a split and others none, or
            nothing is left to train on or to choose the best epoch by.
    """
    given = {image.split for image in dataset.images}
    if "" in given and len(given) > 1:
        bare = sum(not image.split for image in dataset.images)
        raise DatasetError(
            f"{bare} of {len(dataset.images)} images have no split and the others have one. Fill "
            "the column split for all of them, or leave it out."
        )
    images = list(dataset.images)
    if "" in given:
        images = _set_aside(images, SHARES, seed)
    elif "train" in given and "val" not in given:
        train = [image for image in images if image.split == "train"]
        rest = [image for image in images if image.split != "train"]
        images = _set_aside(train, {"val": SHARES["val"]}, seed) + rest
    check_splits(images)
    return replace(dataset, images=tuple(images))


def more_to_choose_by(
    images: Sequence[LabelledImage], share: float, *, seed: int
) -> list[LabelledImage]:
    """Return `images` with a share of each diagnosis' training lesions moved to `val`."""
    if not share:
        return list(images)
    train = [image for image in images if image.split == "train"]
    rest = [image for image in images if image.split != "train"]
    chosen = _set_aside(train, {"val": share}, seed)
    return [replace(image, set_aside=image.split == "val") for image in chosen] + rest


def check_splits(images: Sequence[LabelledImage]) -> None:
    """Make sure that no lesion stands on both sides and that there is something to train on.

    Raises:
        DatasetError: It does, or there is not.
    """
    sides: dict[str, str] = {}
    for image in images:
        if sides.setdefault(image.lesion, image.split) != image.split:
            raise DatasetError(
                f"The lesion {image.lesion} stands in {sides[image.lesion]} and in {image.split}. "
                "Such a split leaks: put all images of a lesion on one side."
            )


def check_trainable(images: Sequence[LabelledImage]) -> None:
    """Make sure that `images` can train a classifier and choose its best epoch.

    Raises:
        DatasetError: Fewer than two diagnoses have images to train on, or val is empty.
    """
    train = {image.code for image in images if image.split == "train"}
    if len(train) < 2:
        raise DatasetError(
            f"Training needs images of at least two diagnoses; found {', '.join(train) or 'none'}."
        )
    if not any(image.split == "val" for image in images):
        raise DatasetError(
            "No lesion is left to choose the best epoch by. Give at least two lesions a diagnosis."
        )


def _set_aside(
    images: Sequence[LabelledImage], shares: dict[str, float], seed: int
) -> list[LabelledImage]:
    """Return `images` with a share of each diagnosis' lesions moved to other splits, rest train."""
    diagnosis: dict[str, str] = {}
    for image in images:
        diagnosis.setdefault(image.lesion, image.code)
    by_code: dict[str, list[str]] = defaultdict(list)
    for lesion, code in diagnosis.items():
        by_code[code].append(lesion)
    split = dict.fromkeys(diagnosis, "train")
    rng = np.random.default_rng([seed, 1])
    for code in sorted(by_code):
        lesions = sorted(by_code[code])
        rng.shuffle(lesions)
        for name, share in shares.items():
            # One lesion at least stays for training, then one goes to val, then one to test.
            count = min(max(1, round(share * len(by_code[code]))), len(lesions) - 1)
            for lesion in lesions[:count]:
                split[lesion] = name
            lesions = lesions[count:]
    return [replace(image, split=split[image.lesion]) for image in images]
