"""For work without a person: a picture of the window once all is classified, then the end."""

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.ui.main_window import MainWindow

_SETTLE_MS = 250
_MOST_TRIES = 40
NOTHING_DONE = 2


class WhenDone(QObject):
    """Takes the picture and quits, as far as wished. `status` is the program's exit status."""

    def __init__(
        self, window: MainWindow, service: ReviewService, *, screenshot: Path | None, leave: bool
    ) -> None:
        """Wait for the end of the work.

        Args:
            window: What is photographed and closed.
            service: Does the work.
            screenshot: PNG file to write.
            leave: Whether to close the window then.
        """
        super().__init__(window)
        self.status = 0
        self._window, self._service = window, service
        self._screenshot, self._leave = screenshot, leave
        self._tries = 0
        service.finished.connect(self._on_finished)
        service.engine_failed.connect(self._on_failed)
        service.scan_failed.connect(self._on_failed)

    @Slot()
    def _on_finished(self) -> None:
        if not self._service.images.counts.total:
            self._on_failed("No image was found.")
            return
        self._try()

    def _try(self) -> None:
        """Wait until the thumbnails in sight are painted, but not for ever."""
        self._tries += 1
        if self._window.page.list.is_settled() or self._tries > _MOST_TRIES:
            QTimer.singleShot(_SETTLE_MS, self, self._end)
        else:
            QTimer.singleShot(_SETTLE_MS, self, self._try)

    @Slot()
    def _end(self) -> None:
        if self._screenshot is not None and not self._window.grab().save(str(self._screenshot)):
            self._complain("The picture of the window could not be written.")
        if self._leave:
            self._window.close()

    @Slot(str)
    def _on_failed(self, message: str) -> None:
        if self._leave:
            self._complain(message)
            self._window.close()

    def _complain(self, message: str) -> None:
        self.status = NOTHING_DONE
        sys.stderr.write(f"lesionviewer: {message}\n")
