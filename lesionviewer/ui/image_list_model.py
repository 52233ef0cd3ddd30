"""The images of a set as rows: a thin adapter over `ReviewImages` and an order."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from lesionviewer.core.arranging import Arrangement, Show, SortKey
from lesionviewer.core.review_images import ImageState, ReviewImages
from lesionviewer.ui.doubt_words import UNLIKE, flag_name, in_order, set_words, widest_set
from lesionviewer.ui.image_list_marks import decision_words
from lesionviewer.ui.widgets_text import plain_tip

Index = QModelIndex | QPersistentModelIndex


class ImageListModel(QAbstractListModel):
    """Rows in the order and with the filter the reader chose."""

    ImageRole = Qt.ItemDataRole.UserRole + 1

    def __init__(self, images: ReviewImages) -> None:
        super().__init__()
        self._images = images
        self._wanted = Arrangement()
        self._order: NDArray[np.intp] = np.zeros(0, np.intp)
        self._rows: NDArray[np.intp] = np.zeros(0, np.intp)
        self._take_order(images.arrange(self._wanted))

    @property
    def images(self) -> ReviewImages:
        """What the rows show."""
        return self._images

    @property
    def wanted(self) -> Arrangement:
        """Order and filter of the rows."""
        return self._wanted

    @property
    def key(self) -> SortKey:
        """What the rows are ordered by."""
        return self._wanted.key

    @property
    def show(self) -> Show:
        """Which images are listed."""
        return self._wanted.show

    @property
    def text(self) -> str:
        """Words that the listed images have in common."""
        return self._wanted.text

    @property
    def flag(self) -> str:
        """Key of the quality figure that the listed images are flagged by, empty for none."""
        return self._wanted.flag

    @property
    def depends_on_results(self) -> bool:
        """Whether a new prediction can move, add or remove rows."""
        return self._wanted != Arrangement()

    def set_images(self, images: ReviewImages) -> None:
        """Show another set; order and filter stay as they are."""
        self._images = images
        self._reset()

    def arrange(
        self,
        *,
        key: SortKey | None = None,
        show: Show | None = None,
        text: str | None = None,
        flag: str | None = None,
        diagnosis: str | None = None,
    ) -> bool:
        """Order and filter the rows anew. Returns whether any row changed its place."""
        now = self._wanted
        wanted = Arrangement(
            now.key if key is None else key,
            now.show if show is None else show,
            now.text if text is None else text,
            now.flag if flag is None else flag,
            now.diagnosis if diagnosis is None else diagnosis,
        )
        self._wanted = wanted if wanted.show is Show.QUALITY else replace(wanted, flag="")
        order = self._arranged()
        if np.array_equal(order, self._order):
            return False
        self._reset(order)
        return True

    def append(self, count: int) -> bool:
        """Take in `count` images that were added. False if the rows have to be arranged for it."""
        if self.depends_on_results:
            return False
        first, last = len(self._images) - count, len(self._images) - 1
        self.beginInsertRows(QModelIndex(), first, last)
        self._take_order(np.arange(last + 1))
        self.endInsertRows()
        return True

    def refresh(self, images: Iterable[int], rows: range) -> None:
        """Show what changed of `images` in `rows`: those in sight, the others are painted later."""
        for image in images:
            row = self.row_of(image)
            if row in rows:
                # One row at a time: for more than one a view paints all it shows.
                index = self.index(row)
                self.dataChanged.emit(index, index)

    def image_at(self, row: int) -> int:
        """Return the image in `row`, or -1 if there is no such row."""
        return int(self._order[row]) if 0 <= row < self._order.size else -1

    def row_of(self, image: int) -> int:
        """Return the row of `image`, or -1 if it is not listed."""
        return int(self._rows[image]) if 0 <= image < self._rows.size else -1

    # Qt overrides

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else int(self._order.size)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        image = self.image_at(index.row()) if index.isValid() else -1
        if image < 0:
            return None
        if role == self.ImageRole:
            return image
        if role == Qt.ItemDataRole.DisplayRole:
            return self._images.name(image)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._described(image, "\n"))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._described(image, ", ")
        return None

    def _described(self, image: int, between: str) -> str:
        images = self._images
        parts = [images.name(image)]
        top, malignant = images.top(image), images.malignant(image)
        if images.state(image) is ImageState.FAILED:
            parts.append(images.reason(image))
        elif top is None:
            parts.append("waiting")
        else:
            parts.append(f"{top[0].name} {top[1]:.1%}")
            if malignant is not None:
                parts.append(f"malignant {malignant:.1%}")
            prediction = images.prediction(image)
            if prediction is not None and prediction.chosen_region:
                parts.append("of a chosen region")
            parts += self._doubted(image)
        parts += decision_words(images.reader.get(image), images)
        return between.join((*parts, *images.notices(image)))

    def _doubted(self, image: int) -> list[str]:
        images = self._images
        parts = [UNLIKE] if images.unlike(image) else []
        if (widest := widest_set(images.doubt(image))) is not None:
            level, members = widest
            parts.append(f"{level} %: {set_words(members, images.diagnoses)}")
        flags = in_order(images.quality_flags(image))
        if flags:
            names = [flag_name(flag) for flag in flags]
            parts.append("Picture: " + ", ".join(name.lower() for name in names))
        return parts

    def _arranged(self) -> NDArray[np.intp]:
        return self._images.arrange(self._wanted)

    def _reset(self, order: NDArray[np.intp] | None = None) -> None:
        self.beginResetModel()
        if order is None:
            order = self._arranged()
        self._take_order(order)
        self.endResetModel()

    def _take_order(self, order: NDArray[np.intp]) -> None:
        self._order = order
        self._rows = np.full(len(self._images), -1, np.intp)
        self._rows[order] = np.arange(order.size)
