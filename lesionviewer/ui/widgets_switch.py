"""A switch: a check box that reads as on or off at a glance."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from lesionviewer.ui.theme import current_tokens

_TRACK = QSize(32, 18)
_GAP = 8


class Switch(QAbstractButton):
    """Track and knob, then its text; the whole of it can be clicked."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    # Qt overrides

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        text = _GAP + metrics.horizontalAdvance(self.text()) if self.text() else 0
        height = max(metrics.height(), _TRACK.height()) + 4
        return QSize(_TRACK.width() + text, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - _TRACK.height()) / 2
        track = QRectF(0, top, _TRACK.width(), _TRACK.height())
        on = self.isChecked()
        painter.setPen(QPen(QColor(tokens.accent if on else tokens.edge), 1))
        painter.setBrush(QColor(tokens.accent if on else tokens.field))
        painter.setOpacity(1.0 if self.isEnabled() else 0.4)
        radius = track.height() / 2
        painter.drawRoundedRect(track.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        knob = track.height() - 6
        left = track.right() - 3 - knob if on else track.left() + 3
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.on_accent if on else tokens.edge))
        painter.drawEllipse(QRectF(left, track.top() + 3, knob, knob))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.text if on else tokens.accent), 2))
            painter.drawRoundedRect(track.adjusted(1, 1, -1, -1), radius - 1, radius - 1)
        painter.setPen(QColor(tokens.text))
        words = QRectF(self.rect()).adjusted(track.right() + _GAP, 0, 0, 0)
        painter.drawText(
            words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text()
        )
