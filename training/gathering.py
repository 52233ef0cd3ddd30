"""The images of a run, on their sides: read, grouped, split, and cleared of near-duplicates."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.config import TrainingConfig
from training.datasets import Dataset, LabelledImage, read_dataset
from training.duplicates import group_copies, without_copies
from training.embedding import shipped_embed
from training.splits import check_splits, check_trainable, more_to_choose_by, with_splits


def split_dataset(
    dataset: Dataset, *, seed: int = 0, threads: int = 1, group: bool = True
) -> Dataset:
    """Return `dataset` with every image in a split, the same one wherever it is asked for.

    Where the data set names no lesions and brings no splits, near-duplicates stay on one side,
    unless `group` is false: then no picture is read.

    Raises:
        DatasetError: No split can be made, or the one that it brings leaks.
    """
    if group and any(not image.split and not image.has_lesion for image in dataset.images):
        dataset = group_copies(dataset, embed=shipped_embed(threads), threads=threads)
    return with_splits(dataset, seed=seed)


def gather_images(
    config: TrainingConfig, *, group: bool = True
) -> tuple[list[LabelledImage], tuple[str, ...]]:
    """Return a run's images, each with its split, and notices on what was left out.

    Those of extra data stand in all its splits; only the ones in `train` are trained on.

    Raises:
        DatasetError: The data set cannot train a classifier.
    """
    split = partial(split_dataset, seed=config.split_seed, threads=config.threads, group=group)
    dataset = split(read_dataset(config.data, config.images))
    images = more_to_choose_by(dataset.images, config.selection, seed=config.split_seed)
    notices = list(dataset.notices)
    for data in config.extra_data:
        extra = split(read_dataset(data))
        known = [image for image in extra.images if image.code in dataset.codes]
        images += [replace(image, extra=True) for image in known]
        notices += extra.notices
    check_splits(images)
    check_trainable(images)
    return images, tuple(notices)


def clear_copies(
    images: Sequence[LabelledImage],
    square_of: Callable[[Path], NDArray[np.uint8]],
    *,
    threads: int,
) -> tuple[list[LabelledImage], list[str]]:
    """Return what a run uses of its images, and a line on each that another split shows too.

    Raises:
        DatasetError: A near-duplicate stands in val and in test, or too little is left.
    """
    embed = shipped_embed(threads)
    kept, lines = without_copies(images, square_of, embed=embed, threads=threads)
    used = [image for image in kept if image.split == "train" or not image.extra]
    check_trainable(used)
    return used, lines
