"""Thumbnails cut to their tiles: scaled, centred on the neutral ground, with round corners."""

from collections import OrderedDict

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPixmap

from lesionviewer.ui.theme import current_tokens
from lesionviewer.ui.thumbnails import ThumbnailCache

PICTURE_RADIUS = 4
_MOST = 300


class TilePictures:
    """Keeps what the tiles in sight need, so that painting one again costs next to nothing."""

    def __init__(self, thumbnails: ThumbnailCache) -> None:
        self._thumbnails = thumbnails
        self._made_for: tuple[QSize, float] | None = None
        self._made: OrderedDict[int, tuple[int, QPixmap]] = OrderedDict()

    def get(self, image: int, size: QSize, ratio: float) -> QPixmap | None:
        """Return the picture for a tile, or None if there is no thumbnail yet.

        Args:
            image: Position in the set.
            size: Of the tile's picture in logical pixels.
            ratio: Device pixels to a logical one.
        """
        thumbnail = self._thumbnails.get(image)
        if thumbnail is None:
            return None
        if self._made_for != (size, ratio):
            self._made_for = (QSize(size), ratio)
            self._made.clear()
        key, picture = self._made.get(image, (0, None))
        if picture is None or key != thumbnail.cacheKey():
            picture = _cut(thumbnail, size, ratio)
            self._made[image] = (thumbnail.cacheKey(), picture)
            if len(self._made) > _MOST:
                self._made.popitem(last=False)
        return picture


def _cut(thumbnail: QPixmap, size: QSize, ratio: float) -> QPixmap:
    picture = QPixmap(size * ratio)
    picture.fill(Qt.GlobalColor.transparent)
    whole = QRect(0, 0, picture.width(), picture.height())
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(whole), PICTURE_RADIUS * ratio, PICTURE_RADIUS * ratio)
    shown = thumbnail.size().scaled(whole.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(0, 0, shown.width(), shown.height())
    place.moveCenter(whole.center())
    painter = QPainter(picture)
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )
    painter.setClipPath(shape)
    painter.fillRect(whole, QColor(current_tokens().image_ground))
    painter.drawPixmap(place, thumbnail)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
