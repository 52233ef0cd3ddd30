"""The epochs of a run: what it trains, measures on val and keeps."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from training.checkpoints import Checkpoints, Record
from training.config import Stage, TrainingConfig
from training.datasets import LabelledImage, numbers
from training.feeds import Feed, Rows
from training.fitting import StageFitter, draw_weights
from training.history import epoch_line, history_row, seconds_left
from training.squares import SquareStore
from training.stagefeeds import ProgressOf, stage_feed
from training.weights import assign, values_of

if TYPE_CHECKING:
    import keras


class Fit:
    """The epochs of a run, through all stages.

    Args:
        folder: The run folder.
        config: The run's settings.
        images: All images that could be read.
        codes: The diagnoses.
        squares: The images' squares.
        tell: Writes an event and its line.
        progress: Makes the callback for some work. What that raises ends the work.
    """

    def __init__(
        self,
        folder: Path,
        config: TrainingConfig,
        images: Sequence[LabelledImage],
        codes: tuple[str, ...],
        squares: SquareStore,
        tell: Callable[..., None],
        progress: ProgressOf,
    ) -> None:
        self._folder, self._config = folder, config
        self._tell, self._progress = tell, progress
        self._codes, self._squares = codes, squares
        self._train = [image for image in images if image.split == "train"]
        self._val = [image for image in images if image.split == "val"]

    def train(
        self,
        model: "keras.Model",
        checkpoints: Checkpoints,
        records: list[Record],
        state: dict[str, NDArray[Any]],
    ) -> None:
        """Train what the records do not cover yet, beginning from `state`."""
        targets = numbers(self._train, self._codes)
        extra = np.array([image.extra for image in self._train])
        weights = draw_weights(targets, extra, len(self._codes), self._config)
        before = 0
        for stage in self._config.stages:
            done = min(max(0, len(records) - before), stage.epochs)
            before += stage.epochs
            if done == stage.epochs:
                continue
            # A stage begins from the averages that the one before it ended with.
            assign(model, state, prefix="average/")
            feed, val_maps = stage_feed(
                model,
                stage,
                self._config,
                self._folder,
                self._squares,
                self._train,
                self._val,
                self._progress,
            )
            fitter = StageFitter(model, stage, self._config, targets, extra, weights)
            if done:
                fitter.restore(state)
            text = f"Stage {stage.name}: trains what follows {stage.cut}"
            self._tell("stage", text, stage=stage.name, cut=stage.cut)
            for epoch in range(done, stage.epochs):
                row = self._epoch(fitter, stage, epoch, len(records) + 1, feed, val_maps)
                self._keep(model, fitter, row, checkpoints, records)
            state = fitter.state()

    def _epoch(
        self, fitter: StageFitter, stage: Stage, epoch: int, number: int, feed: Feed, val_maps: Rows
    ) -> dict[str, Any]:
        began = time.monotonic()
        progress = self._progress(f"epoch {number} of {self._config.epochs}")
        loss = fitter.fit_epoch(feed, epoch, progress)
        return history_row(
            numbers(self._val, self._codes),
            fitter.predict(val_maps),
            self._codes,
            epoch=number,
            stage=stage.name,
            loss=loss,
            seconds=time.monotonic() - began,
            learning_rate=fitter.rate_now,
        )

    def _keep(
        self,
        model: "keras.Model",
        fitter: StageFitter,
        row: dict[str, Any],
        checkpoints: Checkpoints,
        records: list[Record],
    ) -> None:
        score = float(row["val_balanced_accuracy"])
        if score > max((record.score for record in records), default=-1.0):
            checkpoints.save_best(values_of(model) | fitter.averaged())
        records.append(checkpoints.save(records, row, fitter.state()))
        best = max(records, key=lambda record: record.score)
        left = seconds_left([record.row for record in records], self._config.epochs)
        line = epoch_line(row, best.row, self._config.epochs, left)
        self._tell("epoch", line, **row, best_epoch=best.epoch, seconds_left=round(left, 1))
