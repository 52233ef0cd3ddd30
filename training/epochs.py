"""The epochs of a run: what it trains, measures on val and keeps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from training.checkpoints import STAGE, Checkpoints, Record
from training.config import Stage, TrainingConfig
from training.control import Control, StopRequestedError
from training.datasets import LabelledImage, numbers
from training.feeds import Feed, Rows
from training.fitting import DivergedError, StageFitter, draw_weights
from training.history import epoch_line, history_row, seconds_left
from training.intervals import Intervals, Position
from training.squares import SquareStore
from training.stagefeeds import ProgressOf, stage_feed
from training.weights import assign, values_of

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run has on disk.

    Attributes:
        checkpoints: Where epochs are kept.
        intervals: Where a place within an epoch is kept.
        records: Of the epochs that are done; grows.
        state: What the next step begins from.
        position: The place that `state` belongs to; None at the beginning of an epoch.
    """

    checkpoints: Checkpoints
    intervals: Intervals
    records: list[Record]
    state: Mapping[str, NDArray[Any]]
    position: Position | None


def find_kept(
    folder: Path, config: TrainingConfig, columns: Sequence[str], clock: Callable[[], float]
) -> Kept:
    """Return what a run folder holds up to its last whole checkpoint; drop what follows."""
    checkpoints = Checkpoints(folder, columns)
    intervals = Intervals(folder, minutes=config.checkpoint_minutes, clock=clock)
    position, within = intervals.find(len(checkpoints.records()), batch_size=config.batch_size)
    if position is None:
        intervals.clear()
        return Kept(checkpoints, intervals, *checkpoints.resume(), None)
    records, _ = checkpoints.resume(within=position.epoch)
    return Kept(checkpoints, intervals, records, within, position)


class Fit:
    """The epochs of a run, through all stages.

    Args:
        folder: The run folder.
        config: The run's settings.
        images: All images that could be read.
        codes: The diagnoses.
        squares: The images' squares.
        control: Says when to rest and when to stop.
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
        control: Control,
        tell: Callable[..., None],
        progress: ProgressOf,
    ) -> None:
        self._folder, self._config, self._control = folder, config, control
        self._tell, self._progress = tell, progress
        self._codes, self._squares = codes, squares
        self._train = [image for image in images if image.split == "train"]
        self._val = [image for image in images if image.split == "val"]

    def train(self, model: "keras.Model", kept: Kept) -> None:
        """Train what is not done yet.

        Args:
            model: With the weights that the run began with.
            kept: What is done.

        Raises:
            StopRequestedError: The run has to stop; what it did is kept.
        """
        state, position, before = kept.state, kept.position, 0
        for number, stage in enumerate(self._config.stages):
            done = min(max(0, len(kept.records) - before), stage.epochs)
            before += stage.epochs
            if done == stage.epochs:
                continue
            under_way = done > 0 or position is not None
            self._set_weights(model, number, kept.checkpoints, state, under_way=under_way)
            fitter, feed, val_maps = self._begin(model, number, stage)
            if under_way:
                fitter.restore(state)
            text = f"Stage {stage.name}: trains what follows {stage.cut}"
            self._tell("stage", text, stage=stage.name, cut=stage.cut)
            for epoch in range(done, stage.epochs):
                row = self._epoch(fitter, stage, epoch, feed, val_maps, kept, position)
                position = None
                self._keep(model, fitter, row, kept, number)
                if self._control.ends_after_epoch and len(kept.records) < self._config.length:
                    raise StopRequestedError
            state = fitter.state()

    def _set_weights(
        self,
        model: "keras.Model",
        number: int,
        checkpoints: Checkpoints,
        state: Mapping[str, NDArray[Any]],
        *,
        under_way: bool,
    ) -> None:
        """Give the model the weights that a stage began from, or begins from now."""
        if not under_way:
            # A stage begins from the averages that the one before it ended with.
            assign(model, state, prefix="average/")
            if number:
                checkpoints.save_stage(number, values_of(model))
        elif number and (began := checkpoints.stage(number)):
            assign(model, began)
        elif number:
            # An earlier version kept no such file. The best epoch has the statistics that the
            # stage does not train: its own, or nearly, those of the stage before.
            assign(model, checkpoints.best())
            assign(model, state, prefix="average/")

    def _begin(
        self, model: "keras.Model", number: int, stage: Stage
    ) -> tuple[StageFitter, Feed, Rows]:
        import keras

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
        targets = numbers(self._train, self._codes)
        extra = np.array([image.extra for image in self._train])
        weights = draw_weights(targets, extra, len(self._codes), self._config)
        # Dropout takes its seed here, whether the run comes from the stage before or is resumed.
        keras.utils.set_random_seed(self._config.seed + number)
        return StageFitter(model, stage, self._config, targets, extra, weights), feed, val_maps

    def _epoch(
        self,
        fitter: StageFitter,
        stage: Stage,
        epoch: int,
        feed: Feed,
        val_maps: Rows,
        kept: Kept,
        position: Position | None,
    ) -> dict[str, Any]:
        number, clock = len(kept.records) + 1, self._control.working_time
        before = position.losses if position else ()
        began = clock() - (position.seconds if position else 0.0)
        progress = self._progress(f"epoch {number} of {self._config.length}")
        written = len(before)

        def keep() -> None:
            nonlocal written
            if (done := len(fitter.losses)) > written:
                place = Position(
                    number, done, self._config.batch_size, clock() - began, tuple(fitter.losses)
                )
                kept.intervals.save(place, fitter.state(within=True))
                written = done

        def between(done: int, total: int) -> None:
            self._control.check(keep)
            if kept.intervals.due:
                keep()
            progress(done, total)

        try:
            loss = fitter.fit_epoch(feed, epoch, between, before=before)
            probabilities = fitter.predict(val_maps, self._control.check)
        except StopRequestedError:
            keep()
            raise
        except DivergedError:
            # The weights may have been no numbers for a while.
            kept.intervals.clear()
            raise
        return history_row(
            numbers(self._val, self._codes),
            probabilities,
            self._codes,
            epoch=number,
            stage=stage.name,
            loss=loss,
            seconds=clock() - began,
            learning_rate=fitter.rate_now,
        )

    def _keep(
        self,
        model: "keras.Model",
        fitter: StageFitter,
        row: dict[str, Any],
        kept: Kept,
        stage: int,
    ) -> None:
        records = kept.records
        score = float(row["val_balanced_accuracy"])
        if score > max((record.score for record in records), default=-1.0):
            kept.checkpoints.save_best(values_of(model) | fitter.averaged())
        state = {**fitter.state(), STAGE: np.array(stage)}
        records.append(kept.checkpoints.save(records, row, state))
        kept.intervals.clear()
        best = max(records, key=lambda record: record.score)
        left = seconds_left([record.row for record in records], self._config.length)
        line = epoch_line(row, best.row, self._config.length, left)
        self._tell("epoch", line, **row, best_epoch=best.epoch, seconds_left=round(left, 1))
