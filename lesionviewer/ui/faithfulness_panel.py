"""Whether the map names what the network uses: one number, a small curve, a line on both."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lesionviewer.engine.explain.faithfulness import Faithfulness
from lesionviewer.jobs.explaining import State
from lesionviewer.ui.faithfulness_curve import FaithfulnessCurve
from lesionviewer.ui.look_line import LookLine
from lesionviewer.ui.tokens import STRONG
from lesionviewer.ui.widgets_fold import Fold
from lesionviewer.ui.widgets_text import label

_SENTENCE = (
    "The hottest tenth of the square is blurred, then the next, and {name} is predicted anew. "
    "The figure is the area between the curves, −1 to 1. Above 0 the map names places that count; "
    "near 0 it says no more than chance. Blurred pictures do not occur, so the figure is partly "
    "about the blur."
)
_WORKING = "Hiding one tenth after the other …"


class FaithfulnessPanel(Fold):
    """Tests only while it is unfolded."""

    asked = Signal()  # the reader wants the test now, or again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Does the map hold?", parent)
        self._figure = label(weight=STRONG, tabular=True)
        self._verdict = label(wrap=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._figure)
        row.addWidget(self._verdict, 1)
        self._curve = FaithfulnessCurve()
        self._sentence = label(tone="quiet", wrap=True)
        self._line = LookLine()
        self._line.asked.connect(self.asked)
        self._found = QWidget()
        self._found.setLayout(row)
        row.setContentsMargins(0, 0, 0, 4)
        for widget in (self._found, self._curve, self._sentence, self._line):
            self.body.addWidget(widget)
        self.set_unfolded(False)
        self.show_state(None, "")

    @property
    def words(self) -> str:
        """The figure and what it means, empty while there is none."""
        return "" if self._found.isHidden() else f"{self._figure.text()} {self._verdict.text()}"

    @property
    def line(self) -> LookLine:
        """Says how far the test is."""
        return self._line

    def show_state(self, state: State, name: str, map_name: str = "") -> None:
        """Show what a test found, or how far it is.

        Args:
            state: As `Explaining.state` gives it.
            name: Of the diagnosis whose map is tested.
            map_name: Of the map, such as "Grad-CAM".
        """
        found = state if isinstance(state, Faithfulness) else None
        for widget in (self._found, self._curve, self._sentence):
            widget.setVisible(found is not None)
        self._line.show_state(state, _WORKING)
        if found is None:
            return
        self._figure.setText(f"{found.area:+.2f}".replace("-", "−"))
        self._verdict.setText(f"{map_name}: {verdict(found)}")
        self._sentence.setText(_SENTENCE.format(name=name))
        self._curve.show_curve(found)


def verdict(found: Faithfulness) -> str:
    """Return in words how a map does against random regions."""
    if round(found.area, 2) <= 0:
        return "no better than random regions"
    return "better than each random map" if found.beats_all else "hardly better than random regions"
