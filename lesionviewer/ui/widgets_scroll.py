"""Pages that scroll where the window or the screen is too small for them."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_FRAME_PX = 16
"""What a window manager may draw around a window, on each side."""


class _Area(QScrollArea):
    """Leaves the arrows to the left and right to the window: next and previous image."""

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)


def scrolled(page: QWidget) -> QScrollArea:
    """Return `page` in a frameless area that scrolls down and lets the ground show through."""
    area = _Area(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    area.viewport().setAutoFillBackground(False)
    page.setAutoFillBackground(False)
    return area


def within_screen(widget: QWidget, size: QSize) -> QSize:
    """Return `size`, or as much of it as the screen of `widget` has room for beside a frame."""
    room = widget.screen().availableSize() - QSize(2 * _FRAME_PX, 2 * _FRAME_PX)
    return size.boundedTo(room)
