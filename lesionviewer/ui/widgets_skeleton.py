"""Grey rows in the place of what is on its way."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lesionviewer.ui.theme import current_tokens

_ROW = 52
_LENGTHS = (0.62, 0.48, 0.55, 0.4, 0.5, 0.36, 0.44)


class Skeleton(QWidget):
    """Stands still: what moves would draw the eye from the picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = len(_LENGTHS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Waiting for the prediction")

    def set_rows(self, rows: int) -> None:
        """Stand in for so many rows."""
        self._rows = rows
        self.updateGeometry()
        self.update()

    # Qt overrides

    def sizeHint(self) -> QSize:
        return QSize(240, self._rows * _ROW + 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_tokens().line))
        width = self.width() - 32
        for row in range(self._rows):
            top = 8 + row * _ROW
            share = _LENGTHS[row % len(_LENGTHS)]
            painter.drawRoundedRect(QRectF(16, top + 11, width * share, 10), 4, 4)
            painter.drawRoundedRect(QRectF(16 + width - 44, top + 11, 44, 10), 4, 4)
            painter.drawRoundedRect(QRectF(16, top + 34, width * 0.6, 6), 3, 3)
