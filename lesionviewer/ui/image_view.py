"""The picture as the reader works with it: zoom to the pointer, pan, move the square."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from lesionviewer.core.region import SquareRegion, centre_square, square_around
from lesionviewer.ui.image_view_bar import RegionBar
from lesionviewer.ui.image_view_canvas import ImageCanvas
from lesionviewer.ui.image_view_geometry import kept_in_view
from lesionviewer.ui.image_view_region import Grip, RegionDrag, dragged, grip_at

_REACH = 8
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_CURSORS = {
    Grip.INSIDE: Qt.CursorShape.SizeAllCursor,
    Grip.TOP_LEFT: Qt.CursorShape.SizeFDiagCursor,
    Grip.BOTTOM_RIGHT: Qt.CursorShape.SizeFDiagCursor,
    Grip.TOP_RIGHT: Qt.CursorShape.SizeBDiagCursor,
    Grip.BOTTOM_LEFT: Qt.CursorShape.SizeBDiagCursor,
    Grip.TOP: Qt.CursorShape.SizeVerCursor,
    Grip.BOTTOM: Qt.CursorShape.SizeVerCursor,
    Grip.LEFT: Qt.CursorShape.SizeHorCursor,
    Grip.RIGHT: Qt.CursorShape.SizeHorCursor,
}


class ImageView(ImageCanvas):
    """The image canvas under the reader's hands."""

    region_chosen = Signal(object)  # SquareRegion
    region_mode_changed = Signal(bool)
    pointer_over = Signal(int, int)  # column, row of the picture
    pointer_left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pan: QPointF | None = None
        self._drag: RegionDrag | None = None
        self._pending: SquareRegion | None = None
        self._bar = RegionBar(self)
        self._bar.hide()
        self._bar.reset_requested.connect(self.reset_region)
        self._bar.done_requested.connect(self._end_region_mode)

    def set_picture(
        self, pyramid: Sequence[QImage] | None, size: QSize | None = None, *, keep: bool = False
    ) -> None:
        """Show a picture as the canvas does; what was being dragged is let go of."""
        if not keep or not pyramid:
            self._drag = self._pan = self._pending = None
            self._end_region_mode()
        super().set_picture(pyramid, size, keep=keep)

    def set_region(self, region: SquareRegion | None) -> None:
        """Mark the square that the network saw; not while the reader drags it."""
        if self._drag is None and self._pending is None:
            super().set_region(region)

    # The square

    @property
    def region_mode(self) -> bool:
        """Whether the reader is moving the square."""
        return self._scene.moving

    def set_region_mode(self, on: bool) -> None:
        """Let the reader drag the square without holding Alt, or end that."""
        on = on and bool(self._scene.pyramid)
        if on == self._scene.moving:
            return
        self._scene.moving = on
        if on and self._scene.region is None:
            self._scene.region = centre_square(self._scene.width, self._scene.height)
        self._bar.setVisible(on)
        self._bar.place()
        if on:
            self.setFocus()
        self.unsetCursor()
        self._refit()
        self.region_mode_changed.emit(on)

    def reset_region(self) -> None:
        """Choose the square in the middle of the picture again."""
        if self._scene.pyramid:
            self._try_region(centre_square(self._scene.width, self._scene.height))
            self._choose()

    def _end_region_mode(self) -> None:
        self.set_region_mode(False)

    def _try_region(self, region: SquareRegion) -> None:
        """Show a square that is not chosen yet; heat of the old one must not lie on it."""
        if region != self._scene.region:
            self._pending = self._scene.region = region
            self._scene.overlay = None
            self.update()

    def _choose(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            self.region_chosen.emit(pending)

    def _grip(self, place: QPointF) -> Grip | None:
        """What a press there would take of the square."""
        region = self._scene.region
        if region is None:
            return None
        at = self.widget_to_image(place)
        reach = _REACH * self.devicePixelRatioF() / self.zoom
        return grip_at(region, at.x(), at.y(), reach)

    def _take_region(self, place: QPointF) -> None:
        """Begin to drag the square; away from it, it comes to the pointer first."""
        width, height = self._scene.width, self._scene.height
        at = self.widget_to_image(place)
        region = self._scene.region or centre_square(width, height)
        grip = self._grip(place)
        if grip is None:
            region = square_around(round(at.x()), round(at.y()), region.side, width, height)
            self._try_region(region)
        self._drag = RegionDrag(region, grip or Grip.INSIDE, at.x(), at.y())

    def _nudge(self, event: QKeyEvent) -> bool:
        """Arrow keys move the square; with Shift they size it."""
        step, region = _ARROWS.get(Qt.Key(event.key())), self._scene.region
        if step is None or region is None:
            return False
        far = max(1, region.side // 50)
        grip = Grip.INSIDE
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            grip = Grip.BOTTOM_RIGHT
            far = far if step[0] + step[1] > 0 else -far
            step = (1, 1)
        width, height = self._scene.width, self._scene.height
        self._try_region(dragged(region, grip, step[0] * far, step[1] * far, width, height))
        return True

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bar.place()

    def wheelEvent(self, event: QWheelEvent) -> None:
        fine = event.pixelDelta().y()
        steps = fine / 60 if fine else event.angleDelta().y() / 120
        if steps:
            self.zoom_to(self._target().zoom * 1.25**steps, event.position(), animated=not fine)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_to(self.zoom * (1 + event.value()), event.position(), animated=False)
                return True
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            # The window's next and previous must not take the arrows from the square.
            own = (*_ARROWS, Qt.Key.Key_Escape, Qt.Key.Key_Return)
            if self._scene.moving and Qt.Key(event.key()) in own:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self._scene.moving and self._nudge(event):
            return
        if self._scene.moving and key in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
            self._end_region_mode()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key is Qt.Key.Key_Minus:
            self.zoom_out()
        elif key is Qt.Key.Key_0:
            self.zoom_fit()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if Qt.Key(event.key()) in _ARROWS and not event.isAutoRepeat():
            self._choose()
        super().keyReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._scene.pyramid:
            return
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        place, left = event.position(), event.button() is Qt.MouseButton.LeftButton
        if left and (alt or (self._scene.moving and self._grip(place))):
            self._take_region(place)
        elif left or event.button() is Qt.MouseButton.MiddleButton:
            self._motion.stop()
            self._pan = place
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        at = self.widget_to_image(place)
        if self._drag:
            width, height = self._scene.width, self._scene.height
            self._try_region(self._drag.to(at.x(), at.y(), width, height))
        elif self._pan is not None:
            way = (place - self._pan) * self.devicePixelRatioF()
            self._pan = place
            moved = self._viewport.moved(way.x(), way.y())
            self._set_viewport(kept_in_view(moved, self._frame()))
        elif self._scene.moving:
            grip = self._grip(place)
            self.setCursor(_CURSORS[grip] if grip else Qt.CursorShape.OpenHandCursor)
        if 0 <= at.x() < self._scene.width and 0 <= at.y() < self._scene.height:
            self.pointer_over.emit(int(at.x()), int(at.y()))
        else:
            self.pointer_left.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag:
            self._drag = None
            self._choose()
        elif self._pan is not None:
            self._pan = None
            self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and not self._scene.moving:
            self.toggle_fit(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        self.pointer_left.emit()
