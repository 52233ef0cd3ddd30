"""When sessions cannot be kept: one dialog that names it, and the repair that the reader chose."""

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from lesionviewer.core.store.problems import StoreProblem
from lesionviewer.jobs.session_messages import SessionFailure
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.ui.review_page import ReviewPage
from lesionviewer.ui.session_keeper import SessionKeeper
from lesionviewer.ui.store_dialog import StoreDialog


class StoreTrouble(QObject):
    """Shows one dialog at a time; a trouble that was put away comes back only when asked for."""

    told = Signal(str)  # a trouble without a name

    def __init__(
        self,
        sessions: SessionService,
        keeper: SessionKeeper,
        page: ReviewPage,
        window: QWidget,
    ) -> None:
        """Connect the parts.

        Args:
            sessions: Fails, and repairs.
            keeper: Opens the session again.
            page: Says that nothing is saved.
            window: The dialog belongs to it.
        """
        super().__init__(window)
        self._sessions, self._keeper, self._page, self._window = sessions, keeper, page, window
        self._failure: SessionFailure | None = None
        self._is_open = False
        self._put_away: set[StoreProblem] = set()
        sessions.failed.connect(self._on_failed)
        sessions.opened.connect(self._on_opened)
        sessions.repaired.connect(self._on_repaired)
        page.service.restarted.connect(self._on_restarted)
        page.decision.why_requested.connect(self.show_dialog)

    @Slot()
    def show_dialog(self) -> None:
        """Name the last trouble again."""
        failure = self._failure
        shown = any(dialog.isVisible() for dialog in self._window.findChildren(StoreDialog))
        if failure is None or shown:
            return
        dialog = StoreDialog(failure, opening=not self._is_open, parent=self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        folder = failure.folder
        if folder is not None:
            dialog.backup_chosen.connect(lambda backup: self._sessions.restore(folder, backup))
            dialog.anew_requested.connect(lambda: self._sessions.begin_anew(folder))
        dialog.again_requested.connect(self._try_again)
        for wish in (dialog.backup_chosen, dialog.anew_requested):
            wish.connect(self._put_away.clear)
        dialog.open()

    @Slot()
    def _try_again(self) -> None:
        self._put_away.clear()
        self._keeper.open_again()

    @Slot(int)
    def _on_repaired(self, _: int) -> None:
        self._try_again()

    @Slot()
    def _on_restarted(self) -> None:
        self._is_open = False

    @Slot(object)
    def _on_opened(self, _: object) -> None:
        self._failure, self._is_open = None, True
        self._put_away.clear()

    @Slot(object)
    def _on_failed(self, failure: SessionFailure) -> None:
        if failure.problem is None:
            self.told.emit(failure.message)
            return
        self._failure = failure
        if not self._is_open:
            self._page.decision.show_saved("Not saved: why?", why=True)
        if failure.problem not in self._put_away:
            self._put_away.add(failure.problem)
            self.show_dialog()
