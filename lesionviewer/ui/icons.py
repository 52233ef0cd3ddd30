"""Line icons in the colour of the text around them, in every theme and at every scale."""

from functools import cache

from PySide6.QtCore import QByteArray, QFile, QIODevice, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from lesionviewer.ui import resources_rc  # noqa: F401 - its import registers the files

ICON_PX = 20
"""Edge of the grid that every icon is drawn on."""


def icon(name: str) -> QIcon:
    """Return the icon `:/icons/<name>.svg`, tinted afresh whenever the theme changes.

    Raises:
        LookupError: There is no such icon.
    """
    _source(name)
    return QIcon(_TintedEngine(name))


def icon_pixmap(name: str, colour: QColor | str, *, size: int, ratio: float) -> QPixmap:
    """Return an icon in `colour` for a widget that paints itself.

    Args:
        name: Name of the icon.
        colour: What its lines are drawn in.
        size: Edge in logical pixels.
        ratio: Device pixels to a logical one.
    """
    edge = round(size * ratio)
    pixmap = _draw(name, QColor(colour).name(), edge, edge)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def app_icon() -> QIcon:
    """Return the program's own sign, in colour."""
    return QIcon(":/icons/lesionviewer.svg")


class _TintedEngine(QIconEngine):
    """Draws at the moment of painting, so that the colour is the theme's of that moment."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    # Qt overrides

    def clone(self) -> QIconEngine:
        return _TintedEngine(self._name)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(rect, self.scaledPixmap(rect.size(), mode, state, ratio))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(  # noqa: N802 - Qt's name
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        device = size * scale
        pixmap = _draw(self._name, _colour(mode, state).name(), device.width(), device.height())
        pixmap.setDevicePixelRatio(scale)
        return pixmap


def _colour(mode: QIcon.Mode, state: QIcon.State) -> QColor:
    palette = QGuiApplication.palette()
    if mode is QIcon.Mode.Disabled:
        return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
    if state is QIcon.State.On:
        return palette.color(QPalette.ColorRole.Accent)
    return palette.color(QPalette.ColorRole.WindowText)


@cache
def _source(name: str) -> bytes:
    file = QFile(f":/icons/{name}.svg")
    if not file.open(QIODevice.OpenModeFlag.ReadOnly):
        raise LookupError(f"There is no icon {name!r}. Add assets/icons/{name}.svg and its line.")
    return bytes(file.readAll().data())


def _draw(name: str, colour: str, width: int, height: int) -> QPixmap:
    pixmap = QPixmap(max(1, width), max(1, height))
    pixmap.fill(Qt.GlobalColor.transparent)
    source = _source(name).replace(b"currentColor", colour.encode())
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = min(width, height)
    corner = QPoint((width - edge) // 2, (height - edge) // 2)
    QSvgRenderer(QByteArray(source)).render(painter, QRectF(QRect(corner, QSize(edge, edge))))
    painter.end()
    return pixmap
