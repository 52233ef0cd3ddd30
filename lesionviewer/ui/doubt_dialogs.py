"""Operating point, quality sheet, own images: opened from the menu, by key, or from a notice."""

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog, QWidget

from lesionviewer.engine.doubt.operating import OperatingCurve
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.ui.actions import Actions
from lesionviewer.ui.library_dialog import LibraryDialog
from lesionviewer.ui.notice_bar import NoticeBar
from lesionviewer.ui.operating_dialog import OperatingDialog
from lesionviewer.ui.quality_sheet import QualitySheet, severe_words
from lesionviewer.ui.review_page import ReviewPage

_OFFER = "Quality sheet"


class DoubtDialogs(QObject):
    """Knows what the model brought, and offers the sheet once all was looked through."""

    def __init__(
        self,
        window: QWidget,
        service: ReviewService,
        *,
        actions: Actions,
        page: ReviewPage,
        notice: NoticeBar,
    ) -> None:
        """Connect the parts.

        Args:
            window: The dialogs belong to it.
            service: Flags the images.
            actions: Open the dialogs.
            page: Lists the images of a flag.
            notice: Where the sheet is offered.
        """
        super().__init__(window)
        self._window, self._service = window, service
        self._actions, self._page, self._notice = actions, page, notice
        self._curve: OperatingCurve | None = None
        service.engine_started.connect(self._on_engine)
        service.finished.connect(self._on_finished)
        actions.operating.triggered.connect(self._show_operating)
        actions.quality.triggered.connect(self._show_quality)
        actions.libraries.triggered.connect(self._show_libraries)
        actions.libraries.setEnabled(False)

    @Slot(object)
    def _on_engine(self, chosen: Chosen) -> None:
        self._curve = chosen.doubts.operating
        marks = any(diagnosis.malignant for diagnosis in chosen.classifier.card.diagnoses)
        self._actions.operating.setEnabled(marks)
        self._actions.similar.setEnabled(bool(chosen.libraries))
        self._actions.libraries.setEnabled(self._service.libraries.available)

    @Slot()
    def _on_finished(self) -> None:
        words = severe_words(self._service.images)
        if words and not self._notice.words:
            self._notice.say(words, offer=_OFFER, act=self._actions.quality.trigger)

    @Slot()
    def _show_operating(self) -> None:
        """Open it beside the window, so that images can be looked at meanwhile; only once."""
        open_one = self._window.findChild(OperatingDialog)
        if open_one is not None:
            open_one.raise_()
            open_one.activateWindow()
            return
        dialog = OperatingDialog(self._service, self._curve, self._page.set_threshold, self._window)
        _deleted_once_closed(dialog).show()

    @Slot()
    def _show_quality(self) -> None:
        self._notice.put_away()
        sheet = QualitySheet(self._service.images, self._window)
        sheet.flag_chosen.connect(self._page.show_flagged)
        _deleted_once_closed(sheet).open()

    @Slot()
    def _show_libraries(self) -> None:
        _deleted_once_closed(LibraryDialog(self._service.libraries, self._window)).open()


def _deleted_once_closed(dialog: QDialog) -> QDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
