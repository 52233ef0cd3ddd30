"""Several images of the list at once, kept when the list is ordered or filtered anew."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from lesionviewer.ui.image_list_model import ImageListModel


class ImageSelection(QObject):
    """Images that are decided together. Empty means: the open one alone."""

    changed = Signal()

    def __init__(self, model: ImageListModel, parent: QObject | None = None) -> None:
        """Select nothing.

        Args:
            model: Where a range from one row to another lies.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._model = model
        self._images: set[int] = set()
        self._anchor = -1

    def __contains__(self, image: object) -> bool:
        return image in self._images

    def __len__(self) -> int:
        return len(self._images)

    @property
    def images(self) -> list[int]:
        """The selected images that are listed, in the order of the list."""
        rows = sorted(self._model.row_of(image) for image in self._images)
        return [self._model.image_at(row) for row in rows if row >= 0]

    def clear(self) -> None:
        """Select nothing."""
        self._take(())

    def toggle(self, image: int, open_image: int) -> None:
        """Add `image` or take it out; the open image comes along when the selection begins."""
        images = self._images or ({open_image} if open_image >= 0 else set())
        self._anchor = image
        self._take(images ^ {image})

    def extend(self, image: int, open_image: int) -> None:
        """Select everything from where the last selection began to `image`."""
        if not self._images or self._model.row_of(self._anchor) < 0:
            self._anchor = open_image if self._model.row_of(open_image) >= 0 else image
        ends = sorted((self._model.row_of(self._anchor), self._model.row_of(image)))
        self._take(self._model.image_at(row) for row in range(ends[0], ends[1] + 1))

    def select_all(self) -> None:
        """Select every image that is listed."""
        self._take(self._model.image_at(row) for row in range(self._model.rowCount()))

    def _take(self, images: Iterable[int]) -> None:
        before, self._images = self._images, set(images)
        if self._images != before:
            self.changed.emit()
