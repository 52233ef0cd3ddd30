"""The right side: what the model says, scrolled, and what the reader decides, in sight."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lesionviewer.ui.widgets_scroll import scrolled

_LEAST = QSize(280, 120)
_ROOM_PX = 200
"""What the figures are left with above a section that stays in sight."""


class FiguresColumn(QWidget):
    """Where it is too low for both, the section that stays in sight scrolls with the others."""

    def __init__(self, panels: Sequence[QWidget], pinned: QWidget) -> None:
        """Build the column.

        Args:
            panels: From the top down.
            pinned: Stays at the bottom.
        """
        super().__init__()
        self._pinned, self._count = pinned, len(panels)
        page = QWidget()
        page.setProperty("surface", "plain")
        self._scrolled = _column(page)
        for panel in panels:
            self._scrolled.addWidget(panel)
        self._scrolled.addStretch(1)
        self._column = _column(self)
        self._column.addWidget(scrolled(page), 1)
        self._column.addWidget(pinned)
        self.setMinimumWidth(_LEAST.width())

    # Qt overrides

    def minimumSizeHint(self) -> QSize:
        return _LEAST

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        pin = self.height() >= self._pinned.sizeHint().height() + _ROOM_PX
        if pin == (self._column.indexOf(self._pinned) >= 0):
            return
        if pin:
            self._column.addWidget(self._pinned)
        else:
            self._scrolled.insertWidget(self._count, self._pinned)


def _column(page: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return column
