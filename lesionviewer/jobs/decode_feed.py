"""Keeps the decode processes busy with what is most urgent, and the network fed."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.engine.pipeline import Decoder
from lesionviewer.jobs.decode_plan import DecodePlan, Task
from lesionviewer.jobs.input_queue import InputQueue, NetworkInput
from lesionviewer.jobs.pictures import Picture

log = logging.getLogger(__name__)

_CRASHED = "The image could not be read. Details are in the log file."


class DecodeFeed(QObject):
    """Turns the plan's tasks into requests, and what comes back into inputs and signals.

    `pump` may be called in any thread. The signals are emitted in the pool's threads.
    """

    decoded = Signal(object, object, object)  # Task, DecodedFile, Picture or None
    failed = Signal(object, str)  # Task, message for the user

    def __init__(
        self,
        pool: Decoder,
        plan: DecodePlan,
        queue: InputQueue,
        *,
        wake: Callable[[], None],
        prepare: Callable[[NDArray[np.uint8]], Any],
        parent: QObject | None = None,
    ) -> None:
        """Wait for `pump`.

        Args:
            pool: Decodes; belongs to the caller.
            plan: Says what is next.
            queue: Where inputs for the network go.
            wake: Called in any thread when the queue may have become worth a look.
            prepare: Makes of whole pictures what the window paints, in the pool's threads.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._pool, self._plan, self._queue, self._wake = pool, plan, queue, wake
        self._prepare = prepare
        self._closed = False
        self._flying: set[Future[DecodedFile | DecodeFailure]] = set()
        self.input_px = 224
        self.thumbnail_px = 160

    def pump(self) -> None:
        """Hand out as many tasks as may be on their way."""
        while not self._closed and (task := self._plan.take()) is not None:
            request = DecodeRequest(
                path=task.path,
                input_px=self.input_px if task.classify else None,
                thumbnail_px=self.thumbnail_px if task.thumbnail else None,
                full=task.full,
            )
            future = self._pool.submit(request)
            self._flying.add(future)
            future.add_done_callback(partial(self._landed, task))

    def drop(self) -> None:
        """Give up what is on its way."""
        for future in list(self._flying):
            future.cancel()

    def close(self) -> None:
        """Hand out nothing more, and ignore what still comes back."""
        self._closed = True

    def _landed(self, task: Task, future: "Future[DecodedFile | DecodeFailure]") -> None:
        self._flying.discard(future)
        if self._closed or future.cancelled():
            return
        outcome: DecodedFile | DecodeFailure | None = None
        if (error := future.exception()) is None:
            outcome = future.result()
        else:
            log.error("Decoding crashed", exc_info=error)
        file = outcome if isinstance(outcome, DecodedFile) else None
        waits = task.classify and file is not None and file.model_input is not None
        if self._plan.landed(task, waits=waits):
            if waits and file is not None and file.model_input is not None:
                self._queue.put(
                    NetworkInput(
                        task.generation,
                        task.image,
                        task.rank,
                        file.model_input,
                        file.region,
                        sha256=file.sha256,
                    )
                )
            self._wake()
            self.pump()
            if file is None:
                reason = outcome.reason if isinstance(outcome, DecodeFailure) else _CRASHED
                self.failed.emit(task, reason)
                return
            picture = None
            if file.pixels is not None:
                picture = Picture(task.image, file.pixels, self._prepare(file.pixels))
            self.decoded.emit(task, file, picture)
