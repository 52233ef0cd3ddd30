"""The strip that shows while the square is being moved: what to do, back to the centre, done."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget


class RegionBar(QFrame):
    """Floats over the image view's upper edge."""

    reset_requested = Signal()
    done_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = parent
        self.setProperty("surface", "raised")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(8)
        self._hint = QLabel("Drag the square to the lesion")
        self._hint.setToolTip("Its corners and the arrow keys work too; with Shift they size it")
        self._reset = QPushButton("Centre")
        self._reset.setToolTip("Back to the square in the middle of the picture")
        self._done = QPushButton("Done")
        self._done.setProperty("kind", "primary")
        row.addWidget(self._hint)
        row.addWidget(self._reset)
        row.addWidget(self._done)
        for button in (self._reset, self._done):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._reset.clicked.connect(self.reset_requested)
        self._done.clicked.connect(self.done_requested)

    def place(self) -> None:
        """Take the middle of the parent's upper edge; the hint gives way where it is narrow."""
        self._hint.show()
        if self.sizeHint().width() > self._view.width() - 16:
            self._hint.hide()
        self.adjustSize()
        self.move((self._view.width() - self.width()) // 2, 12)
