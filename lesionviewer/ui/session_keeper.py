"""Keeps window and session in step: files and their digests, and how they are looked at."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from lesionviewer.core.arranging import SortKey
from lesionviewer.jobs.session_messages import Known, OpenedSession
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.ui.review_page import ReviewPage
from lesionviewer.ui.session_view import arrangement_of, view_of
from lesionviewer.ui.window_state import WindowState

_AT_ONCE = 1000
_SORT = "page/sort"


class SessionKeeper(QObject):
    """Tells the session of files as they are found and read, and brings back what it knows."""

    told = Signal(str)  # something that the reader should know
    text_restored = Signal(str)  # words that the list was filtered by

    def __init__(self, sessions: SessionService, page: ReviewPage, state: WindowState) -> None:
        """Connect the parts.

        Args:
            sessions: Keeps the session.
            page: Shows its images.
            state: Remembers the order of the list for sessions that are new.
        """
        super().__init__(page)
        self._sessions, self._page, self._service = sessions, page, page.service
        self._state = state
        self._paths: tuple[Path, ...] = ()
        self._open = False
        self._named = 0
        self._wanted_image = ""
        sessions.opened.connect(self._on_opened)
        sessions.known.connect(self._on_known)
        self._service.restarted.connect(self._on_restarted)
        self._service.listed.connect(self._on_listed)
        self._service.digested.connect(self._on_digested)
        page.opened.connect(self._on_looked)
        page.list.model.modelReset.connect(self._on_looked)

    def open(self, paths: Sequence[Path]) -> None:
        """Open the session of what the window shows."""
        self._paths = tuple(paths)
        self.open_again()

    @Slot()
    def open_again(self) -> None:
        """Open the session of what the window shows, after that failed."""
        self._sessions.open(self._paths)

    @Slot()
    def _on_restarted(self) -> None:
        self._open, self._named, self._wanted_image = False, 0, ""

    @Slot(object)
    def _on_opened(self, session: OpenedSession) -> None:
        if session.backup_failure:
            self.told.emit(session.backup_failure)
        self._restore(session)
        self._open, self._named = True, 0
        self._sessions.begin_scan()
        images = self._service.images
        read = {images.path(i): images.reader.digest(i) for i in range(len(images))}
        self._on_listed()
        self._sessions.note_digests({path: sha256 for path, sha256 in read.items() if sha256})

    def _restore(self, session: OpenedSession) -> None:
        view = session.view
        sort = self._state.word(_SORT, SortKey.NAME.name, list(SortKey.__members__))
        wanted = arrangement_of(view, sort=sort)
        if view.operating_point is not None:
            self._page.set_threshold(view.operating_point)
        self._page.list.restore(wanted)
        if wanted.text:
            self.text_restored.emit(wanted.text)
        # Whoever went on meanwhile is not taken back.
        self._wanted_image = view.image if self._page.open_image.image <= 0 else ""

    @Slot()
    def _on_listed(self) -> None:
        """Name the files that were found since the last time, and open the one left last."""
        images = self._service.images
        while self._open and self._named < len(images):
            start = self._named
            self._named = min(start + _AT_ONCE, len(images))
            paths = [images.path(image).absolute() for image in range(start, self._named)]
            self._sessions.add_images(paths, start=start)
            if self._wanted_image in map(str, paths):
                self._page.open(start + list(map(str, paths)).index(self._wanted_image))
                self._wanted_image = ""

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
        self._service.recall(told)
        if told:
            self._page.list.refresh_all()

    @Slot()
    def _on_looked(self) -> None:
        if self._open and not self._wanted_image and len(self._service.images):
            view = view_of(self._page)
            self._state.set_word(_SORT, view.sort)
            self._sessions.save_view(view)
