"""How far the background work is: a ring, a few words, and a way to stop it or go on."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from lesionviewer.jobs.progress import Progress
from lesionviewer.ui.icons import icon
from lesionviewer.ui.theme import current_tokens
from lesionviewer.ui.tokens import GRID
from lesionviewer.ui.widgets_text import label

_RING_PX = 16
_STROKE = 2.5
_BETWEEN = " · "


class Ring(QWidget):
    """A circle that closes as the work gets done."""

    def __init__(self) -> None:
        super().__init__()
        self._share = 0.0
        self.setFixedSize(QSize(_RING_PX + 2, _RING_PX + 2))

    def set_share(self, share: float) -> None:
        """Show that `share` of the work is done, 0.0 to 1.0."""
        self._share = share
        self.update()

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = _STROKE / 2 + 0.5
        circle = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.setPen(QPen(QColor(tokens.line), _STROKE))
        painter.drawEllipse(circle)
        pen = QPen(QColor(tokens.accent), _STROKE)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(circle, 90 * 16, -round(self._share * 360 * 16))


class ProgressView(QWidget):
    """Empty while there is nothing to do."""

    pause_requested = Signal(bool)  # whether to stop (True) or to go on

    def __init__(self) -> None:
        super().__init__()
        self._paused = self._brief = False
        self._progress = Progress()
        self._ring = Ring()
        self._words = label(tone="quiet", tabular=True)
        self._button = QToolButton()
        self._button.setIconSize(QSize(16, 16))
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(lambda: self.pause_requested.emit(not self._paused))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GRID)
        for widget in (self._ring, self._words, self._button):
            row.addWidget(widget)
        self.show_progress(Progress())

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def set_brief(self, brief: bool) -> None:
        """Leave rate and time to the tooltip, or show them."""
        if brief != self._brief:
            self._brief = brief
            self.show_progress(self._progress)

    def show_progress(self, progress: Progress) -> None:
        """Show how far the work is."""
        self._progress, self._paused = progress, progress.paused
        words = _words(progress)
        working = not progress.complete and not progress.failed
        self._ring.setVisible(working and not progress.scanning)
        self._ring.set_share(progress.done / progress.total if progress.total else 0.0)
        self._words.setText(words.split(_BETWEEN)[0] if self._brief else words)
        self._words.setToolTip(words if self._brief else "")
        self._button.setVisible(working)
        name, tip = (
            ("play", "Go on classifying") if progress.paused else ("stop", "Stop classifying")
        )
        self._button.setIcon(icon(name))
        self._button.setToolTip(tip)
        self._button.setAccessibleName(tip)
        self.setAccessibleName(words)


def _words(progress: Progress) -> str:
    if progress.complete:
        return f"{progress.done:,} done" if progress.total else ""
    if progress.scanning:
        return f"Looking for images: {progress.total:,}" if progress.total else "Looking for images"
    words = [f"{progress.done:,} of {progress.total:,}"]
    if progress.failed:
        return "Not classified"
    if progress.paused:
        return f"Stopped at {words[0]}"
    if progress.rate is not None:
        words.append(f"{progress.rate:.0f}/s" if progress.rate >= 10 else f"{progress.rate:.1f}/s")
    if progress.seconds_left is not None:
        words.append(f"{clock(progress.seconds_left)} left")
    return _BETWEEN.join(words)


def clock(seconds: float) -> str:
    """Return a duration as `m:ss` or `h:mm:ss`, rounded up."""
    whole = int(-(-seconds // 1))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
