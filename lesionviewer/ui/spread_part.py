"""How far the probabilities move while the picture is flipped and turned; asked for by hand."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.engine.doubt.spread import VIEWS, Spread
from lesionviewer.jobs.explaining import State
from lesionviewer.ui.bars import percent
from lesionviewer.ui.look_line import LookLine
from lesionviewer.ui.widgets_text import ElidedLabel, label, set_tone

_SHOWN_FROM = 0.01
_HINT = "Predict the picture in all eight flips and quarter turns: a lesion has no up and no left"
_HEAD = ("", "mean", "±", "range")
_SENTENCE = (
    "{agreeing} of eight flips and quarter turns name {name}. Mean, standard deviation and "
    "range over the eight; what moves much, the model does not know firmly."
)


class SpreadPart(QWidget):
    """A table below, and `line` for where the other figures of doubt stand in rows."""

    asked = Signal()  # the reader wants it measured

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._diagnoses: tuple[Diagnosis, ...] = ()
        self._rows: list[tuple[str, ...]] = []
        self.line = QWidget()
        self._value = label(tabular=True, wrap=True)
        self._button = QPushButton("Measure")
        self._button.setProperty("kind", "flat")
        self._button.setToolTip(_HINT)
        self._button.setAccessibleName("Measure the spread over flips and turns")
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self.asked)
        self._state_line = LookLine()
        self._state_line.asked.connect(self.asked)
        row = QHBoxLayout(self.line)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._value, self._state_line):
            row.addWidget(widget, 1)
        row.addWidget(self._button)
        row.addStretch(0)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 0, 12, 8)
        column.setSpacing(6)
        column.addLayout(self._grid)
        self._sentence = label(tone="quiet", wrap=True)
        column.addWidget(self._sentence)
        self.show_state(None)

    @property
    def words(self) -> str:
        """What the line says, empty while nothing was measured."""
        return self._value.text() if not self._value.isHidden() else ""

    @property
    def rows(self) -> list[str]:
        """What the table says, a line a row."""
        return [" ".join(row) for row in self._rows]

    def set_diagnoses(self, diagnoses: Sequence[Diagnosis]) -> None:
        """Take the names of the model's diagnoses."""
        self._diagnoses = tuple(diagnoses)

    def set_dim(self, dim: bool) -> None:
        """Show the line as one that means little."""
        set_tone(self._value, "quiet" if dim else "")

    def show_state(self, state: State) -> None:
        """Show what was measured, or how far it is."""
        found = state if isinstance(state, Spread) else None
        self._button.setVisible(state is None)
        self._value.setVisible(found is not None)
        self.setVisible(found is not None)
        self._state_line.show_state(state, "Turning the picture …")
        if found is not None:
            top = int(found.probabilities[0].argmax())
            named = self._diagnoses[top]
            moved = f"{named.code} ± {100 * found.deviation[top]:.1f} %"
            self._value.setText(f"{moved} · {found.agreeing} of {VIEWS}")
            self._sentence.setText(_SENTENCE.format(agreeing=found.agreeing, name=named.name))
            self._fill(found)

    def _fill(self, found: Spread) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        order = np.argsort(-found.mean, kind="stable").tolist()
        shown = [place for place in order if found.highest[place] >= _SHOWN_FROM]
        self._rows = [self._cells(found, place) for place in shown]
        for row, cells in enumerate((_HEAD, *self._rows)):
            self._add_row(row, cells, tone="" if row else "quiet")
        if len(shown) < len(order):
            words = f"The others never reach {100 * _SHOWN_FROM:.0f} %."
            self._grid.addWidget(label(words, tone="quiet"), len(shown) + 1, 0, 1, len(_HEAD))

    def _cells(self, found: Spread, place: int) -> tuple[str, ...]:
        low, high = (f"{100 * edge[place]:.0f}" for edge in (found.lowest, found.highest))
        mean, deviation = float(found.mean[place]), 100 * found.deviation[place]
        return self._diagnoses[place].name, percent(mean), f"{deviation:.1f}", f"{low} to {high}"

    def _add_row(self, row: int, cells: Sequence[str], *, tone: str) -> None:
        self._grid.addWidget(ElidedLabel(cells[0]), row, 0)
        for column, words in enumerate(cells[1:], start=1):
            cell = label(words, tone=tone, tabular=True)
            cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(cell, row, column)
