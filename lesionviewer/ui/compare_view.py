"""Two to four images beside each other; zoom and pan go together."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QSize, Signal
from PySide6.QtGui import QImage, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from lesionviewer.ui.image_view import ImageView
from lesionviewer.ui.image_view_geometry import Viewport, kept_in_view
from lesionviewer.ui.theme import type_font
from lesionviewer.ui.tokens import GRID, REGULAR, STRONG
from lesionviewer.ui.widgets_text import ElidedLabel

MOST = 4
_COLUMNS = 2
_FITTED = (1.0, 0.5, 0.5)


class LinkedView(ImageView):
    """Tells how it is looked at in terms that fit a picture of any size."""

    looked = Signal(float, float, float)  # multiple of the fitted zoom, middle as shares
    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._following = False

    def follow(self, zoom: float, x: float, y: float) -> None:
        """Look as another view does.

        Args:
            zoom: Multiple of the zoom that shows the whole picture.
            x: Part of the picture in the middle of the view, as share of its width.
            y: Likewise, of its height.
        """
        if not self._scene.pyramid:
            return
        frame, self._fit = self._frame(), abs(zoom - 1) < 1e-4
        scale = zoom * frame.fit_zoom
        left = frame.view_w / 2 - x * frame.picture_w * scale
        top = frame.view_h / 2 - y * frame.picture_h * scale
        self._motion.stop()
        self._quietly(lambda: self._set_viewport(kept_in_view(Viewport(scale, left, top), frame)))

    def _quietly(self, change: Callable[[], None]) -> None:
        before, self._following = self._following, True
        change()
        self._following = before

    def _set_viewport(self, viewport: Viewport) -> None:
        super()._set_viewport(viewport)
        if not self._following and self._scene.pyramid:
            middle = self.widget_to_image(QPointF(self.width() / 2, self.height() / 2))
            self.looked.emit(
                viewport.zoom / self._frame().fit_zoom,
                middle.x() / self._scene.width,
                middle.y() / self._scene.height,
            )

    def _take_region(self, place: QPointF) -> None:
        """The square is moved where one image has the room to itself."""

    def set_picture(
        self,
        pyramid: Sequence[QImage] | None,
        size: QSize | None = None,
        *,
        keep: bool = False,
    ) -> None:
        self._quietly(lambda: super(LinkedView, self).set_picture(pyramid, size, keep=keep))

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._quietly(lambda: super(LinkedView, self).resizeEvent(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()
        super().mousePressEvent(event)


class _Cell(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.view = LinkedView()
        self.caption = ElidedLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        column.setSpacing(GRID)
        column.addWidget(self.view, 1)
        column.addWidget(self.caption)


class CompareView(QWidget):
    """Shows images by their positions; the open one has its name in strong type."""

    opened = Signal(int)  # image that the reader clicked

    def __init__(self) -> None:
        super().__init__()
        self._cells = [_Cell() for _ in range(MOST)]
        self._images: list[int] = []
        self._look = _FITTED
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        for place, cell in enumerate(self._cells):
            cell.view.looked.connect(self._on_looked)
            cell.view.clicked.connect(lambda place=place: self.opened.emit(self._images[place]))
        self.setAccessibleName("Compared images")

    @property
    def images(self) -> list[int]:
        """What is compared."""
        return list(self._images)

    def view(self, image: int) -> LinkedView:
        """Return the view of one of `images`."""
        return self._cells[self._images.index(image)].view

    def set_images(self, images: Sequence[int]) -> None:
        """Compare others, two in a row."""
        self._images, self._look = list(images[:MOST]), _FITTED
        for place, cell in enumerate(self._cells):
            self._grid.removeWidget(cell)
            cell.setParent(None)
            if place < len(self._images):
                self._grid.addWidget(cell, place // _COLUMNS, place % _COLUMNS)
                cell.view.set_message("Reading the image …", kind="wait")
                cell.show()

    def show_caption(self, image: int, words: str, *, strong: bool) -> None:
        """Write below an image what it is; in strong type where it is the open one."""
        caption = self._cells[self._images.index(image)].caption
        caption.setFont(type_font(weight=STRONG if strong else REGULAR))
        caption.set_text(words)

    def show_picture(self, image: int, pyramid: Sequence[QImage], size: QSize) -> None:
        """Show the picture of an image as the others are looked at."""
        view = self.view(image)
        view.set_picture(pyramid, size)
        view.follow(*self._look)

    def zoom(self, steps: int) -> None:
        """Zoom all by steps: inwards above 0, outwards below, whole pictures at 0."""
        if self._images:
            view = self._cells[0].view
            wish = view.zoom_fit if not steps else view.zoom_in if steps > 0 else view.zoom_out
            wish()

    def _on_looked(self, zoom: float, x: float, y: float) -> None:
        self._look = zoom, x, y
        sender = self.sender()
        for cell in self._cells[: len(self._images)]:
            if cell.view is not sender:
                cell.view.follow(zoom, x, y)
