"""How much of the set is decided: a ring and a few words."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from lesionviewer.ui.progress_ring import Ring
from lesionviewer.ui.tokens import GRID
from lesionviewer.ui.widgets_text import label


class DecidedView(QWidget):
    """Hidden until something is decided."""

    def __init__(self) -> None:
        super().__init__()
        self._ring = Ring()
        self._words = label(tone="quiet", tabular=True)
        self._decided = self._total = 0
        self._brief = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GRID)
        row.addWidget(self._ring)
        row.addWidget(self._words)
        self.show_decided(0, 0)

    @property
    def words(self) -> str:
        """What it says, empty while it is hidden."""
        return self._words.text() if self._decided else ""

    def set_brief(self, brief: bool) -> None:
        """Leave the word to the tooltip, or show it."""
        self._brief = brief
        self.show_decided(self._decided, self._total)

    def show_decided(self, decided: int, total: int) -> None:
        """Show how many of all images are decided."""
        self._decided, self._total = decided, total
        whole = f"{decided:,} of {total:,} decided"
        self._ring.set_share(decided / total if total else 0.0)
        self._words.setText(f"{decided:,}/{total:,}" if self._brief else whole)
        self.setToolTip(whole)
        self.setAccessibleName(whole)
        self.setVisible(decided > 0)
