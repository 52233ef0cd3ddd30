"""The reader's own confirmed images: added, listed and removed off the window's thread."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Qt, Signal, Slot

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.errors import LesionViewerError
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.doubt.own_building import ConfirmedImage, confirmed_images, library_rows
from lesionviewer.engine.doubt.own_library import (
    KeptLibrary,
    build_library,
    free_name,
    kept_libraries,
    libraries_dir,
    remove_library,
    save_library,
)
from lesionviewer.engine.doubt.reduction import Reduction
from lesionviewer.engine.pipeline import Decoder
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.worker_thread import ends_in_time

log = logging.getLogger(__name__)

_CRASHED = "This could not be done. Details are in the log file."
_UNNAMED = "Images"
_CANCELLED = "Cancelled; nothing was added."


class _CancelledError(Exception):
    """The reader does not want the library any more."""


class OwnLibraries(QObject):
    """One piece of work at a time; what is asked meanwhile waits."""

    listed = Signal(object)  # list of KeptLibrary
    usable = Signal(object)  # everything that similar cases are looked for in now
    progressed = Signal(int, int)  # images done, of how many
    said = Signal(str)  # how a piece of work ended
    _landed = Signal(object)  # Future of what to say

    def __init__(self, pool: Decoder, parent: QObject | None = None) -> None:
        """Start without a model.

        Args:
            pool: Decodes the pictures.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._pool = pool
        self._chosen: Chosen | None = None
        self._cancelled = Event()
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="own-libraries")
        self._landed.connect(self._on_landed, Qt.ConnectionType.QueuedConnection)

    @property
    def available(self) -> bool:
        """Whether the model that is open finds similar cases at all."""
        return _parts(self._chosen) is not None

    @property
    def busy(self) -> bool:
        """Whether a piece of work is under way."""
        return self._waiting > 0

    def set_engine(self, chosen: Chosen | None) -> None:
        """Work for this model from now on."""
        self.cancel()
        self._chosen = chosen

    def refresh(self) -> None:
        """Look which libraries there are; `listed` follows."""
        self._start(lambda: "")

    def add(self, source: Path) -> None:
        """Make a library of a folder with a sub-folder for each diagnosis, or of a CSV.

        Args:
            source: As for `confirmed_images`; the library is called as it is.
        """
        parts = _parts(self._chosen)
        if parts is not None:
            self._cancelled = cancelled = Event()
            self._start(lambda: self._add(source, *parts, cancelled))

    def remove(self, folder: Path) -> None:
        """Remove the library that lies in `folder`."""
        self._start(lambda: _remove(folder))

    def cancel(self) -> None:
        """End what is being added."""
        self._cancelled.set()

    def close(self, *, grace_ms: int) -> bool:
        """End the thread after the batch that is under way. Returns whether it ended in time."""
        self.cancel()
        self._chosen = None
        self._thread.shutdown(wait=False, cancel_futures=True)
        return ends_in_time(self._thread.shutdown, grace_ms=grace_ms)

    def _start(self, work: Callable[[], str]) -> None:
        chosen = self._chosen
        if chosen is not None:
            self._waiting += 1
            future = self._thread.submit(partial(_done, chosen, work))
            future.add_done_callback(self._landed.emit)

    def _add(
        self,
        source: Path,
        classifier: Classifier,
        bundle: ModelBundle,
        reduction: Reduction,
        cancelled: Event,
    ) -> str:
        def report(done: int, total: int) -> None:
            if cancelled.is_set():
                raise _CancelledError
            self.progressed.emit(done, total)

        images, unreadable = confirmed_images(source), list[ConfirmedImage]()
        rows = library_rows(
            images, self._pool, classifier, progress=report, on_unreadable=unreadable.append
        )
        called = source.stem if source.is_file() else source.name
        name = free_name(libraries_dir(), called or _UNNAMED)
        library = build_library(name, rows, reduction)
        if cancelled.is_set():
            raise _CancelledError
        save_library(library, libraries_dir() / name, bundle)
        words = f"{name}: {len(library):,} images added"
        return f"{words}, {len(unreadable):,} could not be read." if unreadable else f"{words}."

    @Slot(object)
    def _on_landed(self, future: "Future[tuple[str, list[KeptLibrary]]]") -> None:
        self._waiting -= 1
        if future.cancelled() or self._chosen is None:
            return
        words, kept = future.result()
        self.listed.emit(kept)
        own = [library.library for library in kept if library.library is not None]
        shipped = self._chosen.doubts.library
        self.usable.emit([*([shipped] if shipped else []), *own])
        if words:
            self.said.emit(words)


def _parts(chosen: Chosen | None) -> tuple[Classifier, ModelBundle, Reduction] | None:
    if chosen is None or chosen.opened is None or chosen.doubts.reduction is None:
        return None
    return chosen.classifier, chosen.opened, chosen.doubts.reduction


def _done(chosen: Chosen, work: Callable[[], str]) -> tuple[str, list[KeptLibrary]]:
    """Do a piece of work. Returns how it ended, and which libraries there are then."""
    try:
        words = work()
    except LesionViewerError as error:
        words = str(error)
    except _CancelledError:
        words = _CANCELLED
    except Exception:
        log.exception("Work on a library crashed")
        words = _CRASHED
    parts = _parts(chosen)
    if parts is None:
        return words, []
    _, bundle, reduction = parts
    return words, kept_libraries(libraries_dir(), bundle, reduction)


def _remove(folder: Path) -> str:
    remove_library(folder)
    return f"{folder.name} was removed; its pictures stay where they are."
