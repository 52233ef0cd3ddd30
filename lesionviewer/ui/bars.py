"""One diagnosis of a prediction: name, percentage and bar, as a button that asks "why?"."""

from math import ceil

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.ui.actions import EXPLAINED_BY_KEY
from lesionviewer.ui.theme import current_tokens, type_font
from lesionviewer.ui.tokens import REGULAR, STRONG, Tokens
from lesionviewer.ui.widgets_text import plain_tip

_PAD_X, _PAD_Y = 16, 6
_BAR = 6
_GAP = 2
_DIM = 0.35
"""Opacity of the bar of a picture that the model cannot judge."""
MALIGNANT = "malignant"
MALIGNANT_SIGN = "\u25b2"
"""A triangle, from the typeface."""


def percent(share: float) -> str:
    """Return a probability as a reader sees it; what is not 0 or 1 does not read as such.

    Args:
        share: 0.0 to 1.0.
    """
    if 0 < share < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    return f"{100 * share:.1f} %"


def point(threshold: float) -> str:
    """Return a threshold on a probability as a reader sees it, such as "50 %" or "7.5 %"."""
    return f"{100 * threshold:.1f}".removesuffix(".0") + " %"


class DiagnosisBar(QAbstractButton):
    """A row of the prediction panel."""

    explain_requested = Signal(int)
    compare_requested = Signal(int)

    def __init__(
        self, index: int, diagnosis: Diagnosis, colour: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.index = index
        self._diagnosis = diagnosis
        self._colour = QColor(colour)
        self._share = 0.0
        self._role = ""
        self._dim = False
        self._ring = False
        self._caption = self.caption_width
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._describe()

    @property
    def caption_width(self) -> float:
        """What code and mark take, in pixels; the panel gives all rows the widest."""
        code = QFontMetricsF(type_font()).horizontalAdvance(self._diagnosis.code)
        return ceil(code) + 1 + self._mark_width()

    def set_caption_width(self, width: float) -> None:
        """Give the words beside the bar `width` pixels, so that all bars are equally long."""
        self._caption = width
        self.update()

    def _mark_width(self) -> float:
        if not self._diagnosis.malignant:
            return 0.0
        mark = f"{MALIGNANT_SIGN} {MALIGNANT}"
        return 10 + ceil(QFontMetricsF(type_font()).horizontalAdvance(mark))

    def set_share(self, share: float) -> None:
        """Show a probability, 0.0 to 1.0."""
        self._share = share
        self._describe()
        self.update()

    def set_role(self, role: str) -> None:
        """Mark the row: "explained", "versus" or "" for neither."""
        self._role = role
        self._describe()
        self.update()

    def set_dim(self, dim: bool) -> None:
        """Paint the row as one whose figure means little; its words stay readable."""
        self._dim = dim
        self.update()

    def _describe(self) -> None:
        words = [self._diagnosis.name, percent(self._share)]
        words += [MALIGNANT] if self._diagnosis.malignant else []
        words += [self._role] if self._role else []
        self.setAccessibleName(", ".join(words))
        key = f" (Shift+{self.index + 1})" if self.index < EXPLAINED_BY_KEY else ""
        tip = (
            f"{self._diagnosis.name} ({self._diagnosis.code})\n"
            f"Click{key}: where the network saw it. "
            "Shift and click: the difference to the one explained."
        )
        self.setToolTip(plain_tip(tip))

    def _ask(self, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.compare_requested.emit(self.index)
        else:
            self.explain_requested.emit(self.index)

    # Qt overrides

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(320, 2 * _PAD_Y + 2 * line + _GAP)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, self.sizeHint().height())

    def focusInEvent(self, event: QFocusEvent) -> None:
        mouse = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        self._ring = event.reason() not in mouse
        super().focusInEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.isDown() and self.rect().contains(event.position().toPoint())
        super().mouseReleaseEvent(event)
        if inside and event.button() is Qt.MouseButton.LeftButton:
            self._ask(event.modifiers())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Select)
        if event.key() in keys:
            self._ask(event.modifiers())
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, tokens)
        line = self.fontMetrics().height()
        first = QRectF(_PAD_X, _PAD_Y, self.width() - 2 * _PAD_X, line)
        second = first.translated(0, line + _GAP)
        self._paint_words(painter, first, tokens)
        self._paint_bar(painter, second, tokens)

    def _paint_ground(self, painter: QPainter, tokens: Tokens) -> None:
        card = QRectF(self.rect()).adjusted(6.5, 0.5, -6.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._role == "explained":
            painter.setBrush(QColor(tokens.selected))
        elif self.underMouse():
            painter.setBrush(QColor(tokens.hover))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._role == "versus":
            painter.setPen(QPen(QColor(tokens.accent), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(card, 6, 6)
        if self.hasFocus() and self._ring:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_words(self, painter: QPainter, line: QRectF, tokens: Tokens) -> None:
        chosen = self._role == "explained"
        figures = type_font(weight=STRONG if chosen else REGULAR, tabular=True)
        painter.setFont(figures)
        painter.setPen(QColor(tokens.quiet if self._dim else tokens.text))
        text = percent(self._share)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        room = line.width() - QFontMetricsF(figures).horizontalAdvance(text) - 8
        painter.setFont(type_font(weight=STRONG if chosen else REGULAR))
        name = painter.fontMetrics().elidedText(
            self._diagnosis.name, Qt.TextElideMode.ElideRight, int(room)
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_bar(self, painter: QPainter, line: QRectF, tokens: Tokens) -> None:
        """The bar, and on its right the code and, where so, sign and word for malignant."""
        caption = min(self._caption, 0.65 * line.width())
        track = QRectF(line.left(), 0, line.width() - caption - 12, _BAR)
        track.moveTop(line.center().y() - _BAR / 2)
        shape = QPainterPath()
        shape.addRoundedRect(track, _BAR / 2, _BAR / 2)
        painter.fillPath(shape, QColor(tokens.line))
        if self._share > 0:
            painter.save()
            painter.setClipPath(shape)
            length = max(2.0, track.width() * self._share)
            painter.setOpacity(_DIM if self._dim else 1.0)
            painter.fillRect(QRectF(track.topLeft(), QSizeF(length, _BAR)), self._colour)
            painter.restore()
        words = QRectF(line.right() - caption, line.top(), caption, line.height())
        painter.setFont(type_font())
        painter.setPen(QColor(tokens.quiet))
        metrics = painter.fontMetrics()
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        code = metrics.elidedText(
            self._diagnosis.code,
            Qt.TextElideMode.ElideRight,
            int(words.width() - self._mark_width()),
        )
        painter.drawText(words, left, code)
        if self._diagnosis.malignant:
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(words, right, f"{MALIGNANT_SIGN} {MALIGNANT}")
