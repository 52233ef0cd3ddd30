"""The short way from one zoom to the next."""

from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QObject, QVariantAnimation, Signal
from PySide6.QtWidgets import QStyle, QWidget

from lesionviewer.ui.image_view_geometry import Viewport, between

_DURATION_MS = 120


class ViewportMotion(QObject):
    """Leads a view from viewport to viewport; at once where the system wants no motion."""

    moved = Signal(object)  # Viewport

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._ends: tuple[Viewport, Viewport] | None = None
        self._animation = QVariantAnimation(self)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setDuration(_DURATION_MS)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._step)

    @property
    def target(self) -> Viewport | None:
        """Where the motion under way leads to."""
        running = self._animation.state() == QAbstractAnimation.State.Running
        return self._ends[1] if running and self._ends else None

    def stop(self) -> None:
        """Stay where the view is."""
        self._animation.stop()

    def go(self, start: Viewport, end: Viewport) -> None:
        """Move from `start` to `end`."""
        self._animation.stop()
        self._ends = (start, end)
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        if self._view.isVisible() and self._view.style().styleHint(hint, None, self._view):
            self._animation.start()
        else:
            self.moved.emit(end)

    def _step(self, share: float) -> None:
        if self._ends:
            end = self._ends[1]
            self.moved.emit(end if share >= 1.0 else between(*self._ends, share))
