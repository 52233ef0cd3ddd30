"""Finding the images of files and folders in a worker thread, in chunks as they turn up."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from lesionviewer.core.errors import LesionViewerError
from lesionviewer.core.files import FoundImage, find_images
from lesionviewer.jobs.worker_thread import end_thread, start_in_thread

log = logging.getLogger(__name__)

_FIRST_CHUNK = 32
_CHUNK = 1000
_CHUNK_S = 0.05

Finder = Callable[..., Iterable[FoundImage]]


class _Worker(QObject):
    found = Signal(int, object)  # ticket, list of FoundImage
    finished = Signal(int)  # ticket
    failed = Signal(int, str)  # ticket, message for the user

    def __init__(self, finder: Finder, is_stale: Callable[[int], bool]) -> None:
        super().__init__()
        self._finder = finder
        self._is_stale = is_stale
        self._taken = threading.Event()
        self.go_on()

    def go_on(self) -> None:
        """Note, in any thread, that the last chunk was taken in: events must not pile up."""
        self._taken.set()

    @Slot(int, object, bool)
    def run(self, ticket: int, paths: Sequence[Path], recursive: Any) -> None:
        try:
            if self._scan(ticket, paths, bool(recursive)):
                self.finished.emit(ticket)
        except LesionViewerError as error:
            self.failed.emit(ticket, str(error))
        except Exception:
            log.exception("Looking for images crashed")
            self.failed.emit(ticket, "The folder could not be read. Details are in the log file.")

    def _scan(self, ticket: int, paths: Sequence[Path], recursive: bool) -> bool:
        chunk: list[FoundImage] = []
        size, due = _FIRST_CHUNK, monotonic() + _CHUNK_S
        for image in self._finder(paths, recursive=recursive):
            if self._is_stale(ticket):
                return False
            chunk.append(image)
            if len(chunk) >= size or monotonic() > due:
                self._send(ticket, chunk)
                chunk = []
                size, due = _CHUNK, monotonic() + _CHUNK_S
        if chunk:
            self._send(ticket, chunk)
        return True

    def _send(self, ticket: int, chunk: list[FoundImage]) -> None:
        while not self._taken.wait(_CHUNK_S) and not self._is_stale(ticket):
            pass
        self._taken.clear()
        self.found.emit(ticket, chunk)


class FolderScan(QObject):
    """Looks for images. A new search ends the one before: nothing of it arrives any more."""

    found = Signal(object)  # list of FoundImage, in order, not empty
    finished = Signal()
    failed = Signal(str)  # message for the user
    _wanted = Signal(int, object, bool)

    def __init__(self, *, finder: Finder = find_images, parent: QObject | None = None) -> None:
        """Start the thread.

        Args:
            finder: As `core.files.find_images`.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._ticket = 0
        self._running = False
        self._worker = _Worker(finder, lambda ticket: ticket != self._ticket)
        self._thread = start_in_thread(self._worker, "folder scan")
        self._wanted.connect(self._worker.run)
        self._worker.found.connect(self._on_found)
        self._worker.finished.connect(self._on_finished)
        self._worker.failed.connect(self._on_failed)

    @property
    def running(self) -> bool:
        """Whether a search is under way."""
        return self._running

    def start(self, paths: Sequence[Path], *, recursive: bool = True) -> None:
        """Look for images in files and folders.

        Args:
            paths: Files and folders.
            recursive: Whether to go into sub-folders.
        """
        self.cancel()
        self._running = True
        self._wanted.emit(self._ticket, list(paths), recursive)

    def cancel(self) -> None:
        """Stop at once."""
        self._ticket += 1
        self._running = False

    def close(self, *, grace_ms: int = 1000) -> bool:
        """Stop and end the thread. Returns whether it ended in time."""
        self.cancel()
        return end_thread(self._thread, grace_ms=grace_ms)

    @Slot(int, object)
    def _on_found(self, ticket: int, images: list[FoundImage]) -> None:
        if ticket == self._ticket:
            self.found.emit(images)
        # By way of the event loop, so that painting has its turn between two chunks.
        QTimer.singleShot(0, self._worker.go_on)

    @Slot(int)
    def _on_finished(self, ticket: int) -> None:
        if ticket == self._ticket:
            self._running = False
            self.finished.emit()

    @Slot(int, str)
    def _on_failed(self, ticket: int, message: str) -> None:
        if ticket == self._ticket:
            self._running = False
            self.failed.emit(message)
