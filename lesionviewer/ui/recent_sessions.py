"""Going back to what was open before: recent folders with what was decided, and after a crash."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from lesionviewer.core.store.session_rows import SessionInfo
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.ui.notice_bar import NoticeBar
from lesionviewer.ui.welcome import WelcomePage
from lesionviewer.ui.window_state import WindowState

_CRASHED = "The program did not end as it should the last time. What was shown as saved is there."


class RecentSessions(QObject):
    """Fills the welcome page, and offers what was open when the program ended by itself."""

    def __init__(
        self,
        window: QWidget,
        sessions: SessionService,
        state: WindowState,
        open_paths: Callable[[Sequence[Path]], None],
    ) -> None:
        """Remember what was open.

        Args:
            window: Qt's owner.
            sessions: Knows how far each session is.
            state: Remembers the folders, and what is open.
            open_paths: Opens it.
        """
        super().__init__(window)
        self._sessions, self._state, self._open_paths = sessions, state, open_paths
        self._left_open = state.left_open
        self._notes: dict[Path, str] = {}
        sessions.listed.connect(self._on_listed)

    def fill(self, welcome: WelcomePage, notice: NoticeBar) -> None:
        """List the folders on the welcome page, and offer in `notice` what was open."""
        self._welcome, self._notice = welcome, notice
        welcome.recent_requested.connect(lambda folder: self._open_paths([folder]))
        self._list()
        self._sessions.list_sessions()

    def note_open(self, paths: Sequence[Path]) -> None:
        """Remember what is open until `note_closed`; folders come to the head of the list."""
        self._state.set_left_open([path.absolute() for path in paths])
        self._state.save()
        self._list()

    def note_closed(self) -> None:
        """Remember that the program ended as it should."""
        self._state.set_left_open([])

    def forget(self) -> None:
        """Forget the recent folders; their sessions stay."""
        self._state.clear_recent()
        self._list()

    def offer(self) -> None:
        """Offer what was open when the program ended by itself, if it did and all is there."""
        paths = self._left_open
        if paths and all(path.exists() for path in paths):
            name = paths[0].name or str(paths[0])
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            self._notice.say(
                _CRASHED, offer=f"Open {name}{more}", act=lambda: self._open_paths(paths)
            )

    def _list(self) -> None:
        self._welcome.set_recent(self._state.recent, self._notes)

    @Slot(object)
    def _on_listed(self, infos: Sequence[SessionInfo]) -> None:
        # The one opened last comes first and counts.
        for info in reversed(infos):
            if len(info.roots) == 1 and info.images:
                self._notes[Path(info.roots[0])] = f"{info.decided:,} of {info.images:,} decided"
        self._list()
