"""Below the bars: what cannot be ruled out, and how far the probabilities spread."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.prediction import Prediction
from lesionviewer.ui.doubt_words import hesitation, set_words, uncertainty_word, widest_set
from lesionviewer.ui.icons import icon
from lesionviewer.ui.widgets_text import label, set_tone


class DoubtLines(QWidget):
    """Two lines and, on request, a sentence on each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._set_name, self._set = label(tone="quiet", tabular=True), _value()
        self._entropy_name = label("Uncertainty", tone="quiet")
        self._entropy = label(tabular=True)
        self._sentences = label(tone="quiet", wrap=True)
        self._sentences.hide()
        self._info = QToolButton()
        self._info.setCheckable(True)
        self._info.setIcon(icon("info"))
        self._info.setIconSize(QSize(16, 16))
        self._info.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._info.setAccessibleName("What this means")
        self._info.toggled.connect(self._sentences.setVisible)
        grid = self._grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self._set_name, 0, 0, top)
        grid.addWidget(self._set, 0, 1, 1, 2)
        grid.addWidget(self._entropy_name, 1, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._entropy, 1, 1)
        grid.addWidget(self._info, 1, 2, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 0, 12, 8)
        column.setSpacing(8)
        column.addLayout(grid)
        column.addWidget(self._sentences)

    @property
    def words(self) -> str:
        """What the lines say, without the sentences."""
        parts = [self._set_name, self._set] if not self._set.isHidden() else []
        return " ".join(part.text() for part in [*parts, self._entropy_name, self._entropy])

    @property
    def sentences(self) -> str:
        """What the lines mean."""
        return self._sentences.text()

    def add_line(self, name: str, widget: QWidget) -> None:
        """Put a figure below the others.

        Args:
            name: What it is called.
            widget: Shows it.
        """
        row = self._grid.rowCount()
        self._grid.addWidget(label(name, tone="quiet"), row, 0)
        self._grid.addWidget(widget, row, 1, 1, 2)

    def show_doubt(self, prediction: Prediction, diagnoses: tuple[Diagnosis, ...]) -> None:
        """Show how far a prediction over `diagnoses` can be relied on."""
        widest = widest_set(prediction.doubt)
        for part in (self._set_name, self._set):
            part.setVisible(widest is not None)
        sentences = []
        if widest is not None:
            level, members = widest
            self._set_name.setText(f"{level} % set")
            self._set.setText(set_words(members, diagnoses))
            sentences.append(
                f"{level} % set: of 100 images of any one diagnosis, like those that the model was "
                f"checked on, about {level} have their diagnosis among these."
            )
        self._entropy.setText(f"{uncertainty_word(prediction)} · {prediction.entropy:.2f}")
        sentences.append(
            "Uncertainty: how far the probabilities spread, from 0 to 1; here as far as over "
            f"{hesitation(prediction):.1f} equally probable diagnoses."
        )
        for part in (self._set_name, self._set):
            part.setToolTip(sentences[0])
        for part in (self._entropy_name, self._entropy):
            part.setToolTip(sentences[-1])
        self._sentences.setText("\n\n".join(sentences))
        self._info.setToolTip("\n".join(sentences))
        self.setAccessibleName(self.words)

    def set_dim(self, dim: bool) -> None:
        """Show the lines as ones that mean little."""
        for words in (self._set, self._entropy):
            set_tone(words, "quiet" if dim else "")


def _value() -> QLabel:
    made = label(wrap=True)
    made.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return made
