"""What makes a tool of the window: session, decisions, exports, and what is said of them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from lesionviewer.jobs.export_service import ExportService
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.ui.actions import Actions
from lesionviewer.ui.comparing import Comparing
from lesionviewer.ui.deciding import Deciding
from lesionviewer.ui.exporting import Exporting
from lesionviewer.ui.notice_bar import NoticeBar
from lesionviewer.ui.recent_sessions import RecentSessions
from lesionviewer.ui.review_page import ReviewPage
from lesionviewer.ui.session_keeper import SessionKeeper
from lesionviewer.ui.store_trouble import StoreTrouble
from lesionviewer.ui.top_bar import TopBar
from lesionviewer.ui.welcome import WelcomePage
from lesionviewer.ui.window_state import WindowState


class ReaderParts:
    """Built once with the window, which owns the parts.

    Attributes:
        recent: What was open before.
        deciding: Takes decisions.
        comparing: Shows several images beside each other.
    """

    def __init__(
        self,
        window: QWidget,
        sessions: SessionService,
        exports: ExportService,
        state: WindowState,
        *,
        page: ReviewPage,
        actions: Actions,
        open_paths: Callable[[Sequence[Path]], None],
    ) -> None:
        """Build the parts and connect them with each other.

        Args:
            window: Owns them.
            sessions: Keeps what the reader decides.
            exports: Writes it for others.
            state: What the window remembers.
            page: Shows the images.
            actions: What the reader can do.
            open_paths: Opens images and folders.
        """
        self.recent = RecentSessions(window, sessions, state, open_paths)
        self.keeper = SessionKeeper(sessions, page, state)
        self.deciding = Deciding(sessions, page, actions)
        self.comparing = Comparing(page, actions)
        self._trouble = StoreTrouble(sessions, self.keeper, page, window)
        Exporting(window, page, sessions, exports, actions)

    def connect_to(self, *, top: TopBar, notice: NoticeBar, welcome: WelcomePage) -> None:
        """Say in the window what there is to say."""
        for told in (
            self.keeper.told,
            self.deciding.refused,
            self.comparing.refused,
            self._trouble.told,
        ):
            told.connect(notice.say)
        self.keeper.text_restored.connect(top.filter.setText)
        self.deciding.counted.connect(top.decided.show_decided)
        self.recent.fill(welcome, notice)

    def open(self, paths: Sequence[Path]) -> None:
        """Open the session of what the window shows from now on."""
        self.recent.note_open(paths)
        self.keeper.open(paths)

    def leave(self) -> None:
        """Hand on what is still to be kept: the window closes."""
        self.deciding.settle()
        self.recent.note_closed()
