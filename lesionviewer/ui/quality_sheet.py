"""The quality of all opened pictures at a glance, before reading starts."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lesionviewer.core.review_images import ReviewImages
from lesionviewer.ui.bars import percent
from lesionviewer.ui.doubt_words import FREQUENT, SEVERE, flag_name, in_order
from lesionviewer.ui.theme import current_tokens
from lesionviewer.ui.tokens import GRID, HEADING_PT, STRONG
from lesionviewer.ui.widgets_text import label, separator

_WIDTH_PX = 520
_BAR_PX = 120


class QualitySheet(QDialog):
    """A line for each flag: how many images it names; pressing one lists them."""

    flag_chosen = Signal(str)  # key of a quality figure

    def __init__(self, images: ReviewImages, parent: QWidget | None = None) -> None:
        """Build the sheet from what is known by now.

        Args:
            images: The set that is open.
            parent: The window it belongs to.
        """
        super().__init__(parent)
        self.setWindowTitle("Quality sheet")
        self.setMinimumWidth(_WIDTH_PX)
        self._counts, self._of = images.quality_counts(), images.counts.classified
        self._buttons: dict[str, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("Quality sheet", points=HEADING_PT, weight=STRONG))
        column.addWidget(label(self._head(images.counts.total), tone="quiet", wrap=True))
        column.addLayout(self._table())
        column.addWidget(separator())
        row = QHBoxLayout()
        hint = label("Hair and cut lesions are common in good pictures.", tone="quiet", wrap=True)
        row.addWidget(hint, 1)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row.addWidget(close)
        column.addLayout(row)

    def _head(self, total: int) -> str:
        if not self._of:
            return "No image was looked at yet."
        waiting = f"; {total - self._of:,} are not classified" if total > self._of else ""
        return (
            f"{self._of:,} images looked at, each on the square that the network saw{waiting}. "
            "Press a flag to list its images."
        )

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(GRID // 2)
        grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row, key in enumerate(in_order(self._counts)):
            count, share = self._counts[key], self._counts[key] / max(1, self._of)
            tone = "" if count and key not in FREQUENT else "quiet"
            grid.addWidget(self._button(key, count), row, 0)
            grid.addWidget(_ShareBar(share, severe=key in SEVERE), row, 1)
            for column, text in ((2, f"{count:,}"), (3, percent(share) if self._of else "–")):
                grid.addWidget(label(text, tone=tone, tabular=True), row, column, right)
        return grid

    def _button(self, key: str, count: int) -> QPushButton:
        button = self._buttons[key] = QPushButton(flag_name(key))
        button.setProperty("kind", "flat")
        button.setAutoDefault(False)
        button.setEnabled(count > 0)
        button.setAccessibleName(f"{flag_name(key)}: {count} of {self._of} images")
        button.clicked.connect(lambda: self._choose(key))
        return button

    def button(self, key: str) -> QPushButton:
        """Return the button of a flag.

        Raises:
            KeyError: There is no such flag.
        """
        return self._buttons[key]

    def _choose(self, key: str) -> None:
        self.accept()
        self.flag_chosen.emit(key)


class _ShareBar(QWidget):
    def __init__(self, share: float, *, severe: bool) -> None:
        super().__init__()
        self._share, self._severe = share, severe
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    # Qt overrides

    def sizeHint(self) -> QSize:
        return QSize(_BAR_PX, 2 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, painter = current_tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(0, self.height() / 2 - 3, self.width(), 6)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(track, 3, 3)
        if self._share > 0:
            painter.setBrush(QColor(tokens.warning if self._severe else tokens.edge))
            track.setWidth(max(track.height(), self._share * track.width()))
            painter.drawRoundedRect(track, 3, 3)


def severe_words(images: ReviewImages) -> str:
    """Return a sentence on what may keep pictures from being judged; empty without such."""
    counts = images.quality_counts()
    found = [(flag_name(key).lower(), counts[key]) for key in in_order(counts) if key in SEVERE]
    parts = [f"{count:,} {name}" for name, count in found if count]
    if not parts:
        return ""
    return f"Picture quality of {images.counts.classified:,} images: {', '.join(parts)}."
