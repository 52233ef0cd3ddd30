"""A run's best epoch, measured by Keras: figures, calibration before and after, worst mistakes."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.card import head_of
from lesionviewer.core.errors import DatasetError, ImageError
from lesionviewer.core.heat import heat_of
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.heads import DenseHead
from lesionviewer.engine.networks import (
    build_explaining_network,
    build_network,
    named_variables,
)
from training.calibration import fit_temperature
from training.chosen import Member, choose
from training.datasets import LabelledImage, numbers
from training.diagnoses import diagnoses_of
from training.figures import figures
from training.manifest import read_manifest
from training.metrics import Floats, softmax
from training.pixels import read_pixels
from training.quiet import load_keras

WORST = 12
"""Mistakes that are shown."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """An image whose diagnosis a model got wrong.

    Attributes:
        image: The image.
        found: The model's diagnosis.
        probability: Of it, calibrated.
        heat: Grad-CAM of it over the centre square, (h, w), 0.0 to 1.0.
    """

    image: LabelledImage
    found: str
    probability: float
    heat: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a run's best epoch achieves.

    Attributes:
        member: The run, its settings and the epoch.
        history: Rows of `history.csv`.
        split: Of the images: `test`, or `val` where there is no test.
        codes: The diagnoses, k.
        truth: Of the images as their places in `codes`, (n,).
        shares: Calibrated probabilities, (n, k).
        temperature: Fitted on val.
        before: Figures without it, as `figures` makes them.
        after: Figures with it.
        worst: The surest mistakes.
        unread: A line on each image that cannot be read any more.
    """

    member: Member
    history: Sequence[Mapping[str, str]]
    split: str
    codes: tuple[str, ...]
    truth: NDArray[np.intp]
    shares: Floats
    temperature: float
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    worst: Sequence[Mistake]
    unread: Sequence[str]


def judge(run: Path) -> Judged:
    """Measure a run on its own test images, on val where it has none.

    Raises:
        ConfigError: The folder is no run with a finished epoch.
        DatasetError: None of the images can be read any more.
    """
    (member,) = choose([run])
    images = read_manifest(run)
    codes = tuple(sorted({image.code for image in images}))
    sides = {
        split: [image for image in images if image.split == split and not image.extra]
        for split in ("val", "test")
    }
    split = "test" if sides["test"] else "val"
    network = _Network(member, len(codes))
    val, val_raw, unread = network.outputs(sides["val"])
    temperature = fit_temperature(val_raw.logits, numbers(val, codes))
    kept, raw = val, val_raw
    if split == "test":
        kept, raw, more = network.outputs(sides["test"])
        unread += more
    truth, lesions = numbers(kept, codes), [image.lesion for image in kept]
    diagnoses = diagnoses_of(codes, member.config.malignant)
    malignant = [diagnosis.code for diagnosis in diagnoses if diagnosis.malignant]
    before, shares = (softmax(raw.logits / t) for t in (1.0, temperature))
    return Judged(
        member=member,
        history=_history(run),
        split=split,
        codes=codes,
        truth=truth,
        shares=shares,
        temperature=temperature,
        before=figures(truth, before, lesions, codes, malignant=malignant),
        after=figures(truth, shares, lesions, codes, malignant=malignant),
        worst=_worst(kept, truth, shares, raw.activation_maps, codes),
        unread=unread,
    )


class _Network:
    """A member's weights in a network that explains itself."""

    def __init__(self, member: Member, diagnoses: int) -> None:
        load_keras()
        self._config = member.config
        model = build_network(
            member.config.architecture, diagnoses=diagnoses, input_px=member.config.input_px
        )
        for name, variable in named_variables(model).items():
            variable.assign(member.weights[name])
        self._model = build_explaining_network(model)
        sizes = head_of(member.config.architecture)
        self._head = DenseHead.read(member.weights, sizes, diagnoses) if sizes else None

    def outputs(
        self, images: Sequence[LabelledImage]
    ) -> tuple[list[LabelledImage], RawOutput, list[str]]:
        """Return the images that can be read, what the network gives, lines on the others.

        Raises:
            DatasetError: None can be read.
        """
        kept, parts, unread = [], [], []
        size = self._config.batch_size
        for start in range(0, len(images), size):
            squares = []
            for image in images[start : start + size]:
                try:
                    pixels = read_pixels(image.path)[0]
                except ImageError as error:
                    unread.append(f"{image.path.name}: {error}")
                    continue
                squares.append(cut_square(pixels, size=self._config.input_px))
                kept.append(image)
            if squares:
                parts.append(self._predict(np.stack(squares)))
        if not parts:
            raise DatasetError("None of the images of the run can be read any more.")
        return kept, RawOutput(*map(np.concatenate, zip(*parts, strict=True))), unread

    def _predict(self, squares: NDArray[np.uint8]) -> RawOutput:
        found = self._model.predict_on_batch(squares)
        logits, embedding = (np.asarray(found[name]) for name in ("logits", "embedding"))
        if self._head is None:
            return RawOutput(logits, np.asarray(found["activation_maps"]), embedding)
        return self._head.explained(RawOutput(logits, np.asarray(found["features"]), embedding))


def _worst(
    images: Sequence[LabelledImage],
    truth: NDArray[np.intp],
    shares: Floats,
    maps: NDArray[np.float32],
    codes: Sequence[str],
) -> list[Mistake]:
    chosen = shares.argmax(axis=1)
    wrong: list[int] = np.flatnonzero(chosen != truth).tolist()
    surest = sorted(wrong, key=lambda row: -shares[row].max())[:WORST]
    return [
        Mistake(
            images[row],
            codes[chosen[row]],
            float(shares[row].max()),
            heat_of(maps[row], int(chosen[row])),
        )
        for row in surest
    ]


def _history(run: Path) -> list[dict[str, str]]:
    with (run / "history.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
