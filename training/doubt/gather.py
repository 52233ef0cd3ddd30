"""Which images doubt is fitted to, and measured on."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lesionviewer.core.card import ModelCard
from lesionviewer.core.files import find_images
from training.config import TrainingConfig
from training.datasets import LabelledImage, as_code, read_dataset
from training.gathering import gather_images
from training.judged import extra_name, judged_images


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtData:
    """Images by the part they play.

    Attributes:
        train: What the model was trained on; everything is fitted to these alone.
        sides: What it is judged on, by name: `val`, `test`, those of extra data.
        own_val: Files that the run's data set itself has in val; `val` may have more.
        sources: Data set, by the folder that an image lies in.
        unknown: Files of images of diagnoses that the model does not know, by data set.
        outliers: Folders of pictures of other kinds, by name.
    """

    train: Sequence[LabelledImage]
    sides: Mapping[str, Sequence[LabelledImage]]
    own_val: frozenset[Path]
    sources: Mapping[str, str]
    unknown: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    outliers: Mapping[str, Path] = field(default_factory=dict)


def doubt_data(
    config: TrainingConfig,
    images: Sequence[LabelledImage],
    codes: Sequence[str],
    *,
    outliers: Mapping[str, Path] | None = None,
    sides: Mapping[str, Sequence[LabelledImage]] | None = None,
) -> DoubtData:
    """Return the parts of a run's images.

    Args:
        config: The run's settings.
        images: The run's, with their splits.
        codes: The model's diagnoses.
        outliers: Folders of pictures of other kinds, by name.
        sides: As `judged_images` gives them, if they are at hand.

    Raises:
        DatasetError: The run's data is not there any more.
    """
    own = read_dataset(config.data, config.images).images
    said = {image.path: image.attributes for image in own}
    sources = {str(image.path.parent): extra_name(config.data) for image in own}
    unknown: dict[str, list[Path]] = {}
    for data in (config.data, *config.extra_data):
        name = extra_name(data)
        if data != config.data:
            for image in read_dataset(data).images:
                said[image.path] = image.attributes
                sources[str(image.path.parent)] = name
        if files := _unknown_files(data, config.images if data == config.data else (), codes):
            unknown[name] = files
    return DoubtData(
        train=[
            replace(image, attributes=said.get(image.path, image.attributes))
            for image in images
            if image.split == "train"
        ],
        sides=sides or judged_images(config, images, codes),
        own_val=frozenset(image.path for image in own if image.split == "val"),
        sources=sources,
        unknown=unknown,
        outliers=outliers or {},
    )


def config_of(
    card: ModelCard, data: Path, images: Sequence[Path], extra_data: Sequence[Path]
) -> TrainingConfig:
    """Return settings that gather a bundle's images as its run did, from where they lie now."""
    said = card.training.get("config") or {}
    return TrainingConfig(
        data=data.resolve(),
        images=tuple(folder.resolve() for folder in images),
        extra_data=tuple(path.resolve() for path in extra_data),
        selection=float(said.get("selection", 0.0)),
        split_seed=int(said.get("split_seed", 0)),
    )


def gathered_data(
    config: TrainingConfig, card: ModelCard, outliers: Mapping[str, Path]
) -> DoubtData:
    """Return the parts of data sets as a run with `config` would gather them.

    Images of diagnoses that the model does not know count as unknown.
    """
    images, _ = gather_images(config)
    used = [
        image
        for image in images
        if image.code in card.codes and (image.split == "train" or not image.extra)
    ]
    return doubt_data(config, used, card.codes, outliers=outliers)


def _unknown_files(data: Path, folders: Sequence[Path], codes: Sequence[str]) -> list[Path]:
    """Return the files of a CSV's rows without a diagnosis, or with one that is not in `codes`."""
    if not data.is_file():
        return []
    with data.open(encoding="utf-8-sig", newline="") as file:
        names = {
            (row.get("image_id") or "").strip().lower()
            for row in csv.DictReader(file)
            if as_code(row.get("dx") or "") not in codes
        }
    places = folders or [
        data.parent / "images" if (data.parent / "images").is_dir() else data.parent
    ]
    found = sorted(image.path for image in find_images(places))
    return [path for path in found if names & {path.stem.lower(), path.name.lower()}]
