"""How far something is that takes a while: waiting, on its way, or why it did not come."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from lesionviewer.jobs.explaining import Failed, Held, State, Working
from lesionviewer.ui.widgets_text import label, set_tone

_HELD = "Waits until the folder is classified."


class LookLine(QWidget):
    """A sentence, a thin bar where it is known how far it is, and a button; else hidden."""

    asked = Signal()  # the reader wants it now, or again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = label(tone="quiet", wrap=True)
        self._button = QPushButton()
        self._button.setProperty("kind", "flat")
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self.asked)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._words, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._bar)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, empty while it is hidden."""
        return "" if self.isHidden() else self._words.text()

    @property
    def offered(self) -> str:
        """What its button says, empty without one."""
        return "" if self.isHidden() or self._button.isHidden() else self._button.text()

    def show_state(self, state: State, working: str) -> None:
        """Show how far it is; an answer, or nothing asked, hides the line.

        Args:
            state: As `Explaining.state` gives it.
            working: What is said while it is on its way.
        """
        self.setVisible(isinstance(state, Held | Working | Failed))
        known = isinstance(state, Working) and state.total > 0
        self._bar.setVisible(known)
        self._button.setVisible(isinstance(state, Held | Failed))
        set_tone(self._words, "danger" if isinstance(state, Failed) else "quiet")
        if isinstance(state, Held):
            self._words.setText(_HELD)
            self._button.setText("Now")
        elif isinstance(state, Failed):
            self._words.setText(state.reason)
            self._button.setText("Try again")
        elif isinstance(state, Working):
            self._words.setText(working)
            self._bar.setRange(0, state.total)
            self._bar.setValue(state.done)
        self.setAccessibleName(self.words)
