"""Whole pictures of a few images at once, for looking at them beside each other."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot

from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.engine.pipeline import Decoder
from lesionviewer.jobs.pictures import Picture


class SideBySide(QObject):
    """Answers for the images asked for last: what comes for older ones is dropped."""

    pictured = Signal(object)  # Picture
    failed = Signal(int, str)  # image, message for the reader
    _landed = Signal(int, int, object)  # ticket, image, Picture or message

    def __init__(
        self,
        pool: Decoder,
        prepare: Callable[[NDArray[np.uint8]], Any],
        parent: QObject | None = None,
    ) -> None:
        """Wait for `ask`.

        Args:
            pool: Decodes.
            prepare: Makes of a whole picture what the window paints; runs in the pool's threads.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._pool, self._prepare = pool, prepare
        self._ticket = 0
        self._landed.connect(self._on_landed, Qt.ConnectionType.QueuedConnection)

    def ask(self, images: Sequence[tuple[int, Path]]) -> None:
        """Get the pictures of images, each with its position in the set and its file."""
        self.drop()
        for image, path in images:
            future = self._pool.submit(DecodeRequest(path=path, input_px=None, full=True))
            future.add_done_callback(partial(self._take, self._ticket, image))

    def drop(self) -> None:
        """Want no picture any more."""
        self._ticket += 1

    def _take(self, ticket: int, image: int, future: "Future[DecodedFile | DecodeFailure]") -> None:
        """In a thread of the pool."""
        if future.cancelled() or ticket != self._ticket:
            return
        file = future.result()
        if isinstance(file, DecodeFailure) or file.pixels is None:
            reason = file.reason if isinstance(file, DecodeFailure) else ""
            self._landed.emit(ticket, image, reason)
            return
        picture = Picture(image, file.pixels, self._prepare(file.pixels))
        self._landed.emit(ticket, image, picture)

    @Slot(int, int, object)
    def _on_landed(self, ticket: int, image: int, outcome: Picture | str) -> None:
        if ticket != self._ticket:
            return
        if isinstance(outcome, Picture):
            self.pictured.emit(outcome)
        else:
            self.failed.emit(image, outcome)
