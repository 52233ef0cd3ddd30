"""Small helpers for words: labels, sections, separators, notices, text cut with a tooltip."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtGui import Qt as RichText
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lesionviewer.ui.icons import icon_pixmap
from lesionviewer.ui.theme import current_tokens, type_font
from lesionviewer.ui.tokens import BODY_PT, REGULAR, STRONG


def label(
    text: str = "",
    *,
    points: int = BODY_PT,
    weight: int = REGULAR,
    tone: str = "",
    wrap: bool = False,
    tabular: bool = False,
) -> QLabel:
    """Return a label for plain text; what it shows is never taken for HTML.

    Args:
        text: What it says.
        points: Size of its type.
        weight: 400 or 600.
        tone: "quiet", "danger", "warning", "ok" or "" for plain.
        wrap: Whether long text goes over several lines.
        tabular: Whether all digits are equally wide.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setFont(type_font(points, weight, tabular=tabular))
    made.setProperty("tone", tone)
    made.setWordWrap(wrap)
    return made


def plain_tip(text: str) -> str:
    """Return a tooltip of `text` that Qt does not take for HTML, as names of files may look."""
    return RichText.convertFromPlainText(text) if RichText.mightBeRichText(text) else text


def separator() -> QFrame:
    """Return a horizontal line of one pixel."""
    line = QFrame()
    line.setProperty("surface", "line")
    line.setFixedHeight(1)
    return line


def set_tone(words: QLabel, tone: str) -> None:
    """Give a label another tone: "quiet", "danger", "warning", "ok" or "" for plain."""
    words.setProperty("tone", tone)
    words.style().unpolish(words)
    words.style().polish(words)


class Section(QWidget):
    """A heading with a line above, and room for widgets below it: a part of a side panel."""

    def __init__(self, title: str, *, line: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if line:
            column.addWidget(separator())
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 16, 4)
        head.setSpacing(8)
        self.heading = label(title, weight=STRONG)
        self.head = head
        head.addWidget(self.heading)
        head.addStretch(1)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(16, 4, 16, 12)
        self.body.setSpacing(8)
        column.addLayout(head)
        column.addLayout(self.body)


class ElidedLabel(QWidget):
    """One line of text that ends in "…" where it is too long; the tooltip then has all of it."""

    def __init__(
        self,
        text: str = "",
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        quiet: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text, self._mode, self._quiet = text, mode, quiet
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def set_text(self, text: str) -> None:
        """Show other words."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    # Qt overrides

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 1, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = current_tokens()
        painter.setPen(tokens.quiet if self._quiet else tokens.text)
        shown = self.fontMetrics().elidedText(self._text, self._mode, self.width())
        self.setToolTip(plain_tip(self._text) if shown != self._text else "")
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)


class Notice(QFrame):
    """A sentence that must not be missed, with a sign and a border."""

    def __init__(self, text: str, *, tone: str = "warning", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "notice")
        self._tone = tone
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        self._sign = QLabel()
        self._sign.setFixedSize(20, 20)
        row.addWidget(self._sign, alignment=Qt.AlignmentFlag.AlignTop)
        if text:
            row.addWidget(label(text, wrap=True), 1)
        self._row = row
        self._dress()

    def set_content(self, content: QLayout) -> None:
        """Put several widgets beside the sign, in place of a sentence."""
        self._row.addLayout(content, 1)

    def _dress(self) -> None:
        tokens = current_tokens()
        colour = tokens.danger if self._tone == "danger" else tokens.warning
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(icon_pixmap("warning", colour, size=20, ratio=ratio))

    # Qt overrides

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._dress()
