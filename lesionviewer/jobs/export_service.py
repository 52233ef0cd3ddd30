"""Exports off the window's thread, one at a time, that can be stopped."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from lesionviewer.core.errors import LesionViewerError
from lesionviewer.core.export.contents import Contents, ExportedImage
from lesionviewer.core.export.dicom_sr import write_dicom_sr
from lesionviewer.core.export.document import write_document
from lesionviewer.core.export.folders import write_folders
from lesionviewer.core.export.isic2018 import write_isic2018
from lesionviewer.core.export.pixels import PixelSource, pixels_from
from lesionviewer.core.export.table import write_table
from lesionviewer.engine.pipeline import Decoder
from lesionviewer.engine.report.report import write_report

log = logging.getLogger(__name__)

_CRASHED = "The export failed. Details are in the log file."


class ExportFormat(Enum):
    """What can be written; the value is its name on the command line."""

    CSV = "csv"
    JSON = "json"
    ISIC2018 = "isic2018"
    PDF = "pdf"
    FOLDERS = "folders"
    DICOM_SR = "dicom-sr"


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What a reader wants written.

    Attributes:
        format: How.
        out: File or folder.
        links: Whether folders get links in place of copies.
    """

    format: ExportFormat
    out: Path
    links: bool = False


class _StoppedError(LesionViewerError):
    """The reader stopped the export."""


class ExportService(QObject):
    """Every wish ends with `finished`, `failed` or `stopped`."""

    advanced = Signal(int, int)  # images whose pictures were written, of all
    finished = Signal(object, object)  # ExportWish, names of images that could not be read
    failed = Signal(str)  # message for the reader
    stopped = Signal()

    def __init__(self, pool: Decoder, parent: QObject | None = None) -> None:
        """Start without work.

        Args:
            pool: Decodes whole pictures.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._pixels = pixels_from(pool.submit)
        self._stop = Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="export")

    def start(self, wish: ExportWish, contents: Contents) -> None:
        """Write `contents`; what is there already by that name is replaced as the format says."""
        self._stop.clear()
        self._thread.submit(self._work, wish, contents)

    def stop(self) -> None:
        """Leave nothing of the export behind. It ends after the picture it is at."""
        self._stop.set()

    def close(self) -> None:
        """Stop and end the thread."""
        self.stop()
        self._thread.shutdown()

    def _work(self, wish: ExportWish, contents: Contents) -> None:
        try:
            lost = _WRITERS[wish.format](wish, contents, self._counted(len(contents.images)))
        except _StoppedError:
            self.stopped.emit()
        except LesionViewerError as error:
            self.failed.emit(str(error))
        except Exception:
            log.exception("The export crashed")
            self.failed.emit(_CRASHED)
        else:
            self.finished.emit(wish, lost)

    def _counted(self, total: int) -> PixelSource:
        done = 0

        def pixels(image: ExportedImage) -> NDArray[np.uint8] | None:
            nonlocal done
            if self._stop.is_set():
                raise _StoppedError
            picture = self._pixels(image)
            done += 1
            self.advanced.emit(done, total)
            return picture

        return pixels


_Writer = Callable[[ExportWish, Contents, PixelSource], tuple[str, ...]]


def _table(write: Callable[[Contents, Path], None]) -> _Writer:
    def work(wish: ExportWish, contents: Contents, _: PixelSource) -> tuple[str, ...]:
        write(contents, wish.out)
        return ()

    return work


_WRITERS: dict[ExportFormat, _Writer] = {
    ExportFormat.CSV: _table(write_table),
    ExportFormat.JSON: _table(write_document),
    ExportFormat.ISIC2018: _table(write_isic2018),
    ExportFormat.PDF: lambda wish, contents, pixels: write_report(contents, wish.out, pixels),
    ExportFormat.DICOM_SR: lambda wish, contents, pixels: write_dicom_sr(
        contents, wish.out, pixels
    ),
    ExportFormat.FOLDERS: lambda wish, contents, pixels: write_folders(
        contents, wish.out, pixels, links=wish.links
    ),
}
