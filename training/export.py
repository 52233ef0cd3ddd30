"""Makes a model bundle of a run's best epoch: weights, graph, card, golden images."""

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import lesionviewer
import training
from lesionviewer.core import intended_use
from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.card import FileDigest, ModelCard
from lesionviewer.core.errors import ConfigError, DatasetError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.networks import (
    build_network,
    feature_shape,
    named_variables,
    read_weights,
    write_weights,
)
from lesionviewer.engine.openvino_classifier import GRAPH, OpenVinoClassifier
from training.calibration import fit_temperature
from training.checkpoints import Checkpoints
from training.config import TrainingConfig, parse_config
from training.datasets import LabelledImage
from training.diagnoses import diagnoses_of
from training.evaluation import classify_images
from training.figures import agreement, figures
from training.golden import golden_document
from training.graphs import float_graph, int8_graph
from training.manifest import fingerprint, read_manifest
from training.pixels import read_pixels
from training.quiet import load_keras
from training.run import numbers

if TYPE_CHECKING:
    import keras

WEIGHTS = "weights.safetensors"
CALIBRATION_IMAGES = 140
"""Images of each diagnosis, at most, that the int8 graph is calibrated on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How a bundle is made.

    Attributes:
        precision: `int8`, or `float` for tests and research.
        licence: Of the weights, for the card.
        licence_file: Copied into the bundle, if any.
        replace: Whether a bundle that lies there already is replaced.
    """

    precision: str = "int8"
    licence: str = "not stated"
    licence_file: Path | None = None
    replace: bool = False


def export_bundle(run: Path, out: Path, options: ExportOptions) -> ModelCard:
    """Write a bundle of a run's best epoch into `out`, and return its card.

    The temperature is fitted, and every figure measured, with the finished graph.

    Raises:
        ConfigError: `run` is no run with a finished epoch, or `out` is taken.
        DatasetError: The run's images are not there any more.
    """
    if not (run / "config.json").is_file():
        raise ConfigError({"run": f"{run} is no run folder: it has no config.json"})
    if out.exists() and not options.replace and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError({"out": f"{out} exists already; choose another folder, or --replace"})
    config = parse_config((run / "config.json").read_text("utf-8"))
    best = Checkpoints(run, ()).best()
    if not best:
        raise ConfigError({"run": f"{run} has no finished epoch yet"})
    images = read_manifest(run)
    if gone := [image for image in images if not image.path.is_file()]:
        raise DatasetError(f"{gone[0].path} of the run's data is not there any more.")
    codes = tuple(sorted({image.code for image in images}))
    load_keras()
    staged = out.with_name(f".{out.name}.partial")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    try:
        card = _Export(run, staged, config, images, codes, options).make(out.name, best)
        shutil.rmtree(out, ignore_errors=True)
        staged.rename(out)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return card


