"""Shows that what hangs on the pointer may be dropped on the window."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from lesionviewer.ui.theme import current_tokens, type_font
from lesionviewer.ui.tokens import HEADING_PT, RADIUS, STRONG

_INSET_PX = 12
_VEIL_ALPHA = 224
_WORDS = "Drop to open"


class DropFrame(QWidget):
    """A veil over its parent, hidden until something is dragged over it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def set_dragging(self, dragging: bool) -> None:
        """Show or hide it."""
        parent = self.parentWidget()
        if dragging and parent is not None:
            self.setGeometry(parent.rect())
            self.raise_()
        self.setVisible(dragging)

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = current_tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(tokens.ground)
        veil.setAlpha(_VEIL_ALPHA)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(tokens.accent), 2, Qt.PenStyle.DashLine))
        inside = self.rect().adjusted(_INSET_PX, _INSET_PX, -_INSET_PX, -_INSET_PX)
        painter.drawRoundedRect(inside, RADIUS, RADIUS)
        painter.setFont(type_font(HEADING_PT, STRONG))
        painter.setPen(QColor(tokens.text))
        painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, _WORDS)
