"""A training run: from a run folder that holds its config to trained weights and figures."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import LesionViewerError
from lesionviewer.engine.networks import build_network
from training.checkpoints import Checkpoints
from training.config import parse_config
from training.datasets import LabelledImage, numbers
from training.epochs import Fit
from training.events import Reporter
from training.figures import figures, in_words
from training.gathering import clear_copies, gather_images
from training.history import history_columns
from training.manifest import NAME as MANIFEST
from training.manifest import read_manifest, write_manifest
from training.metrics import softmax
from training.quiet import load_keras
from training.squares import SquareStore, open_squares
from training.stagefeeds import CACHE, START
from training.starting import find_init, initialise, read_start
from training.weights import assign, in_float32, write_full

if TYPE_CHECKING:
    import keras

METRICS = "metrics.json"


class StopRequestedError(Exception):
    """The user asked the run to stop; everything written is whole."""


class TrainingRun:
    """One run and everything it works with.

    Args:
        folder: The run folder; holds `config.json`.
        stop: Tells whether the user asked to stop.
    """

    def __init__(self, folder: Path, stop: Callable[[], bool]) -> None:
        self._folder, self._stop = folder, stop
        self._config = parse_config((folder / "config.json").read_text("utf-8"))
        self._reporter = Reporter(folder / "events.jsonl")
        self._tell = self._reporter.tell

    def work(self) -> None:
        """Train until the last epoch; begin where the last whole checkpoint ends.

        Raises:
            StopRequestedError: The user asked to stop.
            LesionViewerError: The data, the weights or the settings are unusable.
        """
        try:
            self._work()
        except StopRequestedError:
            self._tell("stopped", "Stopped.")
            raise
        except LesionViewerError as error:
            self._tell("failed", f"The run has failed: {error}")
            raise

    def _work(self) -> None:
        epochs = self._config.epochs
        self._tell("started", f"Run {self._folder}, {epochs} epochs", epochs=epochs)
        # A run that is resumed keeps its images and their sides, whatever the data is by now.
        resumed = (self._folder / MANIFEST).is_file()
        images, notices = (
            (read_manifest(self._folder), ()) if resumed else gather_images(self._config)
        )
        codes = tuple(sorted({image.code for image in images}))
        checkpoints = Checkpoints(self._folder, history_columns(codes))
        records, state = checkpoints.resume()
        if len(records) >= epochs and (self._folder / METRICS).is_file():
            self._tell("finished", "The run is already finished.")
            return
        squares = open_squares(
            self._folder / CACHE,
            images,
            size=self._config.input_px,
            threads=self._config.threads,
            progress=self._progress("reading images"),
        )
        images = [image for image in images if image.path in squares]
        if not resumed:
            images = self._cleared(images, squares, notices)
        model = self._start_model(len(codes))
        fit = Fit(self._folder, self._config, images, codes, squares, self._tell, self._progress)
        fit.train(model, checkpoints, records, state)
        self._finish(model, images, codes, squares, checkpoints)

    def _cleared(
        self, images: Sequence[LabelledImage], squares: SquareStore, notices: Sequence[str]
    ) -> list[LabelledImage]:
        """Leave out near-duplicates across splits, list what is left out, note what is used."""

        def square_of(path: Path) -> NDArray[np.uint8]:
            if self._stop():
                raise StopRequestedError
            return squares.square(path)

        self._tell("notice", "Searching for near-duplicates across the splits.")
        used, copies = clear_copies(images, square_of, threads=self._config.threads)
        unreadable = (f"{path}: {why}" for path, why in squares.skipped.items())
        self._list_left_out([*notices, *unreadable, *copies])
        write_manifest(self._folder, used, squares.digest)
        return used

    def close(self) -> None:
        """Close the run's files."""
        self._reporter.close()

    def _start_model(self, diagnoses: int) -> "keras.Model":
        load_keras()
        config, kept = self._config, self._folder / START
        import keras
        from safetensors.numpy import load_file

        keras.utils.set_random_seed(config.seed)
        model = build_network(
            config.architecture,
            diagnoses=diagnoses,
            input_px=config.input_px,
            dropout=config.dropout,
            dtype=config.dtype,
        )
        if kept.is_file():
            assign(model, load_file(str(kept)))
            return model
        source = find_init(config.init, config.backbone)
        arrays = read_start(source, config.backbone) if source else {}
        found, total = initialise(model, arrays, seed=config.seed)
        self._tell("notice", f"{found} of {total} weights come from {source or 'no file'}.")
        write_full(model, kept)
        return model

    def _finish(
        self,
        model: "keras.Model",
        images: Sequence[LabelledImage],
        codes: Sequence[str],
        squares: SquareStore,
        checkpoints: Checkpoints,
    ) -> None:
        """Write the figures of the best epoch on val, and drop what only training needs."""
        assign(model, checkpoints.best())
        model = in_float32(model)
        val = [image for image in images if image.split == "val"]
        size = self._config.batch_size
        logits = [
            np.asarray(
                model.predict_on_batch(
                    np.stack([squares.square(image.path) for image in val[at : at + size]])
                )
            )
            for at in range(0, len(val), size)
        ]
        best = max(checkpoints.resume()[0], key=lambda record: record.score)
        report = {
            "split": "val",
            "best_epoch": best.epoch,
            **figures(
                numbers(val, codes),
                softmax(np.concatenate(logits)),
                [image.lesion for image in val],
                codes,
            ),
        }
        partial = self._folder / f"{METRICS}.partial"
        partial.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", "utf-8")
        partial.replace(self._folder / METRICS)
        shutil.rmtree(self._folder / CACHE)
        line = f"Finished. Best epoch {best.epoch} on val: {in_words(report)}"
        self._tell("finished", line, best_epoch=best.epoch)

    def _list_left_out(self, lines: Sequence[str]) -> None:
        (self._folder / "skipped.txt").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        if lines:
            text = f"{len(lines)} entries of the data are left out; skipped.txt lists them."
            self._tell("notice", text, skipped=len(lines))

    def _progress(self, work: str) -> Callable[[int, int], None]:
        def progress(done: int, total: int) -> None:
            if self._stop():
                raise StopRequestedError
            self._reporter.progress(work, done, total)

        return progress
