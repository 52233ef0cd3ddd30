"""What the model says of the open image: a bar for every diagnosis, and how sure it is."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.prediction import Prediction, malignant_probability
from lesionviewer.core.review_images import MALIGNANT_FROM
from lesionviewer.ui.bars import MALIGNANT_SIGN, DiagnosisBar, percent, point
from lesionviewer.ui.doubt_lines import DoubtLines
from lesionviewer.ui.quality_chips import QualityChips
from lesionviewer.ui.spread_part import SpreadPart
from lesionviewer.ui.tokens import STRONG, diagnosis_colours
from lesionviewer.ui.unlike_notice import UnlikeNotice
from lesionviewer.ui.widgets_skeleton import Skeleton
from lesionviewer.ui.widgets_text import Notice, label, separator, set_tone

_NOT_DEFINED = "not defined"
_NO_MARKS = "This model marks no diagnosis as malignant."


class PredictionPanel(QWidget):
    """Shows a prediction, or in its place what is missing and why."""

    explain_requested = Signal(int)
    compare_requested = Signal(int)
    reset_region_requested = Signal()
    threshold_requested = Signal()  # the reader wants to choose what is flagged

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._diagnoses: tuple[Diagnosis, ...] = ()
        self._bars: list[DiagnosisBar] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._unlike = UnlikeNotice()
        top = QVBoxLayout()
        top.addWidget(self._unlike)
        top.setContentsMargins(12, 12, 12, 0)
        self._top = QWidget()
        self._top.setLayout(top)
        column.addWidget(self._top)
        self._notices = QVBoxLayout()
        self._notices.setSpacing(8)
        column.addLayout(self._notices)
        self._region_row = self._build_region_row()
        column.addWidget(self._region_row)
        self._rows = QWidget()
        self._rows.setAccessibleName("Diagnoses by probability")
        self._rows_layout = QVBoxLayout(self._rows)
        self._rows_layout.setContentsMargins(0, 8, 0, 8)
        self._rows_layout.setSpacing(0)
        column.addWidget(self._rows)
        self._skeleton = Skeleton()
        column.addWidget(self._skeleton)
        self._words = label(tone="quiet", wrap=True)
        self._words.setContentsMargins(16, 16, 16, 16)
        column.addWidget(self._words)
        self._total = self._build_total()
        column.addWidget(self._total)
        self._quality = QualityChips()
        column.addWidget(self._quality)
        self.show_empty()

    def _build_region_row(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(16, 8, 8, 0)
        row.addWidget(label("Of a chosen region", weight=STRONG, tone="warning"))
        row.addStretch(1)
        back = self._back = QPushButton("Use the centre")
        back.setProperty("kind", "flat")
        back.setToolTip("Classify the square in the middle of the picture again")
        back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        back.clicked.connect(self.reset_region_requested)
        row.addWidget(back)
        return page

    def _build_total(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(separator())
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 16, 4)
        row.addWidget(label(f"{MALIGNANT_SIGN} Malignant probability", weight=STRONG))
        row.addStretch(1)
        self._malignant = label(weight=STRONG, tabular=True)
        row.addWidget(self._malignant)
        column.addLayout(row)
        column.addWidget(self._build_threshold())
        self._doubt = DoubtLines()
        column.addWidget(self._doubt)
        self.spread = SpreadPart()
        self._doubt.add_line("Flips, turns", self.spread.line)
        column.addWidget(self.spread)
        return page

    def _build_threshold(self) -> QWidget:
        """The operating point, where the figure stands that it is held against."""
        self._threshold_row = QWidget()
        row = QHBoxLayout(self._threshold_row)
        row.setContentsMargins(8, 0, 16, 4)
        self._threshold = QPushButton()
        self._threshold.setProperty("kind", "flat")
        self._threshold.setToolTip("Choose from which malignant probability on images are flagged")
        self._threshold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._threshold.clicked.connect(self.threshold_requested)
        row.addWidget(self._threshold)
        row.addStretch(1)
        self._verdict = label(tone="quiet")
        row.addWidget(self._verdict)
        self._from = MALIGNANT_FROM
        self._probability: float | None = None
        return self._threshold_row

    # What is shown

    def set_diagnoses(self, diagnoses: Sequence[Diagnosis]) -> None:
        """Make a row for each diagnosis of the model, in card order."""
        for bar in self._bars:
            bar.hide()
            bar.deleteLater()
        self._diagnoses = tuple(diagnoses)
        colours = diagnosis_colours(d.code for d in self._diagnoses)
        self._bars = [DiagnosisBar(i, d, colours[d.code]) for i, d in enumerate(self._diagnoses)]
        caption = max((bar.caption_width for bar in self._bars), default=0.0)
        for bar in self._bars:
            bar.set_caption_width(caption)
            bar.explain_requested.connect(self.explain_requested)
            bar.compare_requested.connect(self.compare_requested)
            self._rows_layout.addWidget(bar)
        self._skeleton.set_rows(len(self._bars))

    def set_prediction(self, prediction: Prediction) -> None:
        """Show a prediction of the model whose diagnoses were set, the most probable first."""
        focused = next((bar for bar in self._bars if bar.hasFocus()), None)
        for place, index in enumerate(np.argsort(-prediction.probabilities, kind="stable")):
            bar = self._bars[int(index)]
            bar.set_share(float(prediction.probabilities[index]))
            if self._rows_layout.indexOf(bar) != place:
                self._rows_layout.removeWidget(bar)
                self._rows_layout.insertWidget(place, bar)
        if focused:
            focused.setFocus()
        # New rows come last in the window's order of focus; they belong behind what is above them.
        for before, after in pairwise([self._back, *self._ordered()]):
            QWidget.setTabOrder(before, after)
        malignant = malignant_probability(prediction.probabilities, self._diagnoses)
        self._malignant.setText(_NOT_DEFINED if malignant is None else percent(malignant))
        self._malignant.setToolTip(_NO_MARKS if malignant is None else "")
        self._probability = malignant
        self.set_threshold(self._from)
        self._show(rows=True, chosen=prediction.chosen_region)
        self._doubt.show_doubt(prediction, self._diagnoses)
        self._quality.show_quality(prediction.quality)
        self._show_outlier(prediction.doubt.outlier if prediction.doubt else None)

    def set_threshold(self, threshold: float) -> None:
        """Say from which malignant probability on images are flagged, 0.0 to 1.0."""
        self._from = threshold
        self._threshold.setText(f"Flagged from {point(threshold)}")
        self._threshold_row.setVisible(self._probability is not None)
        reached = self._probability is not None and self._probability >= threshold
        self._verdict.setText("flagged" if reached else "not flagged")
        set_tone(self._verdict, "danger" if reached else "quiet")

    def _show_outlier(self, outlier: float | None) -> None:
        self._unlike.show_outlier(outlier)
        dim = bool(self._unlike.words)
        self._top.setVisible(dim)
        for bar in self._bars:
            bar.set_dim(dim)
        self._doubt.set_dim(dim)
        self.spread.set_dim(dim)
        set_tone(self._malignant, "quiet" if dim else "")

    def set_explained(self, index: int | None, versus: int | None = None) -> None:
        """Mark the diagnosis whose map is shown, and the one it is compared with."""
        for bar in self._bars:
            role = "explained" if bar.index == index else ""
            bar.set_role("versus" if bar.index == versus else role)

    def set_notices(self, notices: Sequence[str]) -> None:
        """Show sentences that matter for reading the figures, above all else."""
        while self._notices.count():
            item = self._notices.takeAt(0)
            if item and (old := item.widget()):
                old.hide()
                old.deleteLater()
        for text in notices:
            self._notices.addWidget(Notice(text))
        edge = 12 if notices else 0
        self._notices.setContentsMargins(edge, edge, edge, 0)

    def show_waiting(self) -> None:
        """Show that a prediction is on its way."""
        self._show(waiting=True)

    def show_error(self, text: str) -> None:
        """Say why there is no prediction."""
        self._show(words=text, tone="danger")

    def show_empty(self, text: str = "Open an image to see what the model says of it.") -> None:
        """Say that there is nothing to show."""
        self._show(words=text, tone="quiet")

    def _ordered(self) -> list[DiagnosisBar]:
        """The rows from the most probable down."""
        layout = self._rows_layout
        widgets = [item.widget() for i in range(layout.count()) if (item := layout.itemAt(i))]
        return [widget for widget in widgets if isinstance(widget, DiagnosisBar)]

    def _show(
        self,
        *,
        rows: bool = False,
        waiting: bool = False,
        words: str = "",
        tone: str = "",
        chosen: bool = False,
    ) -> None:
        self._rows.setVisible(rows)
        self._total.setVisible(rows)
        self._skeleton.setVisible(waiting)
        self._region_row.setVisible(chosen)
        if not rows:
            self._quality.show_quality(None)
            self._show_outlier(None)
        _say(self._words, words, tone)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        bars = self._ordered()
        place = next((i for i, bar in enumerate(bars) if bar.hasFocus()), None)
        step = steps.get(Qt.Key(event.key()))
        if place is None or step is None:
            super().keyPressEvent(event)
            return
        bars[min(max(place + step, 0), len(bars) - 1)].setFocus(Qt.FocusReason.TabFocusReason)


def _say(place: QLabel, words: str, tone: str) -> None:
    place.setVisible(bool(words))
    place.setText(words)
    set_tone(place, tone)
