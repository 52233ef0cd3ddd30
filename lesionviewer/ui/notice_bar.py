"""One plain sentence across the window, until the reader puts it away."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from lesionviewer.ui.icons import icon
from lesionviewer.ui.tokens import GRID
from lesionviewer.ui.widgets_text import label


class NoticeBar(QFrame):
    """Hidden while there is nothing to say."""

    closed = Signal()
    asked = Signal()  # the reader wants what the sentence offers

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = label(wrap=True)
        close = QToolButton()
        close.setIcon(icon("close"))
        close.setToolTip("Put this away")
        close.setAccessibleName("Put this away")
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(self.put_away)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * GRID, GRID, 2 * GRID, GRID)
        row.addWidget(self._words, 1)
        self._offer = QPushButton()
        self._offer.setProperty("kind", "flat")
        self._offer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._offer.clicked.connect(self.asked)
        row.addWidget(self._offer)
        row.addWidget(close)
        self._act: Callable[[], object] | None = None
        self.asked.connect(self._on_asked)
        self.setProperty("surface", "notice")
        self.hide()

    @property
    def words(self) -> str:
        """What it says, empty while it is hidden."""
        return self._words.text() if not self.isHidden() else ""

    @property
    def offered(self) -> str:
        """What the button beside the sentence says, empty without one."""
        return "" if self.isHidden() or self._offer.isHidden() else self._offer.text()

    def say(
        self, sentence: str, *, offer: str = "", act: Callable[[], object] | None = None
    ) -> None:
        """Show a sentence in place of any other.

        Args:
            sentence: What it says.
            offer: Words of a button beside it; `asked` tells that it was pressed.
            act: Done then.
        """
        self._act = act
        self._words.setText(sentence)
        self._offer.setText(offer)
        self._offer.setVisible(bool(offer))
        self.setAccessibleName(sentence)
        self.show()

    def _on_asked(self) -> None:
        if self._act is not None:
            self._act()

    def put_away(self) -> None:
        """Hide."""
        self.hide()
        self.closed.emit()
