"""The classifier in a thread of its own: started there, fed from a queue, ended there."""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QThread, Signal, Slot

from lesionviewer.core.errors import LesionViewerError
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.preprocess import cut_square
from lesionviewer.core.quality.measure import measure_square
from lesionviewer.core.store.cache import Cache
from lesionviewer.core.store.cache_codec import CachedPrediction
from lesionviewer.engine.calibration import calibrated, prediction_of
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.doubt.doubts import Doubts
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.decode_plan import DecodePlan
from lesionviewer.jobs.input_queue import InputQueue, NetworkInput
from lesionviewer.jobs.recall import KnownPredictions
from lesionviewer.jobs.worker_thread import start_in_thread

log = logging.getLogger(__name__)

CRASHED = "The classifier failed. Details are in the log file."
_BATCHES = 2
"""Batches with the engine at a time, so that no thread of it waits for the other's last image.

What the reader looks at goes at once, beside them."""

_Predictions = list[tuple[int, Prediction]]


class _Engine(NamedTuple):
    classifier: Classifier
    doubts: Doubts
    known: KnownPredictions
    threads: ThreadPoolExecutor


class _Worker(QObject):
    started = Signal(object)  # Chosen, for names and reasons
    failed = Signal(str)  # message for the user
    predicted = Signal(int, object)  # generation, list of (image, Prediction)
    _landed = Signal(object, object, object)  # _Engine, its batch, Future of predictions

    def __init__(
        self,
        start_engine: Callable[[], Chosen],
        queue: InputQueue,
        *,
        plan: DecodePlan,
        pump: Callable[[], None],
        cache: Cache | None,
    ) -> None:
        super().__init__()
        self._start_engine = start_engine
        self._queue = queue
        self._plan = plan
        self._pump = pump
        self._cache = cache
        self._engine: _Engine | None = None
        self._flying = 0
        self._landed.connect(self._on_landed)

    @Slot()
    def start(self) -> None:
        """Start the classifier, then work on what has been decoded meanwhile."""
        try:
            chosen = self._start_engine()
        except LesionViewerError as error:
            self.failed.emit(str(error))
            return
        except Exception:
            log.exception("The classifier did not start")
            self.failed.emit("The classifier did not start. Details are in the log file.")
            return
        threads = ThreadPoolExecutor(_BATCHES + 1, thread_name_prefix="engine")
        known = KnownPredictions(self._cache, chosen)
        self._engine = _Engine(chosen.classifier, chosen.doubts, known, threads)
        self._flying = 0
        self.started.emit(chosen)
        self.work()

    @Slot()
    def work(self) -> None:
        """Hand over batches until the engine has enough, or too little is ready."""
        while (engine := self._engine) is not None and self._flying <= _BATCHES:
            batch = self._queue.take(
                engine.classifier.batch_size,
                more_coming=self._plan.inputs_coming,
                urgent_only=self._flying == _BATCHES,
            )
            if not batch:
                return
            generation = self._plan.generation
            current = [item for item in batch if item.generation == generation]
            if current:
                self._flying += 1
                future = engine.threads.submit(_predict, engine, current)
                future.add_done_callback(partial(self._landed.emit, engine, current))

    @Slot()
    def stop(self) -> None:
        """Free the classifier and end the thread: the two in one, so that neither is left out."""
        self._give_up("")
        QThread.currentThread().quit()

    @Slot(object, object, object)
    def _on_landed(
        self, engine: _Engine, batch: Sequence[NetworkInput], future: "Future[_Predictions]"
    ) -> None:
        if engine is not self._engine:
            return
        self._flying -= 1
        try:
            predictions = future.result()
        except LesionViewerError as error:
            self._give_up(str(error))
            return
        except Exception:
            log.exception("Inference crashed")
            self._give_up(CRASHED)
            return
        self.work()
        generation = batch[0].generation
        done = [item.image for item in batch if not item.chosen_region]
        if self._plan.classified(generation, done):
            self._pump()
            self.predicted.emit(generation, predictions)

    def _give_up(self, message: str) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.threads.shutdown()
            engine.classifier.close()
        if message:
            self.failed.emit(message)


def _predict(engine: _Engine, batch: Sequence[NetworkInput]) -> _Predictions:
    """Predict what is not known; the answer is in the order of `batch`."""
    known = engine.known.get(item.sha256 for item in batch if not item.chosen_region)
    found = [(item, None if item.chosen_region else known.get(item.sha256)) for item in batch]
    made = _compute(engine, [item for item, prediction in found if prediction is None])
    return [(item.image, prediction or next(made)) for item, prediction in found]


def _compute(engine: _Engine, batch: Sequence[NetworkInput]) -> Iterator[Prediction]:
    """Return the predictions of `batch`, after they were kept."""
    if not batch:
        return iter(())
    card = engine.classifier.card
    pixels = [
        cut_square(item.pixels, region=item.region, size=card.input_px)
        if item.chosen_region
        else item.pixels
        for item in batch
    ]
    raw = engine.classifier.predict(np.stack(pixels))
    doubts = engine.doubts.of(raw, calibrated(raw.logits, card.temperature))
    made = []
    for row, item in enumerate(batch):
        prediction = prediction_of(
            raw,
            row,
            temperature=card.temperature,
            region=item.region,
            chosen_region=item.chosen_region,
            doubt=doubts[row],
        )
        quality = measure_square(pixels[row], item.region.side)
        made.append(replace(prediction, quality=quality))
    engine.known.keep(
        {
            item.sha256: CachedPrediction(made[row], raw.logits[row], raw.embedding[row])
            for row, item in enumerate(batch)
            if not item.chosen_region
        }
    )
    return iter(made)


class InferenceService(QObject):
    """What the rest of the program sees of the thread."""

    started = Signal(object)  # Chosen, for card, names and reasons only
    failed = Signal(str)  # message for the user
    predicted = Signal(int, object)  # generation, list of (image, Prediction)
    _start_wanted = Signal()
    _work_wanted = Signal()
    _stop_wanted = Signal()

    def __init__(
        self,
        start_engine: Callable[[], Chosen],
        queue: InputQueue,
        *,
        plan: DecodePlan,
        pump: Callable[[], None],
        cache: Cache | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Start the thread; the classifier waits for `start`.

        Args:
            start_engine: Chooses an engine and starts it; takes about a second.
            queue: Where the inputs come from.
            plan: Knows what is on its way and which set of images is the current one.
            pump: Called in the thread when the plan may have more to decode.
            cache: Where predictions are looked up and kept; None for nowhere.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._worker = _Worker(start_engine, queue, plan=plan, pump=pump, cache=cache)
        self._thread = start_in_thread(self._worker, "inference")
        self._start_wanted.connect(self._worker.start)
        self._work_wanted.connect(self._worker.work)
        self._stop_wanted.connect(self._worker.stop)
        self._worker.started.connect(self.started)
        self._worker.failed.connect(self.failed)
        self._worker.predicted.connect(self.predicted)

    def start(self) -> None:
        """Start the classifier, again if it failed."""
        self._start_wanted.emit()

    def wake(self) -> None:
        """Have a look at the queue. May be called in any thread."""
        self._work_wanted.emit()

    def close(self, *, grace_ms: int) -> bool:
        """Free the classifier and end the thread. Returns whether it ended in time."""
        self._stop_wanted.emit()
        return self._thread.wait(grace_ms)
