"""Below the picture: which one it is, and the tools to look at it."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lesionviewer.ui.theme import type_font
from lesionviewer.ui.tokens import GRID
from lesionviewer.ui.widgets_text import ElidedLabel, separator

_ALL_TOOLS_PX = 480
_NAME_PX = 120
"""What a name is left with before a fact gives way to it."""


class CaptionBar(QWidget):
    """One line: name · 3 of 400 · 600×450 · 1:1 62 %, and flat buttons."""

    def __init__(self, tools: list[QAction | None], *, spare: Sequence[QAction] = ()) -> None:
        """Build the line.

        Args:
            tools: Actions in order; None stands for a gap.
            spare: Those that go where the line is narrow, since the menu has them too.
        """
        super().__init__()
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._facts = ElidedLabel(quiet=True)
        self._facts.setFont(type_font(tabular=True))
        self._facts.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._all_facts: list[str] = []
        self._tools = QWidget()
        self._spare = _add_tools(self._tools, tools, spare)
        row = QHBoxLayout()
        row.setContentsMargins(3 * GRID, GRID, 2 * GRID, GRID)
        row.setSpacing(2 * GRID)
        row.addWidget(self._name)
        row.addWidget(self._facts)
        row.addStretch(1)
        row.addWidget(self._tools)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(separator())
        column.addLayout(row)

    @property
    def words(self) -> str:
        """The whole line."""
        return " · ".join([self._name.accessibleName(), *self._all_facts]).strip(" ·")

    def show_image(
        self,
        name: str,
        *,
        position: tuple[int, int],
        size: tuple[int, int] | None,
        zoom: float | None,
    ) -> None:
        """Show facts of the open image.

        Args:
            name: Its name.
            position: Its place in the list, counted from 1, and the length of the list.
            size: Width and height in pixels, if known.
            zoom: Device pixels to a pixel of the picture, if it is shown.
        """
        place, count = position
        facts = [f"{place:,} of {count:,}"] if place else []
        if size:
            facts.append(f"{size[0]}×{size[1]}")
        if zoom is not None:
            facts.append(f"1:1 {100 * zoom:.0f} %" if zoom != 1 else "1:1")
        self._name.set_text(name)
        self._all_facts = facts
        self._fit()

    def clear(self) -> None:
        """Show nothing."""
        self._name.set_text("")
        self._all_facts = []
        self._fit()

    def _fit(self) -> None:
        """Show as many tools and facts as have room beside the name, the first ones first."""
        for button in self._spare:
            button.setVisible(self.width() >= _ALL_TOOLS_PX)
        metrics, name = self._facts.fontMetrics(), self._name.sizeHint().width()
        room = self.width() - self._tools.sizeHint().width() - min(name, _NAME_PX) - 10 * GRID
        facts = list(self._all_facts)
        while len(facts) > 1 and metrics.horizontalAdvance(_joined(facts)) > room:
            facts.pop()
        self._facts.set_text(_joined(facts))
        self._facts.setFixedWidth(max(0, min(self._facts.sizeHint().width(), room)))

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _joined(facts: list[str]) -> str:
    return " · ".join(["", *facts]).strip()


def _add_tools(
    strip: QWidget, tools: list[QAction | None], spare: Sequence[QAction]
) -> list[QToolButton]:
    """Fill `strip` and return the buttons of what is to spare."""
    buttons = []
    row = QHBoxLayout(strip)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GRID // 2)
    for tool in tools:
        if tool is None:
            row.addSpacing(GRID)
            continue
        button = QToolButton()
        button.setDefaultAction(tool)
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(button)
        if tool in spare:
            buttons.append(button)
    return buttons
