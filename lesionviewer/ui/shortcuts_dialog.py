"""The table of keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lesionviewer.ui.theme import current_tokens, type_font
from lesionviewer.ui.tokens import HEADING_PT, STRONG
from lesionviewer.ui.widgets_scroll import scrolled, within_screen
from lesionviewer.ui.widgets_text import label, separator

_PAD = 7
_COLUMNS = 2
_AROUND_PX = 96


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Keys and what they do.

    Attributes:
        keys: Each a key or keys held together, such as "Ctrl+F"; any of them does it.
        does: In few words.
    """

    keys: tuple[str, ...]
    does: str


class KeyCaps(QWidget):
    """Keys drawn as caps, side by side."""

    def __init__(self, keys: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = tuple(keys)
        self.setAccessibleName(", ".join(keys))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def _cap_width(self, key: str) -> int:
        return max(self.fontMetrics().horizontalAdvance(key) + 2 * _PAD, self._height())

    def _height(self) -> int:
        return self.fontMetrics().height() + 6

    # Qt overrides

    def sizeHint(self) -> QSize:
        width = sum(self._cap_width(key) for key in self._keys) + 4 * max(0, len(self._keys) - 1)
        return QSize(width, self._height())

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter, left = current_tokens(), QPainter(self), 0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(type_font())
        for key in self._keys:
            cap = QRectF(left, 0, self._cap_width(key), self._height())
            painter.setPen(QPen(QColor(tokens.line), 1))
            painter.setBrush(QColor(tokens.raised))
            painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setPen(QColor(tokens.text))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            left += int(cap.width()) + 4


class ShortcutsDialog(QDialog):
    """All keys at a glance; any of Escape, Enter and "Close" ends it."""

    def __init__(self, shortcuts: Sequence[Shortcut], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addWidget(label("Keys", points=HEADING_PT, weight=STRONG))
        page = _table(shortcuts, _COLUMNS)
        if page.sizeHint().width() > self.screen().availableSize().width() - _AROUND_PX:
            page = _table(shortcuts, 1)
        table = scrolled(page)
        column.addWidget(table, 1)
        column.addWidget(separator())
        row = QHBoxLayout()
        row.addWidget(
            label("Letters and digits act while no text field has the focus.", tone="quiet"), 1
        )
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row.addWidget(close)
        column.addLayout(row)
        # A scroll area by itself asks for less than its page.
        page_size = page.sizeHint() + QSize(table.verticalScrollBar().sizeHint().width(), 0)
        whole = self.sizeHint() - table.sizeHint() + page_size.expandedTo(table.sizeHint())
        self.resize(within_screen(self, whole))


def _table(shortcuts: Sequence[Shortcut], columns: int) -> QWidget:
    page = QWidget()
    grid = QGridLayout(page)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    rows = -(-len(shortcuts) // columns)
    for place, shortcut in enumerate(shortcuts):
        row, column = place % rows, 3 * (place // rows)
        grid.addWidget(KeyCaps(shortcut.keys), row, column, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(label(shortcut.does), row, column + 1)
    grid.setColumnMinimumWidth(2, 16)
    return page