class _Export:
    """One export under way, in a folder that becomes the bundle when all went well."""

    def __init__(
        self,
        run: Path,
        folder: Path,
        config: TrainingConfig,
        images: Sequence[LabelledImage],
        codes: tuple[str, ...],
        options: ExportOptions,
    ) -> None:
        self._run, self._folder, self._config, self._options = run, folder, config, options
        self._images, self._codes = images, codes

    def make(self, name: str, best: dict[str, NDArray[Any]]) -> ModelCard:
        model = self._stored_model(best)
        plain = float_graph(model)
        int8 = self._options.precision == "int8"
        graph = int8_graph(plain, self._calibration_squares()) if int8 else plain
        card = self._first_card(name, model)
        if self._options.licence_file:
            shutil.copyfile(
                self._options.licence_file, self._folder / self._options.licence_file.name
            )
        logits = {"float": self._measure(plain, card)} if int8 else {}
        logits[self._options.precision] = self._measure(graph, card)
        card = self._measured_card(card, logits)
        golden = golden_document(model, self._classify_golden, card.temperature)
        (self._folder / "golden.json").write_text(golden, "utf-8")
        return self._write_card(card)

    def _stored_model(self, best: dict[str, NDArray[Any]]) -> "keras.Model":
        """Return the network with the weights as a bundle stores them."""
        model = build_network(
            {"backbone": self._config.backbone},
            diagnoses=len(self._codes),
            input_px=self._config.input_px,
        )
        for key, variable in named_variables(model).items():
            variable.assign(best[key])
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
        """Write `graph` into the bundle and return its logits for val and test."""
        import openvino

        openvino.save_model(graph, self._folder / GRAPH, compress_to_fp16=False)
        self._write_card(card)
        classifier = OpenVinoClassifier(open_bundle(self._folder))
        try:
            return {
                split: self._logits(classifier, split)
                for split in ("val", "test")
                if self._side(split)
            }
        finally:
            classifier.close()

    def _logits(self, classifier: OpenVinoClassifier, split: str) -> NDArray[np.float32]:
        _, logits, unread = classify_images(classifier, self._side(split))
        if unread:
            raise DatasetError(f"An image of the run cannot be read any more: {unread[0]}")
        return logits

    def _classify_golden(self, squares: NDArray[np.uint8]) -> tuple[str, NDArray[np.float32]]:
        classifier = OpenVinoClassifier(open_bundle(self._folder))
        try:
            return classifier.engine, classifier.predict(squares).logits
        finally:
            classifier.close()

    def _side(self, split: str) -> list[LabelledImage]:
        return [image for image in self._images if image.split == split and not image.extra]

    def _truth(self, split: str) -> NDArray[np.intp]:
        return numbers(self._side(split), self._codes)

    def _first_card(self, name: str, model: "keras.Model") -> ModelCard:
        return ModelCard(
            id=re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-") or "model",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            architecture={
                "backbone": self._config.backbone,
                "feature_shape": list(feature_shape(model)),
                "graph": self._options.precision,
            },
            diagnoses=diagnoses_of(self._codes, self._config.malignant),
            input_px=self._config.input_px,
            temperature=1.0,
            licence=self._options.licence,
            intended_use=intended_use.FULL,
            training=self._provenance(),
        )

    def _measured_card(
        self, card: ModelCard, logits: dict[str, dict[str, NDArray[np.float32]]]
    ) -> ModelCard:
        shipped = logits[self._options.precision]
        temperature = fit_temperature(shipped["val"], self._truth("val"))
        data = self._config.data.stem
        metrics: dict[str, Any] = {
            split: {
                "data": data,
                **figures(
                    self._truth(split),
                    calibrated(values, temperature),
                    [image.lesion for image in self._side(split)],
                    self._codes,
                ),
            }
            for split, values in shipped.items()
        }
        if "float" in logits and shipped is not logits["float"]:
            truth = np.concatenate([self._truth(split) for split in shipped])
            both = [
                calibrated(np.concatenate([side[split] for split in shipped]), temperature)
                for side in (shipped, logits["float"])
            ]
            metrics["int8_against_float"] = {
                "splits": list(shipped),
                **agreement(truth, both[0], both[1]),
            }
        return replace(
            card,
            temperature=temperature,
            calibration={
                "method": "temperature scaling (Guo et al. 2017), least cross-entropy",
                "fitted_on": "val",
                "images": len(self._truth("val")),
                "graph": self._options.precision,
            },
            metrics=metrics,
        )

    def _provenance(self) -> dict[str, Any]:
        # File names only: where the data lay on the training machine is nobody's business.
        config = json.loads(self._config.to_json())
        config["data"] = self._config.data.name
        config["extra_data"] = [f"{p.parent.name}/{p.name}" for p in self._config.extra_data]
        config["images"] = [folder.name for folder in self._config.images]
        config["init"] = Path(self._config.init).name
        metrics = self._run / "metrics.json"
        best = json.loads(metrics.read_text("utf-8"))["best_epoch"] if metrics.is_file() else None
        return {
            "config": config,
            "best_epoch": best,
            "images": {
                split: sum(image.split == split for image in self._images)
                for split in ("train", "val", "test")
            },
            "extra_images": sum(image.extra for image in self._images),
            "dataset_fingerprint": fingerprint(self._run),
            "code_version": lesionviewer.__version__,
            "code_digest": _code_digest(),
        }

    def _write_card(self, card: ModelCard) -> ModelCard:
        files = {
            path.name: FileDigest(
                hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size
            )
            for path in self._folder.iterdir()
            if path.name != "card.json"
        }
        card = replace(card, files=files)
        (self._folder / "card.json").write_text(card.to_json(), "utf-8")
        return card


def _code_digest() -> str:
    """Return a digest of the training code, which tells versions apart between releases."""
    digest = hashlib.sha256()
    for path in sorted(Path(training.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
