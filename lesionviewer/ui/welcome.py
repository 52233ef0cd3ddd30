"""What the window shows before anything is open."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lesionviewer.ui.icons import app_icon, icon
from lesionviewer.ui.theme import current_tokens, type_font
from lesionviewer.ui.tokens import STRONG, TITLE_PT
from lesionviewer.ui.widgets_scroll import scrolled
from lesionviewer.ui.widgets_text import label, plain_tip

_COLUMN_PX = 480
_NO_NOTES: Mapping[Path, str] = {}
_MOST_RECENT = 5


class WelcomePage(QWidget):
    """Ways to begin: open, drop, look at the samples, go back to a recent folder."""

    open_images_requested = Signal()
    open_folder_requested = Signal()
    samples_requested = Signal()
    recent_requested = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QWidget()
        outer = QHBoxLayout(page)
        outer.setContentsMargins(24, 24, 24, 24)
        column = QVBoxLayout()
        column.setSpacing(0)
        frame = QWidget()
        frame.setLayout(column)
        frame.setMaximumWidth(_COLUMN_PX)
        outer.addStretch(1)
        outer.addWidget(frame, 4)
        outer.addStretch(1)
        column.addStretch(2)
        self._add_head(column)
        column.addSpacing(24)
        self._add_ways(column)
        column.addSpacing(24)
        self._recent_head = label("Recent folders", weight=STRONG)
        column.addWidget(self._recent_head)
        column.addSpacing(4)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        column.addLayout(self._recent)
        column.addStretch(3)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(page))
        self.set_recent(())

    def _add_head(self, column: QVBoxLayout) -> None:
        self._sign = QLabel()
        self._sign.setPixmap(app_icon().pixmap(QSize(48, 48), self.devicePixelRatioF()))
        column.addWidget(self._sign)
        column.addSpacing(16)
        column.addWidget(label("Look through dermatoscope images", points=TITLE_PT, weight=STRONG))
        column.addSpacing(8)
        column.addWidget(
            label(
                "Every image is classified on this computer, with a map of where the network "
                "looked. Nothing leaves it.",
                tone="quiet",
                wrap=True,
            )
        )

    def _add_ways(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        folder = QPushButton("Open folder…")
        folder.setProperty("kind", "primary")
        images = QPushButton("Open images…")
        samples = QPushButton("Try the samples")
        samples.setToolTip("Pictures that came with the program, free to use (CC0)")
        for button, signal in (
            (folder, self.open_folder_requested),
            (images, self.open_images_requested),
            (samples, self.samples_requested),
        ):
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(12)
        column.addWidget(
            label(
                "Or drop them here: JPEG, PNG, TIFF, BMP, WebP or DICOM.",
                tone="quiet",
                wrap=True,
            )
        )

    def set_recent(self, folders: Sequence[Path], notes: Mapping[Path, str] = _NO_NOTES) -> None:
        """Offer folders that were open before, the latest first.

        Args:
            folders: Where they lie.
            notes: What is known of some of them, in few words.
        """
        while self._recent.count():
            item = self._recent.takeAt(0)
            if item and (old := item.widget()):
                old.hide()
                old.deleteLater()
        for folder in folders[:_MOST_RECENT]:
            self._recent.addWidget(self._recent_row(folder, notes.get(folder, "")))
        self._recent_head.setVisible(bool(folders))

    def _recent_row(self, folder: Path, note: str) -> QToolButton:
        row = _RecentFolder(folder, note)
        row.clicked.connect(lambda: self.recent_requested.emit(folder))
        return row


class _RecentFolder(QToolButton):
    """A folder's name, in quiet type where it lies, and how far its session is."""

    def __init__(self, folder: Path, note: str) -> None:
        super().__init__()
        self._folder, self._note = folder, note
        self.setAccessibleName(f"Open {folder}")
        self.setAccessibleDescription(note)
        self.setToolTip(plain_tip(str(folder)))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # Qt overrides

    def sizeHint(self) -> QSize:
        return QSize(_COLUMN_PX, self.fontMetrics().height() + 14)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens, painter = current_tokens(), QPainter(self)
        edge = 20
        sign = icon("folder").pixmap(QSize(edge, edge), self.devicePixelRatioF())
        painter.drawPixmap(8, (self.height() - edge) // 2, sign)
        words = self.rect().adjusted(8 + edge + 8, 0, -8, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(type_font(tabular=True))
        metrics = painter.fontMetrics()
        painter.setPen(QColor(tokens.quiet))
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignRight, self._note)
        if self._note:
            words.adjust(0, 0, -metrics.horizontalAdvance(self._note) - 12, 0)
        name = metrics.elidedText(
            self._folder.name or str(self._folder),
            Qt.TextElideMode.ElideRight,
            words.width() * 2 // 3,
        )
        painter.setPen(QColor(tokens.text))
        painter.drawText(words, middle, name)
        rest = words.adjusted(metrics.horizontalAdvance(name) + 12, 0, 0, 0)
        painter.setPen(QColor(tokens.quiet))
        place = metrics.elidedText(
            str(self._folder.parent), Qt.TextElideMode.ElideMiddle, rest.width()
        )
        painter.drawText(rest, middle, place)
