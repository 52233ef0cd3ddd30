"""Making and reading an image view."""

from collections.abc import Callable

from PySide6.QtGui import QColor, QImage

from lesionviewer.ui.image_view import ImageView
from lesionviewer.ui.image_view_overlay import Overlay

GREY = QColor(128, 128, 128)
RED = QColor(255, 0, 0)
ViewMaker = Callable[..., ImageView]


def plain(width: int, height: int, colour: QColor = GREY) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(colour)
    return image


def red_overlay() -> Overlay:
    image = QImage(8, 8, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(RED)
    return Overlay(image)


def shown(view: ImageView) -> QImage:
    return view.grab().toImage()


def at(view: ImageView, image: QImage, x: float, y: float) -> QColor:
    """The colour on the screen where pixel (x, y) of the picture shows."""
    place = view.image_to_widget(x, y) * image.devicePixelRatio()
    return image.pixelColor(place.toPoint())
