"""Choosing from which malignant probability on images are flagged, and what that means."""

from collections.abc import Callable
from math import isnan

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from lesionviewer.core.review_images import MALIGNANT_FROM, Counts
from lesionviewer.engine.doubt.operating import OperatingCurve, Share
from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.ui.bars import MALIGNANT_SIGN, point
from lesionviewer.ui.tokens import HEADING_PT, STRONG, TITLE_PT
from lesionviewer.ui.widgets_text import label, separator

_STEPS = 200
_WIDTH_PX = 480
_SETTLE_MS = 30
_TEST = "On {images:,} test images that the model never learned from, with 95 % intervals"


class OperatingDialog(QDialog):
    """A slider whose every position acts at once; what a model lacks is not shown."""

    def __init__(
        self,
        service: ReviewService,
        curve: OperatingCurve | None,
        choose: Callable[[float], None],
        parent: QWidget | None = None,
    ) -> None:
        """Build the dialog.

        Args:
            service: Knows the open images.
            curve: The model's test set; None if it came without.
            choose: Called with every threshold that the reader tries.
            parent: The window it belongs to.
        """
        super().__init__(parent)
        self._service, self._curve, self._choose = service, curve, choose
        self.setWindowTitle("Operating point")
        self.setMinimumWidth(_WIDTH_PX)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, _STEPS)
        self._slider.setPageStep(10)
        self._slider.setAccessibleName("Malignant probability from which on images are flagged")
        self._point = label(points=TITLE_PT, weight=STRONG, tabular=True)
        self._values: dict[str, QLabel] = {}
        self._apply = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._apply.timeout.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(12)
        self._lay_out(column)
        self._slider.setValue(round(service.images.threshold * _STEPS))
        self._slider.valueChanged.connect(self._on_moved)
        for signal in (service.progressed, service.restarted):
            signal.connect(self._say)
        self._say()

    def _lay_out(self, column: QVBoxLayout) -> None:
        column.addWidget(label("Operating point", points=HEADING_PT, weight=STRONG))
        head = QHBoxLayout()
        head.addWidget(label(f"{MALIGNANT_SIGN} Flagged from a malignant probability of"))
        head.addStretch(1)
        head.addWidget(self._point)
        column.addLayout(head)
        column.addWidget(self._slider)
        column.addWidget(separator())
        if self._curve is not None:
            images = len(self._curve.malignant) + len(self._curve.others)
            column.addWidget(label(_TEST.format(images=images), tone="quiet", wrap=True))
            names = ("Malignant images flagged (sensitivity)", "Others left alone (specificity)")
            column.addLayout(self._table((*names, "Flagged in all")))
            column.addWidget(separator())
        column.addLayout(self._table(("In the open folder",)))
        column.addLayout(self._foot())

    def _table(self, names: tuple[str, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for row, name in enumerate(names):
            value = self._values[name] = label(tabular=True)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label(name), row, 0)
            grid.addWidget(value, row, 1)
        return grid

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        back = QPushButton(f"Back to {point(MALIGNANT_FROM)}")
        back.setAutoDefault(False)
        back.clicked.connect(lambda: self._slider.setValue(round(MALIGNANT_FROM * _STEPS)))
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row.addWidget(back)
        row.addStretch(1)
        row.addWidget(close)
        return row

    @property
    def threshold(self) -> float:
        """What the slider stands at, 0.0 to 1.0."""
        return self._slider.value() / _STEPS

    @property
    def words(self) -> str:
        """Everything that is said of the threshold."""
        return " | ".join(f"{name}: {value.text()}" for name, value in self._values.items())

    def _on_moved(self) -> None:
        self._say_test()
        self._apply.start()

    def _take(self) -> None:
        self._choose(self.threshold)
        self._say()

    def _say(self) -> None:
        self._say_test()
        self._values["In the open folder"].setText(_folder_words(self._service.images.counts))

    def _say_test(self) -> None:
        self._point.setText(point(self.threshold))
        if self._curve is None:
            return
        at, values = self._curve.at(self.threshold), list(self._values.values())
        values[0].setText(_share(at.sensitivity))
        values[1].setText(_share(at.specificity))
        values[2].setText(f"{at.flagged:,} of {at.images:,} · {_share(at.flagged_share)}")

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._slider.setFocus(Qt.FocusReason.TabFocusReason)

    def done(self, result: int) -> None:
        if self._apply.isActive():
            self._apply.stop()
            self._take()
        super().done(result)


def _share(share: Share) -> str:
    if isnan(share.value):
        return "not known"
    low, high = 100 * share.low, 100 * share.high
    return f"{100 * share.value:.1f} % ({low:.1f} to {high:.1f})"


def _folder_words(counts: Counts) -> str:
    words = f"{counts.malignant:,} of {counts.classified:,} flagged"
    waiting = counts.total - counts.done
    return f"{words}, {waiting:,} still to come" if waiting else words
