"""The images that a bundle is judged on: val and test of its run's data and of the extra data."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from training.config import TrainingConfig
from training.datasets import LabelledImage, as_code, read_dataset
from training.gathering import split_dataset

SIDES = ("val", "test")


def judged_images(
    config: TrainingConfig, images: Sequence[LabelledImage], codes: Sequence[str]
) -> dict[str, list[LabelledImage]]:
    """Return the images by the name of their side, those of the run's own data first.

    Own sides are `val` and `test`; those of extra data have its name in front, such as
    `milk10k_test`. A side without images is left out.

    Args:
        config: The run's settings.
        images: The run's, as its manifest has them.
        codes: The run's diagnoses; what extra data has beside them is left out.

    Raises:
        DatasetError: The run's data is not there any more.
    """
    said = {
        image.path: image.attributes for image in read_dataset(config.data, config.images).images
    }
    sides = {
        split: [
            replace(image, attributes=said.get(image.path, image.attributes))
            for image in images
            if image.split == split and not image.extra
        ]
        for split in SIDES
    }
    for data in config.extra_data:
        dataset = split_dataset(read_dataset(data), seed=config.split_seed, threads=config.threads)
        for split in SIDES:
            name = f"{extra_name(data)}_{split}"
            some = [
                image for image in dataset.images if image.split == split and image.code in codes
            ]
            sides[name] = sides.get(name, []) + some
    return {name: side for name, side in sides.items() if side}


def extra_name(data: Path) -> str:
    """Return what an extra data set is called in a card: its folder's name, as a code."""
    return as_code(data.name if data.is_dir() else data.parent.name)
