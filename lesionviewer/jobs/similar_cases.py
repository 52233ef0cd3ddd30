"""The reference images most like the open image, found off the window's thread."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot

from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.engine.doubt.library import ReferenceLibrary, SimilarCase, nearest_of
from lesionviewer.engine.pipeline import Decoder

COUNT = 5
"""How many similar cases are shown."""
_THUMBNAIL_PX = 128

_Cases = list[SimilarCase]


class SimilarCases(QObject):
    """Answers for one image at a time: what comes for an older question is dropped."""

    offered = Signal(bool)  # whether there is anything to look in now
    found = Signal(int, object)  # image, list of SimilarCase, the nearest first
    pictured = Signal(int, int, object)  # image, place among the cases, RGB pixels
    _searched = Signal(int, int, object)  # ticket, image, Future of cases
    _decoded = Signal(int, int, int, object)  # ticket, image, place, Future of a decoded file

    def __init__(self, pool: Decoder, parent: QObject | None = None) -> None:
        """Start without anything to look in.

        Args:
            pool: Decodes the pictures of the reader's own libraries.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._pool = pool
        self._libraries: tuple[ReferenceLibrary, ...] = ()
        self._asked: tuple[int, NDArray[np.float32]] | None = None
        self._ticket = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="similar")
        # Also where an answer is there at once: nobody expects it before `ask` returns.
        queued = Qt.ConnectionType.QueuedConnection
        self._searched.connect(self._on_searched, queued)
        self._decoded.connect(self._on_decoded, queued)

    @property
    def available(self) -> bool:
        """Whether there is anything to look in."""
        return bool(self._libraries)

    def set_libraries(self, libraries: Sequence[ReferenceLibrary]) -> None:
        """Look in these from now on."""
        self._libraries = tuple(libraries)
        self.drop()
        self.offered.emit(self.available)

    @Slot(object)
    def replace_libraries(self, libraries: Sequence[ReferenceLibrary]) -> None:
        """Look in these from now on, of the same model, and answer the last question anew."""
        asked = self._asked
        self.set_libraries(libraries)
        if asked is not None:
            self.ask(*asked)

    def ask(self, image: int, reduced: NDArray[np.float32]) -> None:
        """Look for the reference images most like `image`; `found` follows.

        Args:
            image: Its position, for the answer.
            reduced: Its reduced embedding, (r,).
        """
        self.drop()
        self._asked = image, reduced
        future = self._thread.submit(nearest_of, self._libraries, reduced, COUNT)
        future.add_done_callback(partial(self._searched.emit, self._ticket, image))

    def drop(self) -> None:
        """Want no answer any more."""
        self._asked = None
        self._ticket += 1

    def close(self) -> None:
        """End the thread."""
        self.drop()
        self._thread.shutdown(cancel_futures=True)

    @Slot(int, int, object)
    def _on_searched(self, ticket: int, image: int, future: "Future[_Cases]") -> None:
        if ticket != self._ticket:
            return
        cases = future.result()
        self.found.emit(image, cases)
        for place, case in enumerate(cases):
            if case.image.path is not None:
                wanted = DecodeRequest(
                    path=case.image.path, input_px=None, thumbnail_px=_THUMBNAIL_PX
                )
                decoding = self._pool.submit(wanted)
                decoding.add_done_callback(partial(self._decoded.emit, ticket, image, place))

    @Slot(int, int, int, object)
    def _on_decoded(
        self, ticket: int, image: int, place: int, future: "Future[DecodedFile | DecodeFailure]"
    ) -> None:
        if ticket != self._ticket or future.cancelled():
            return
        file = future.result()
        if isinstance(file, DecodedFile) and file.thumbnail is not None:
            self.pictured.emit(image, place, file.thumbnail)
