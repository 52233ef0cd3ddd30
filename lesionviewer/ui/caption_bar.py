"""Below the picture: which one it is, and the tools to look at it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lesionviewer.ui.tokens import GRID
from lesionviewer.ui.widgets_text import ElidedLabel, label, separator


class CaptionBar(QWidget):
    """One line: name · 3 of 400 · 600×450 · 1:1 62 %, and flat buttons."""

    def __init__(self, tools: list[QAction | None]) -> None:
        """Build the line.

        Args:
            tools: Actions in order; None stands for a gap.
        """
        super().__init__()
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._facts = label(tone="quiet", tabular=True)
        row = QHBoxLayout()
        row.setContentsMargins(3 * GRID, GRID, 2 * GRID, GRID)
        row.setSpacing(GRID // 2)
        words = QHBoxLayout()
        words.setSpacing(2 * GRID)
        words.addWidget(self._name)
        words.addWidget(self._facts)
        words.addStretch(1)
        row.addLayout(words, 1)
        row.addSpacing(2 * GRID)
        for tool in tools:
            if tool is None:
                row.addSpacing(2 * GRID)
                continue
            button = QToolButton()
            button.setDefaultAction(tool)
            button.setIconSize(QSize(18, 18))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(separator())
        column.addLayout(row)

    @property
    def words(self) -> str:
        """The whole line."""
        return f"{self._name.accessibleName()} {self._facts.text()}".strip()

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
        self._facts.setText(" · ".join(["", *facts]).strip())

    def clear(self) -> None:
        """Show nothing."""
        self._name.set_text("")
        self._facts.clear()
