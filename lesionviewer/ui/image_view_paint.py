"""What the image view paints: picture, heat, border of what the network saw, messages."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform

from lesionviewer.core.region import SquareRegion
from lesionviewer.ui.image_view_geometry import Viewport
from lesionviewer.ui.image_view_overlay import Overlay
from lesionviewer.ui.theme import type_font

UNSEEN = "not seen by the model"
_DIM = QColor(0, 0, 0, 150)
_FRAME = QColor(235, 235, 235)
_HALO = QColor(0, 0, 0, 140)
_CRISP_FROM = 8.0
_HANDLE = 9.0


@dataclass(slots=True)
class Scene:
    """Everything the view shows.

    Attributes:
        pyramid: The upright picture, then each time half as large; empty without a picture.
        width: The picture's width in its own pixels.
        height: The picture's height in its own pixels.
        region: The square the network saw, if known.
        overlay: Heat over `region`, if there is any.
        overlay_visible: Whether the reader wants to see it.
        opacity: Share of tint where the heat is strong, 0.0 to 1.0.
        moving: Whether the square may be dragged.
    """

    pyramid: tuple[QImage, ...] = ()
    width: int = 0
    height: int = 0
    region: SquareRegion | None = None
    overlay: Overlay | None = None
    overlay_visible: bool = True
    opacity: float = 0.45
    moving: bool = False

    @property
    def overlay_shown(self) -> bool:
        """Whether heat is to be painted."""
        return self.overlay_visible and self.overlay is not None and self.region is not None

    @property
    def whole(self) -> bool:
        """Whether the network saw all of the picture."""
        region = self.region
        return region is not None and region.side == self.width == self.height


def make_pyramid(image: QImage) -> list[QImage]:
    """Return `image` in a format that paints fast, then each time half as large.

    Pure and safe on a worker thread; 20 megapixels take about 40 ms.

    Args:
        image: The upright picture.
    """
    levels = [image.convertToFormat(QImage.Format.Format_RGB32)]
    while max(levels[-1].width(), levels[-1].height()) > 512:
        last = levels[-1]
        width, height = max(1, (last.width() + 1) // 2), max(1, (last.height() + 1) // 2)
        levels.append(
            last.scaled(
                width,
                height,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
    return levels


def paint_picture(painter: QPainter, scene: Scene, viewport: Viewport, view: QRectF) -> None:
    """Paint the part of the picture that shows; the painter counts device pixels.

    Args:
        painter: Where to paint.
        scene: What to paint.
        viewport: Where the picture lies.
        view: The view in device pixels.
    """
    wanted = scene.width * viewport.zoom
    level = next((x for x in reversed(scene.pyramid) if x.width() >= wanted), scene.pyramid[0])
    share_x, share_y = level.width() / scene.width, level.height() / scene.height
    left, top = viewport.to_picture(view.left(), view.top())
    right, bottom = viewport.to_picture(view.right(), view.bottom())
    x0, y0 = max(0, int(left * share_x) - 2), max(0, int(top * share_y) - 2)
    x1 = min(level.width(), int(right * share_x) + 3)
    y1 = min(level.height(), int(bottom * share_y) + 3)
    if x1 <= x0 or y1 <= y0:
        return
    start = QPointF(*viewport.to_view(x0 / share_x, y0 / share_y))
    end = QPointF(*viewport.to_view(x1 / share_x, y1 / share_y))
    smooth = viewport.zoom < _CRISP_FROM
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(QRectF(start, end), level, QRectF(x0, y0, x1 - x0, y1 - y0))


def region_rect(region: SquareRegion, viewport: Viewport) -> QRectF:
    """Return where the square lies in the view, in device pixels."""
    left, top = viewport.to_view(region.left, region.top)
    edge = region.side * viewport.zoom
    return QRectF(left, top, edge, edge)


def paint_overlay(painter: QPainter, scene: Scene, square: QRectF, ratio: float) -> None:
    """Paint the heat over exactly `square`, and the contour as a thin line on a dark one.

    Args:
        painter: Counts device pixels.
        scene: Holds the overlay.
        square: The square that the network saw, in device pixels.
        ratio: Device pixels to a logical one.
    """
    if scene.overlay is None:
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setOpacity(scene.opacity)
    painter.drawImage(square, scene.overlay.image)
    painter.setOpacity(1.0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    place = QTransform.fromTranslate(square.x(), square.y()).scale(square.width(), square.height())
    for colour, width in ((_HALO, 3.5), (_FRAME, 1.5)):
        pen = QPen(colour, width * ratio)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        for line in scene.overlay.contours:
            painter.drawPolyline(place.map(line))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def paint_border(
    painter: QPainter, picture: QRectF, square: QRectF, ratio: float, *, handles: bool
) -> None:
    """Dim what lies outside the square and frame it.

    Args:
        painter: Counts device pixels.
        picture: The picture in the view.
        square: The square in the view.
        ratio: Device pixels to a logical one.
        handles: Whether the square can be dragged now.
    """
    outside = QPainterPath()
    outside.addRect(picture)
    outside.addRect(square)
    painter.fillPath(outside, _DIM)
    line = max(1, round(ratio))
    half = line / 2
    painter.setPen(QPen(_FRAME, line, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(square.adjusted(-half, -half, half, half))
    if handles:
        edge = _HANDLE * ratio
        painter.setPen(QPen(QColor(40, 40, 40), line))
        painter.setBrush(_FRAME)
        middle = square.center()
        for x in (square.left(), middle.x(), square.right()):
            for y in (square.top(), middle.y(), square.bottom()):
                if (x, y) != (middle.x(), middle.y()):
                    painter.drawRect(QRectF(x - edge / 2, y - edge / 2, edge, edge))


def paint_unseen(painter: QPainter, picture: QRectF, square: QRectF, view: QRectF) -> None:
    """Write `UNSEEN` into the widest strip outside the square, if one has room for it.

    Args:
        painter: Counts logical pixels.
        picture: The picture in the view, in logical pixels.
        square: The square in the view, in logical pixels.
        view: The view in logical pixels.
    """
    painter.setFont(type_font())
    metrics = painter.fontMetrics()
    text = QSizeF(metrics.horizontalAdvance(UNSEEN) + 16, metrics.height() + 8)
    shown = picture.intersected(view)
    strips = (
        QRectF(shown.topLeft(), QPointF(square.left(), shown.bottom())),
        QRectF(QPointF(square.right(), shown.top()), shown.bottomRight()),
        QRectF(shown.topLeft(), QPointF(shown.right(), square.top())),
        QRectF(QPointF(shown.left(), square.bottom()), shown.bottomRight()),
    )
    strip = max(strips, key=lambda s: min(s.width(), s.height()))
    painter.setPen(_FRAME)
    if strip.width() >= text.width() and strip.height() >= text.height():
        place = strip.adjusted(8, 4, -8, -4)
        painter.drawText(
            place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, UNSEEN
        )
    elif strip.width() >= text.height() and strip.height() >= text.width():
        painter.save()
        painter.translate(strip.center())
        painter.rotate(-90)
        turned = QRectF(-strip.height() / 2, -strip.width() / 2, strip.height(), strip.width())
        painter.drawText(turned, Qt.AlignmentFlag.AlignCenter, UNSEEN)
        painter.restore()
