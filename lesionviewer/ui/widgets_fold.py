"""A part of a side panel that opens and closes by its heading."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lesionviewer.ui.icons import icon
from lesionviewer.ui.theme import type_font
from lesionviewer.ui.tokens import STRONG
from lesionviewer.ui.widgets_text import separator


class Fold(QWidget):
    """A heading that is a button, and `body` below it."""

    unfolded = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = QToolButton()
        self._head.setText(title)
        self._head.setFont(type_font(weight=STRONG))
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._head.clicked.connect(lambda: self.set_unfolded(not self.is_unfolded))
        self._content = QWidget()
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(16, 0, 16, 12)
        self.body.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(separator())
        row = QVBoxLayout()
        row.setContentsMargins(8, 8, 8, 4)
        row.addWidget(self._head)
        column.addLayout(row)
        column.addWidget(self._content)
        self._dress()

    @property
    def is_unfolded(self) -> bool:
        """Whether the body is shown."""
        return not self._content.isHidden()

    def set_unfolded(self, unfolded: bool) -> None:
        """Show or hide the body."""
        changed = unfolded != self.is_unfolded
        self._content.setVisible(unfolded)
        self._dress()
        if changed:
            self.unfolded.emit(unfolded)

    def _dress(self) -> None:
        shown = self.is_unfolded
        sign: QIcon = icon("chevron-down" if shown else "chevron-right")
        self._head.setIcon(sign)
        self._head.setAccessibleDescription("unfolded" if shown else "folded")
