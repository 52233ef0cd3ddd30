"""A training run: from a run folder that holds its config to trained weights and figures."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import LesionViewerError, StoreError
from lesionviewer.engine.networks import build_network
from training.checkpoints import write_whole
from training.config import NO_BUNDLE, parse_config
from training.control import Control, StopRequestedError
from training.datasets import LabelledImage, numbers
from training.epochs import Fit, Kept, find_kept
from training.events import Reporter
from training.figures import figures, in_words
from training.gathering import clear_copies, gather_images
from training.history import history_columns
from training.lock import RunLock
from training.manifest import NAME as MANIFEST
from training.manifest import read_manifest, write_manifest
from training.memory import OutOfMemoryError, is_out_of_memory, resident_bytes
from training.metrics import softmax
from training.quiet import load_keras
from training.squares import SquareStore, open_squares
from training.stagefeeds import CACHE, START
from training.starting import find_init, initialise, read_start
from training.weights import assign, in_float32, values_of, write_full

if TYPE_CHECKING:
    import keras

METRICS, BUNDLE = "metrics.json", "bundle"
_STATES = 3
"""Checkpoints that are on the disk at one time: two whole ones, and one being written."""


class TrainingRun:
    """One run and everything it works with.

    Args:
        folder: The run folder; holds `config.json`.
        interrupted: Tells whether the user pressed Ctrl-C.
        bound: Whether the run stops at the end of its input, when its window is gone.

    Raises:
        ConfigError: The config is unusable, or another process works on the run.
        StoreError: The run folder cannot be written.
    """

    def __init__(
        self, folder: Path, interrupted: Callable[[], bool], *, bound: bool = False
    ) -> None:
        self._folder = folder
        self._config = parse_config((folder / "config.json").read_text("utf-8"))
        self._lock = RunLock(folder, bound=bound)
        self._reporter = Reporter(folder / "events.jsonl", clock=self._working_time)
        self._tell = self._reporter.tell
        self._control = Control(folder, interrupted, self._tell)
        if bound:
            self._control.watch_stdin()

    def work(self) -> None:
        """Train until the last epoch; begin where the last whole checkpoint ends.

        Raises:
            StopRequestedError: The user asked to stop.
            OutOfMemoryError: The machine's memory does not do.
            LesionViewerError: The data, the weights or the settings are unusable.
        """
        try:
            self._work()
        except StopRequestedError:
            self._tell("stopped", "Stopped.")
            raise
        except LesionViewerError as error:
            self._failed(error)
            raise
        except Exception as error:
            if not is_out_of_memory(error):
                self._failed(error, "an error that was not foreseen. Details are in its output.")
                raise
            size = self._config.batch_size
            text = f"The memory does not do for {size} images a step. Choose a smaller batch."
            lack = OutOfMemoryError(text)
            self._failed(lack)
            raise lack from error

    def _failed(self, error: Exception, text: str = "") -> None:
        line = f"The run has failed: {text or error}"
        self._tell("failed", line, cause=type(error).__name__)

    def _work(self) -> None:
        epochs = self._config.length
        line = f"Run {self._folder}, {epochs} epochs"
        self._tell("started", line, epochs=epochs, pid=os.getpid())
        if self._lock.took_over:
            self._tell("notice", "The process that worked on the run before has died.")
        # A run that is resumed keeps its images and their sides, whatever the data is by now.
        resumed = (self._folder / MANIFEST).is_file()
        images, notices = (
            (read_manifest(self._folder), ()) if resumed else gather_images(self._config)
        )
        codes = tuple(sorted({image.code for image in images}))
        columns = history_columns(codes)
        kept = find_kept(self._folder, self._config, columns, self._working_time)
        if len(kept.records) >= epochs and (self._folder / METRICS).is_file():
            self._bundle()
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
        self._check_room(model)
        control = self._control
        fit = Fit(
            self._folder, self._config, images, codes, squares, control, self._tell, self._progress
        )
        try:
            fit.train(model, kept)
        except StopRequestedError:
            if control.ends_after_epoch and not control.stopping:
                self._measure(model, images, codes, squares, kept)
            raise
        best, line = self._measure(model, images, codes, squares, kept)
        shutil.rmtree(self._folder / CACHE)
        self._bundle()
        self._tell("finished", f"Finished. {line}", best_epoch=best)

    def _bundle(self) -> None:
        """Write the bundle of the best epoch, if it is asked for and not there."""
        out, precision = self._folder / BUNDLE, self._config.bundle
        if precision == NO_BUNDLE or out.exists():
            return
        from training.export import ExportOptions, export_bundle

        self._control.check()
        self._tell("notice", f"Writing the bundle, {precision}.")
        options = ExportOptions(precision=precision, name=self._folder.resolve().name)
        try:
            export_bundle([self._folder], out, options)
        except (LesionViewerError, ImportError) as error:
            # What was trained is whole, and `export` can be told otherwise.
            self._tell("notice", f"No bundle was written: {error}")

    def _check_room(self, model: "keras.Model") -> None:
        """Refuse to begin on a disk that two checkpoints do not fit on.

        Raises:
            StoreError: There is too little room.
        """
        # Weights, their averages, and two moments of each that the optimiser keeps.
        state = 4 * sum(value.nbytes for value in values_of(model).values())
        there = sum(path.stat().st_size for path in (self._folder / "checkpoints").iterdir())
        needed, free = _STATES * state - there, shutil.disk_usage(self._folder).free
        if free < needed:
            raise StoreError(
                f"The disk of {self._folder} has {free / 1e9:.1f} GB left; the checkpoints take "
                f"{needed / 1e9:.1f} GB. Make room, or choose another folder."
            )

    def _working_time(self) -> float:
        return self._control.working_time()

    def _cleared(
        self, images: Sequence[LabelledImage], squares: SquareStore, notices: Sequence[str]
    ) -> list[LabelledImage]:
        """Leave out near-duplicates across splits, list what is left out, note what is used."""

        def square_of(path: Path) -> NDArray[np.uint8]:
            self._control.check()
            return squares.square(path)

        self._tell("notice", "Searching for near-duplicates across the splits.")
        used, copies = clear_copies(images, square_of, threads=self._config.threads)
        unreadable = (f"{path}: {why}" for path, why in squares.skipped.items())
        self._list_left_out([*notices, *unreadable, *copies])
        write_manifest(self._folder, used, squares.digest)
        return used

    def close(self) -> None:
        """Close the run's files, and let others work on it."""
        self._reporter.close()
        self._lock.release()

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

    def _measure(
        self,
        model: "keras.Model",
        images: Sequence[LabelledImage],
        codes: Sequence[str],
        squares: SquareStore,
        kept: Kept,
    ) -> tuple[int, str]:
        """Write the figures of the best epoch on val; return its number and a line to read."""
        assign(model, kept.checkpoints.best())
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
        best = max(kept.records, key=lambda record: record.score)
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
        text = json.dumps(report, indent=1, allow_nan=False) + "\n"
        write_whole(self._folder / METRICS, text.encode())
        return best.epoch, f"Best epoch {best.epoch} on val: {in_words(report)}"

    def _list_left_out(self, lines: Sequence[str]) -> None:
        (self._folder / "skipped.txt").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        if lines:
            text = f"{len(lines)} entries of the data are left out; skipped.txt lists them."
            self._tell("notice", text, skipped=len(lines))

    def _progress(self, work: str) -> Callable[[int, int], None]:
        def progress(done: int, total: int) -> None:
            self._control.check()
            self._reporter.progress(work, done, total, memory_bytes=resident_bytes())

        return progress
