"""The classifier in a thread of its own: started there, fed from a queue, ended there."""

import logging
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from lesionviewer.core.errors import LesionViewerError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.calibration import prediction_of
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.decode_plan import DecodePlan
from lesionviewer.jobs.input_queue import InputQueue, NetworkInput
from lesionviewer.jobs.worker_thread import end_thread, start_in_thread

log = logging.getLogger(__name__)

CRASHED = "The classifier failed. Details are in the log file."


class _Worker(QObject):
    started = Signal(object)  # Chosen, for names and reasons
    failed = Signal(str)  # message for the user
    predicted = Signal(int, object)  # generation, list of (image, Prediction)

    def __init__(
        self,
        start_engine: Callable[[], Chosen],
        queue: InputQueue,
        *,
        plan: DecodePlan,
        pump: Callable[[], None],
    ) -> None:
        super().__init__()
        self._start_engine = start_engine
        self._queue = queue
        self._plan = plan
        self._pump = pump
        self._classifier: Classifier | None = None

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
        self._classifier = chosen.classifier
        self.started.emit(chosen)
        self.work()

    @Slot()
    def work(self) -> None:
        """Run batches until too little is ready."""
        while self._classifier is not None:
            size, coming = self._classifier.batch_size, self._plan.inputs_coming
            batch = self._queue.take(size, more_coming=coming)
            if not batch:
                return
            generation = self._plan.generation
            current = [item for item in batch if item.generation == generation]
            try:
                if current:
                    self._run(self._classifier, current)
            except LesionViewerError as error:
                self._give_up(str(error))
            except Exception:
                log.exception("Inference crashed")
                self._give_up(CRASHED)

    @Slot()
    def stop(self) -> None:
        """Free the classifier."""
        self._give_up("")

    def _give_up(self, message: str) -> None:
        classifier, self._classifier = self._classifier, None
        if classifier is not None:
            classifier.close()
        if message:
            self.failed.emit(message)

    def _run(self, classifier: Classifier, batch: Sequence[NetworkInput]) -> None:
        size = classifier.card.input_px
        pixels = [
            cut_square(item.pixels, region=item.region, size=size)
            if item.chosen_region
            else item.pixels
            for item in batch
        ]
        raw = classifier.predict(np.stack(pixels))
        predictions = [
            (
                item.image,
                prediction_of(
                    raw,
                    row,
                    temperature=classifier.card.temperature,
                    region=item.region,
                    chosen_region=item.chosen_region,
                ),
            )
            for row, item in enumerate(batch)
        ]
        generation = batch[0].generation
        done = [item.image for item in batch if not item.chosen_region]
        if self._plan.classified(generation, done):
            self._pump()
            self.predicted.emit(generation, predictions)


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
        parent: QObject | None = None,
    ) -> None:
        """Start the thread; the classifier waits for `start`.

        Args:
            start_engine: Chooses an engine and starts it; takes about a second.
            queue: Where the inputs come from.
            plan: Knows what is on its way and which set of images is the current one.
            pump: Called in the thread when the plan may have more to decode.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._worker = _Worker(start_engine, queue, plan=plan, pump=pump)
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
        return end_thread(self._thread, grace_ms=grace_ms)
