"""Free text about an image, handed on when the writer pauses or leaves."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from lesionviewer.ui.tokens import GRID

_PAUSE_MS = 1000
_LINES = 2


class NoteField(QPlainTextEdit):
    """Two lines; Escape and Ctrl+Enter leave it."""

    written = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Note (Ctrl+M)")
        self.setAccessibleName("Note")
        self.setTabChangesFocus(True)
        # Files dropped here are to be opened, not written into it.
        self.setAcceptDrops(False)
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing() + 5 * GRID)
        self._known = ""
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.flush)
        self.textChanged.connect(self._on_text)

    def show_note(self, text: str) -> None:
        """Show what is kept, unless the reader is writing something else just now."""
        if text == self._known:
            return
        self._known = text
        if not self._pause.isActive():
            self._put(text)

    def flush(self) -> None:
        """Hand on at once what was written."""
        self._pause.stop()
        text = self.toPlainText().rstrip()
        if text != self._known:
            self._known = text
            self.written.emit(text)

    def forget(self) -> None:
        """Begin with the next image: whatever it has is to be shown."""
        self.flush()
        self._known = ""
        self._put("")

    def _put(self, text: str) -> None:
        self.blockSignals(True)
        self.setPlainText(text)
        self.blockSignals(False)

    def _on_text(self) -> None:
        self._pause.start()

    # Qt overrides

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.flush()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape or (enter and held):
            self.flush()
            self.left.emit()
        else:
            super().keyPressEvent(event)
