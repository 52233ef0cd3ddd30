"""Exports from the window: which images, what is told of them, how it went."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from lesionviewer.core.arranging import Show
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.export_service import ExportService, ExportWish
from lesionviewer.jobs.session_messages import OpenedSession
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.ui.actions import Actions
from lesionviewer.ui.export_contents import Background, contents_of
from lesionviewer.ui.export_dialog import ExportDialog
from lesionviewer.ui.review_page import ReviewPage


class Exporting(QObject):
    """Knows model and session, which every export names."""

    def __init__(
        self,
        window: QWidget,
        page: ReviewPage,
        sessions: SessionService,
        exports: ExportService,
        actions: Actions,
    ) -> None:
        """Connect the parts.

        Args:
            window: The dialog belongs to it.
            page: Shows the images.
            sessions: Knows session, lesions and metadata.
            exports: Writes.
            actions: Opens the dialog.
        """
        super().__init__(window)
        self._window, self._page, self._exports = window, page, exports
        self._action = actions.export
        self._chosen: Chosen | None = None
        self._session: OpenedSession | None = None
        page.service.engine_started.connect(self._on_engine)
        page.service.restarted.connect(self._on_restarted)
        sessions.opened.connect(self._on_opened)
        self._action.triggered.connect(self.show_dialog)
        self._action.setEnabled(False)

    @Slot()
    def show_dialog(self) -> None:
        """Ask what to export."""
        if self._chosen is None or not len(self._page.service.images):
            return
        background = Background.of(self._chosen, self._session)
        scopes = [(name, len(images)) for name, images in self._scopes().items() if len(images)]
        dialog = ExportDialog(scopes, patient_data=background.has_patient_data, parent=self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wished.connect(self._start)
        dialog.stop_requested.connect(self._exports.stop)
        self._exports.advanced.connect(dialog.show_progress)
        self._exports.failed.connect(dialog.show_failure)
        self._exports.stopped.connect(dialog.show_stopped)
        self._exports.finished.connect(dialog.show_done)
        dialog.open()

    @Slot(object, str, bool)
    def _start(self, wish: ExportWish, scope: str, patient_data: bool) -> None:
        if self._chosen is not None:
            images = self._page.service.images
            background = Background.of(self._chosen, self._session)
            wanted = self._scopes().get(scope, ())
            contents = contents_of(images, wanted, background, patient_data=patient_data)
            self._exports.start(wish, contents)

    def _scopes(self) -> dict[str, Sequence[int]]:
        """Which images there are to choose from, by name."""
        page = self._page
        columns, model = page.service.images.columns, page.list.model
        return {
            "All": range(len(page.service.images)),
            "Listed": [model.image_at(row) for row in range(model.rowCount())],
            "Selected": page.list.view.selection.images,
            "Decided": columns.shown(Show.DECIDED).nonzero()[0].tolist(),
            "Open image": [image for image in [page.open_image.image] if image >= 0],
        }

    @Slot(object)
    def _on_engine(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self._action.setEnabled(True)

    @Slot()
    def _on_restarted(self) -> None:
        self._session = None

    @Slot(object)
    def _on_opened(self, session: OpenedSession) -> None:
        self._session = session
