"""The bar at the top: open, what is open, filter, progress, everything else."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lesionviewer.ui.decided_view import DecidedView
from lesionviewer.ui.icons import icon
from lesionviewer.ui.progress_ring import ProgressView
from lesionviewer.ui.theme import type_font
from lesionviewer.ui.tokens import GRID, HEADING_PT, STRONG
from lesionviewer.ui.widgets_text import ElidedLabel, separator

_FILTER_PX = 220
_BRIEF_PX = 860
"""Width below which the progress says little, so that the title keeps its room."""
_LEAST_PX = 480
_NO_ARROW = "QToolButton { padding: 4px; } QToolButton::menu-indicator { image: none; width: 0; }"


class TopBar(QWidget):
    """Sends intents; the window knows what they mean."""

    text_changed = Signal(str)
    filter_left = Signal()  # the reader is done with it: Enter, or Escape, which empties it

    def __init__(self, open_menu: QMenu, main_menu: QMenu, *, tools: Sequence[QAction]) -> None:
        """Build the bar.

        Args:
            open_menu: What can be opened.
            main_menu: Everything else.
            tools: Actions with a button of their own while a set of images is open.
        """
        super().__init__()
        self.open_button = _menu_button("Open", "open", open_menu)
        self.open_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.menu_button = _menu_button("Menu", "more", main_menu)
        self.menu_button.setStyleSheet(_NO_ARROW)
        self.title = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.title.setFont(type_font(HEADING_PT, STRONG))
        policy = self.title.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.title.setSizePolicy(policy)
        self.filter = QLineEdit(placeholderText="Filter by name or diagnosis")
        self.filter.setClearButtonEnabled(True)
        # Files dropped here are to be opened, not written into it.
        self.filter.setAcceptDrops(False)
        self.filter.setAccessibleName("Filter")
        self.filter.setMinimumWidth(_FILTER_PX // 2)
        self.filter.setMaximumWidth(_FILTER_PX + 10 * GRID)
        self.filter.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.filter.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.filter.textChanged.connect(self.text_changed)
        self.filter.returnPressed.connect(self.filter_left)
        leave = QShortcut(Qt.Key.Key_Escape, self.filter)
        leave.setContext(Qt.ShortcutContext.WidgetShortcut)
        leave.activated.connect(self._leave_filter)
        self.progress, self.decided = ProgressView(), DecidedView()
        row = QHBoxLayout()
        row.setContentsMargins(2 * GRID, GRID + 2, 2 * GRID, GRID + 2)
        row.setSpacing(2 * GRID)
        row.addWidget(self.open_button)
        row.addWidget(_upright_line())
        row.addWidget(self.title, 3)
        row.addWidget(self.progress)
        row.addWidget(self.decided)
        row.addWidget(self.filter, 1)
        self._tools = [_tool_button(action) for action in tools]
        for button in self._tools:
            row.addWidget(button)
        row.addWidget(self.menu_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(separator())

    def set_reviewing(self, on: bool) -> None:
        """Show what belongs to an open set of images, or nothing of it."""
        for widget in (self.title, self.filter, self.progress, *self._tools):
            widget.setVisible(on)

    def _leave_filter(self) -> None:
        self.filter.clear()
        self.filter_left.emit()

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for figure in (self.progress, self.decided):
            figure.set_brief(event.size().width() < _BRIEF_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_PX, super().minimumSizeHint().height())


def _menu_button(text: str, name: str, menu: QMenu) -> QToolButton:
    button = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setText(text)
    button.setAccessibleName(text)
    button.setIcon(icon(name))
    button.setIconSize(QSize(20, 20))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setMenu(menu)
    return button


def _tool_button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(20, 20))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _upright_line() -> QFrame:
    line = QFrame()
    line.setProperty("surface", "line")
    line.setFixedSize(1, 5 * GRID)
    return line
