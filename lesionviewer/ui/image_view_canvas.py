"""The picture with its overlay: what is shown, at which zoom. No input."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lesionviewer.core.region import SquareRegion
from lesionviewer.ui.image_view_geometry import Frame, Viewport, fitted, kept_in_view, zoomed
from lesionviewer.ui.image_view_message import Message, MessageKind, paint_message
from lesionviewer.ui.image_view_motion import ViewportMotion
from lesionviewer.ui.image_view_overlay import Overlay
from lesionviewer.ui.image_view_paint import (
    Scene,
    paint_border,
    paint_overlay,
    paint_picture,
    paint_unseen,
    region_rect,
)
from lesionviewer.ui.theme import current_tokens

_STEP = 1.25
_MARGIN = 16
_MARGIN_MOVING = 64


class ImageCanvas(QWidget):
    """Shows one picture with its overlay.

    Zoom is in device pixels to a pixel of the picture, so that 1.0 is 1:1 on every screen.
    """

    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Image")
        self._scene = Scene()
        self._message: Message | None = None
        self._viewport = Viewport(1.0, 0.0, 0.0)
        self._fit = True
        self._motion = ViewportMotion(self)
        self._motion.moved.connect(self._set_viewport)

    # What is shown

    def set_picture(
        self, pyramid: Sequence[QImage] | None, size: QSize | None = None, *, keep: bool = False
    ) -> None:
        """Show a picture, whole; without one, the ground only.

        Args:
            pyramid: Of `make_pyramid`, or any smaller stand-in for the picture.
            size: The picture's size in its own pixels; that of the pyramid's first level if None.
            keep: Whether it is the same picture, finer: zoom, square and overlay stay.
        """
        self._motion.stop()
        levels = tuple(pyramid or ())
        self._message = None
        self.setAccessibleDescription("")
        if keep and levels:
            self._scene.pyramid = levels
            self.update()
            return
        size = size or (levels[0].size() if levels else QSize())
        old = self._scene
        self._scene = Scene(
            levels,
            size.width(),
            size.height(),
            overlay_visible=old.overlay_visible,
            opacity=old.opacity,
        )
        self._fit = True
        self._refit()

    def set_message(self, title: str, text: str = "", kind: str = "empty") -> None:
        """Show words instead of a picture; `kind` is "empty", "wait" or "error"."""
        self.set_picture(None)
        self._message = Message(title, text, MessageKind(kind))
        self.setAccessibleDescription(f"{title} {text}".strip())
        self.update()

    def set_region(self, region: SquareRegion | None) -> None:
        """Mark the square that the network saw."""
        self._scene.region = region
        self.update()

    def set_overlay(self, overlay: Overlay | None) -> None:
        """Lay heat and contours exactly over the square."""
        self._scene.overlay = overlay
        self.update()

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide heat, contour and border."""
        self._scene.overlay_visible = visible
        self.update()

    def set_overlay_opacity(self, opacity: float) -> None:
        """Set the share of tint where the heat is strong, 0.0 to 1.0."""
        self._scene.opacity = min(max(opacity, 0.0), 1.0)
        self.update()

    @property
    def region(self) -> SquareRegion | None:
        """The square as it stands."""
        return self._scene.region

    # Zoom

    @property
    def zoom(self) -> float:
        """Device pixels to a pixel of the picture."""
        return self._viewport.zoom

    @property
    def is_fitted(self) -> bool:
        """Whether the picture is shown whole and stays so when the window changes."""
        return self._fit

    def zoom_in(self) -> None:
        """One step nearer to the middle."""
        self.zoom_to(self._target().zoom * _STEP)

    def zoom_out(self) -> None:
        """One step away from the middle."""
        self.zoom_to(self._target().zoom / _STEP)

    def zoom_fit(self) -> None:
        """Show the whole picture."""
        if self._scene.pyramid:
            self._fit = True
            self._motion.go(self._viewport, fitted(self._frame()))

    def zoom_actual(self) -> None:
        """One device pixel to each pixel of the picture."""
        self.zoom_to(1.0)

    def toggle_fit(self, at: QPointF | None = None) -> None:
        """Change between the whole picture and 1:1 at a place of the view."""
        if self._fit:
            self.zoom_to(1.0, at)
        else:
            self.zoom_fit()

    def zoom_to(self, zoom: float, at: QPointF | None = None, *, animated: bool = True) -> None:
        """Zoom, within limits, so that what shows at `at` stays there.

        Args:
            zoom: Device pixels to a pixel of the picture.
            at: A place of the view in logical pixels; its middle if None.
            animated: Whether to take the short way there.
        """
        if not self._scene.pyramid:
            return
        frame, ratio = self._frame(), self.devicePixelRatioF()
        place = at if at is not None else QRectF(self.rect()).center()
        end = zoomed(self._target(), frame, zoom, (place.x() * ratio, place.y() * ratio))
        self._fit = abs(end.zoom / frame.fit_zoom - 1) < 1e-4
        if animated:
            self._motion.go(self._viewport, end)
        else:
            self._motion.stop()
            self._set_viewport(end)

    def image_to_widget(self, x: float, y: float) -> QPointF:
        """Return where a place of the picture, in its pixels, shows, in logical pixels."""
        ratio = self.devicePixelRatioF()
        return QPointF(*self._viewport.to_view(x, y)) / ratio

    def widget_to_image(self, place: QPointF | QPoint) -> QPointF:
        """Return what place of the picture, in its pixels, shows at a place of the view."""
        ratio = self.devicePixelRatioF()
        return QPointF(*self._viewport.to_picture(place.x() * ratio, place.y() * ratio))

    def _frame(self) -> Frame:
        ratio, scene = self.devicePixelRatioF(), self._scene
        margin = _MARGIN
        if scene.moving:
            margin = max(_MARGIN, min(_MARGIN_MOVING, min(self.width(), self.height()) // 7))
        return Frame(
            scene.width,
            scene.height,
            self.width() * ratio,
            self.height() * ratio,
            margin * ratio,
        )

    def _target(self) -> Viewport:
        return self._motion.target or self._viewport

    def _set_viewport(self, viewport: Viewport) -> None:
        changed = viewport.zoom != self._viewport.zoom
        self._viewport = viewport
        if changed:
            self.zoom_changed.emit(viewport.zoom)
        self.update()

    def _refit(self) -> None:
        if self._scene.pyramid:
            frame = self._frame()
            self._set_viewport(fitted(frame) if self._fit else kept_in_view(self._viewport, frame))
        self.update()

    # Qt overrides

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._motion.stop()
        if event.oldSize().isValid() and not self._fit:
            grown = QSizeF(event.size() - event.oldSize()) * self.devicePixelRatioF() / 2
            self._viewport = self._viewport.moved(grown.width(), grown.height())
        self._refit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._refit()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, scene, ratio = current_tokens(), self._scene, self.devicePixelRatioF()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(tokens.image_ground))
        view = QRectF(self.rect())
        if self._message:
            paint_message(painter, self._message, view, tokens, ratio)
        if not scene.pyramid:
            return
        marked = scene.region is not None and (scene.moving or scene.overlay_shown)
        device = QRectF(0, 0, view.width() * ratio, view.height() * ratio)
        picture = QRectF(
            QPointF(*self._viewport.to_view(0, 0)),
            QPointF(*self._viewport.to_view(scene.width, scene.height)),
        )
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        paint_picture(painter, scene, self._viewport, device)
        square = region_rect(scene.region, self._viewport) if scene.region else picture
        if scene.overlay_shown:
            paint_overlay(painter, scene, square, ratio)
        if marked and (scene.moving or not scene.whole):
            paint_border(painter, picture, square, ratio, handles=scene.moving)
        painter.restore()
        if marked and not scene.whole:
            paint_unseen(painter, _scaled(picture, ratio), _scaled(square, ratio), view)


def _scaled(rect: QRectF, ratio: float) -> QRectF:
    return QRectF(rect.topLeft() / ratio, rect.size() / ratio)
