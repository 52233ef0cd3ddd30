"""What is wrong with the picture itself: named chips, each with its sentence."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from lesionviewer.core.quality.result import PictureQuality, QualityFigure
from lesionviewer.ui.doubt_words import FREQUENT, SEVERE, in_order
from lesionviewer.ui.widgets_flow import FlowLayout
from lesionviewer.ui.widgets_text import label


class QualityChips(QWidget):
    """A chip for each flag; pressing one shows its sentence. Hidden while there is no flag."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: dict[str, QPushButton] = {}
        self._said: tuple[QualityFigure, ...] = ()
        self._line = QWidget()
        self._flow = FlowLayout(self._line)
        self._sentence = label(tone="quiet", wrap=True)
        self._sentence.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 4, 16, 12)
        column.setSpacing(8)
        column.addWidget(self._line)
        column.addWidget(self._sentence)
        self.setAccessibleName("Picture quality")
        self.hide()

    @property
    def words(self) -> list[str]:
        """The names on the chips, in order."""
        return [chip.text() for chip in self._chips.values()]

    def chip(self, key: str) -> QPushButton:
        """Return the chip of a flag.

        Raises:
            KeyError: It is not flagged.
        """
        return self._chips[key]

    def show_quality(self, quality: PictureQuality | None) -> None:
        """Show the flags of a picture, severe ones first."""
        flags = quality.flags if quality is not None else ()
        if flags == self._said:
            return
        self._said = flags
        for chip in self._chips.values():
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = {}
        figures = {figure.key: figure for figure in flags}
        for key in in_order(figures):
            self._add(figures[key])
        self._sentence.hide()
        self.setVisible(bool(flags))
        self._line.updateGeometry()

    def _add(self, figure: QualityFigure) -> None:
        chip = QPushButton(figure.name)
        chip.setCheckable(True)
        chip.setProperty("kind", "chip")
        tone = "severe" if figure.key in SEVERE else "quiet" if figure.key in FREQUENT else ""
        chip.setProperty("tone", tone)
        chip.setToolTip(figure.explanation)
        chip.setAccessibleDescription(figure.explanation)
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.clicked.connect(lambda on, key=figure.key: self._explain(key, on))
        self._chips[figure.key] = chip
        self._flow.addWidget(chip)

    def _explain(self, key: str, on: bool) -> None:
        for other, chip in self._chips.items():
            chip.setChecked(on and other == key)
        self._sentence.setText(self._chips[key].toolTip())
        self._sentence.setVisible(on)
