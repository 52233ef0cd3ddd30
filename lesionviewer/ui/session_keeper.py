"""Keeps window and session in step: which files there are, and what their digests are."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from lesionviewer.jobs.session_messages import Known, OpenedSession
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.ui.review_page import ReviewPage

_AT_ONCE = 1000


class SessionKeeper(QObject):
    """Tells the session of files as they are found and read, and the window what is known."""

    told = Signal(str)  # something that the reader should know

    def __init__(self, sessions: SessionService, page: ReviewPage) -> None:
        """Connect the parts.

        Args:
            sessions: Keeps the session.
            page: Shows its images.
        """
        super().__init__(page)
        self._sessions, self._page, self._service = sessions, page, page.service
        self._open = False
        self._named = 0
        sessions.opened.connect(self._on_opened)
        sessions.known.connect(self._on_known)
        self._service.restarted.connect(self._on_restarted)
        self._service.listed.connect(self._name_files)
        self._service.digested.connect(self._on_digested)

    def open(self, paths: Sequence[Path]) -> None:
        """Open the session of what the window shows."""
        self._sessions.open(paths)

    @Slot()
    def _on_restarted(self) -> None:
        self._open, self._named = False, 0

    @Slot(object)
    def _on_opened(self, session: OpenedSession) -> None:
        self._open = True
        if session.backup_failure:
            self.told.emit(session.backup_failure)
        self._sessions.begin_scan()
        images = self._service.images
        read = {images.path(i): images.reader.digest(i) for i in range(len(images))}
        self._name_files()
        self._sessions.note_digests({path: sha256 for path, sha256 in read.items() if sha256})

    @Slot()
    def _name_files(self) -> None:
        """Name the files that were found since the last time."""
        images = self._service.images
        while self._open and self._named < len(images):
            start = self._named
            self._named = min(start + _AT_ONCE, len(images))
            paths = [images.path(image) for image in range(start, self._named)]
            self._sessions.add_images(paths, start=start)

    @Slot(int, str)
    def _on_digested(self, image: int, sha256: str) -> None:
        if self._open:
            self._sessions.note_digests({self._service.images.path(image): sha256})

    @Slot(object)
    def _on_known(self, known: Known) -> None:
        reader = self._service.images.reader
        told = [
            image.position
            for image in known.images
            # What was read just now is newer than what the session remembers.
            if image.sha256
            and not reader.digest(image.position)
            and reader.note_digest(image.position, image.sha256)
        ]
        self._page.list.refresh(told)
