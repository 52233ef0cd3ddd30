"""Makes a model bundle of a run's best epoch: weights, graph, card, golden images."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.card import ModelCard
from lesionviewer.core.errors import ConfigError, DatasetError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.networks import (
    build_network,
    feature_shape,
    named_variables,
    read_weights,
    write_weights,
)
from lesionviewer.engine.openvino_classifier import GRAPH, OpenVinoClassifier
from training.cards import first_card, measured_card
from training.chosen import Member, average, choose
from training.datasets import LabelledImage
from training.doubt.fit import add_doubt
from training.doubt.gather import doubt_data
from training.evaluation import classify_images
from training.golden import golden_document
from training.graphs import check_graph, float_graph, int8_graph
from training.judged import judged_images
from training.manifest import read_manifest
from training.pixels import read_pixels
from training.quiet import load_keras
from training.sealing import seal
from training.seen import write_seen

if TYPE_CHECKING:
    import keras

WEIGHTS = "weights.safetensors"
CALIBRATION_IMAGES = 100
"""Images of each diagnosis, at most, that the int8 graph is calibrated on."""
_CHECKED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How a bundle is made.

    Attributes:
        precision: `int8`, or `float` for tests and research.
        licence: Of the weights, for the card.
        licence_file: Copied into the bundle, if any.
        replace: Whether a bundle that lies there already is replaced.
        epoch: Another epoch than the best, one of the last two.
        name: Of the bundle; that of its folder if None.
        outliers: Folders of pictures of other kinds, by name, beside those that are drawn.
    """

    precision: str = "int8"
    licence: str = "not stated"
    licence_file: Path | None = None
    replace: bool = False
    epoch: int | None = None
    name: str | None = None
    outliers: Mapping[str, Path] = field(default_factory=dict)


def export_bundle(runs: Sequence[Path], out: Path, options: ExportOptions) -> ModelCard:
    """Write a bundle into `out` and return its card.

    It holds a run's best epoch, or the average of several runs' best epochs. Temperature, conformal
    sets, outlier score and similar cases are fitted, and every figure measured, with the finished
    graph.

    Raises:
        ConfigError: A folder is no run with a finished epoch, the runs do not go together, or
            `out` is taken.
        DatasetError: The run's images are not there any more.
    """
    if out.exists() and not options.replace and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError({"out": f"{out} exists already; choose another folder, or --replace"})
    members = choose(runs, options.epoch)
    images = read_manifest(members[0].run)
    if gone := [image for image in images if not image.path.is_file()]:
        raise DatasetError(f"{gone[0].path} of the run's data is not there any more.")
    codes = tuple(sorted({image.code for image in images}))
    load_keras()
    staged = out.with_name(f".{out.name}.partial")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    try:
        card = _Export(staged, members, images, codes, options).make(options.name or out.name)
        shutil.rmtree(out, ignore_errors=True)
        staged.rename(out)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return card


class _Export:
    """One export under way, in a folder that becomes the bundle when all went well."""

    def __init__(
        self,
        folder: Path,
        members: Sequence[Member],
        images: Sequence[LabelledImage],
        codes: tuple[str, ...],
        options: ExportOptions,
    ) -> None:
        self._folder, self._members, self._options = folder, members, options
        self._config = members[0].config
        self._images, self._codes = images, codes
        self._sides = judged_images(self._config, images, codes)

    def make(self, name: str) -> ModelCard:
        """Write the bundle's files and return its card."""
        model = self._stored_model(average(self._members))
        write_seen(self._folder, self._members[0].run)
        plain = float_graph(model)
        squares = self._calibration_squares()
        check_graph(plain, model, squares[:_CHECKED])
        int8 = self._options.precision == "int8"
        graph = int8_graph(plain, squares) if int8 else plain
        card = first_card(
            name,
            members=self._members,
            images=self._images,
            codes=self._codes,
            features=feature_shape(model),
            precision=self._options.precision,
            licence=self._options.licence,
        )
        if self._options.licence_file:
            shutil.copyfile(
                self._options.licence_file, self._folder / self._options.licence_file.name
            )
        logits = {"float": self._measure(plain, card)} if int8 else {}
        logits[self._options.precision] = self._measure(graph, card)
        card = measured_card(card, logits, self._sides, self._config.data.stem)
        golden = golden_document(model, self._classify_golden, card.temperature)
        (self._folder / "golden.json").write_text(golden, "utf-8")
        seal(self._folder, card)
        data = doubt_data(
            self._config,
            self._images,
            self._codes,
            outliers=self._options.outliers,
            sides=self._sides,
        )
        return add_doubt(self._folder, data)

    def _stored_model(self, weights: Mapping[str, NDArray[Any]]) -> "keras.Model":
        """Return the network with the weights as a bundle stores them."""
        model = build_network(
            self._config.architecture,
            diagnoses=len(self._codes),
            input_px=self._config.input_px,
        )
        for key, variable in named_variables(model).items():
            variable.assign(weights[key])
        write_weights(model, self._folder / WEIGHTS)
        read_weights(self._folder / WEIGHTS, model)
        return model

    def _calibration_squares(self) -> list[NDArray[np.uint8]]:
        rng = np.random.default_rng([self._config.seed, 5])
        chosen: list[LabelledImage] = []
        for code in self._codes:
            some = [
                image
                for image in self._images
                if image.code == code and image.split == "train" and not image.extra
            ]
            order = rng.permutation(len(some))[:CALIBRATION_IMAGES]
            chosen += [some[number] for number in order]
        size = self._config.input_px
        return [cut_square(read_pixels(image.path)[0], size=size) for image in chosen]

    def _measure(self, graph: Any, card: ModelCard) -> dict[str, NDArray[np.float32]]:
        """Write `graph` into the bundle and return its logits for the images it is judged on."""
        import openvino

        openvino.save_model(graph, self._folder / GRAPH, compress_to_fp16=False)
        seal(self._folder, card)
        classifier = OpenVinoClassifier(open_bundle(self._folder))
        try:
            return {split: self._logits(classifier, side) for split, side in self._sides.items()}
        finally:
            classifier.close()

    def _logits(
        self, classifier: OpenVinoClassifier, side: Sequence[LabelledImage]
    ) -> NDArray[np.float32]:
        _, logits, unread = classify_images(classifier, side)
        if unread:
            raise DatasetError(f"An image of the run cannot be read any more: {unread[0]}")
        return logits

    def _classify_golden(self, squares: NDArray[np.uint8]) -> tuple[str, NDArray[np.float32]]:
        classifier = OpenVinoClassifier(open_bundle(self._folder))
        try:
            return classifier.engine, classifier.predict(squares).logits
        finally:
            classifier.close()
