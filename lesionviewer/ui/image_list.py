"""The left side: sort, quick filters, list or grid of the images."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from lesionviewer.core.arranging import Arrangement, Show, SortKey
from lesionviewer.core.review_images import ImageState, ReviewImages
from lesionviewer.ui.doubt_words import flag_name
from lesionviewer.ui.image_list_bar import ImageListBar
from lesionviewer.ui.image_list_delegate import Layout
from lesionviewer.ui.image_list_model import ImageListModel
from lesionviewer.ui.image_list_view import ImageListView
from lesionviewer.ui.thumbnails import ThumbnailCache
from lesionviewer.ui.tokens import GRID

_THUMBNAIL_STEP_PX = 96
_ARRANGE_MS = 1000
_FILTER_MS = 120


class ImageListPanel(QWidget):
    """Shows a set of images and says which of them the reader wants to see."""

    chosen = Signal(int)  # image that the reader went to
    wanted = Signal(object, object)  # images in sight, and those of them without thumbnail
    thumbnail_px_changed = Signal(int)  # edge in device pixels that fits the tiles now
    full = Signal()  # there is no room for thumbnails of images out of sight

    def __init__(self, images: ReviewImages, *, thumbnails: ThumbnailCache | None = None) -> None:
        """Build the panel.

        Args:
            images: What it lists at first.
            thumbnails: Where it keeps thumbnails; one of its own if None.
        """
        super().__init__()
        self._thumbnails = thumbnails or ThumbnailCache()
        self._open = -1
        self._near: set[int] = set()
        self._asked_px = 0
        self.model = ImageListModel(images)
        self.view = ImageListView(self.model, self._thumbnails)
        self.bar = ImageListBar()
        self._nothing = QLabel("No image fits.", wordWrap=True)
        self._nothing.setProperty("tone", "quiet")
        self._nothing.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._nothing)
        column.addWidget(self.view, 1)
        self._arranging = QTimer(self, singleShot=True, interval=_ARRANGE_MS)
        self._arranging.timeout.connect(self._arrange)
        self._filtering = QTimer(self, singleShot=True, interval=_FILTER_MS)
        self._filtering.timeout.connect(self._filter)
        self._text = ""
        self.bar.key_chosen.connect(lambda key: self._reorder(key=key))
        self.bar.show_chosen.connect(lambda show: self._reorder(show=show))
        self.bar.diagnosis_chosen.connect(lambda code: self._reorder(diagnosis=code))
        self.bar.layout_chosen.connect(self.set_layout_kind)
        self.view.chosen.connect(self._on_chosen)
        self.view.selecting.extended.connect(self._on_chosen)
        self.view.sight_changed.connect(self._ask)
        self._tell_counts()

    @property
    def thumbnail_px(self) -> int:
        """Edge in device pixels that a thumbnail needs here, in steps."""
        steps = self.view.picture_px * self.devicePixelRatioF() / _THUMBNAIL_STEP_PX
        return max(2, ceil(steps)) * _THUMBNAIL_STEP_PX

    def thumbnail(self, image: int) -> QPixmap | None:
        """Return the thumbnail of `image`, if there is one."""
        return self._thumbnails.get(image)

    def set_images(self, images: ReviewImages) -> None:
        """Show another set, from its start, without filter."""
        self._arranging.stop()
        self._thumbnails.clear()
        self._near.clear()
        self.view.selection.clear()
        self._open = -1
        self.bar.choose(Show.ALL)
        self.model.set_images(images)
        self._reorder(show=Show.ALL, diagnosis="")
        self.view.scrollToTop()
        self._tell_counts()

    def append(self, count: int) -> None:
        """Take in images that were added to the set."""
        if not self.model.append(count):
            self._later()
        self._tell_counts()

    def refresh(self, images: Sequence[int]) -> None:
        """Show new states; where the order depends on them it follows a moment later."""
        self.model.refresh(images, self.view.rows_in_sight())
        if self.model.depends_on_results:
            self._later()
        self._tell_counts()

    def refresh_all(self) -> None:
        """Show new states of all images, in order at once."""
        self._arrange()
        self.view.viewport().update()

    def put_thumbnails(self, thumbnails: Sequence[tuple[int, NDArray[np.uint8]]]) -> None:
        """Show thumbnails."""
        for image, pixels in thumbnails:
            # One out of sight must not push out one in sight.
            if image in self._near or not self._thumbnails.full:
                self._thumbnails.put(image, pixels)
        self.model.refresh((image for image, _ in thumbnails), self.view.rows_in_sight())
        if self._thumbnails.full:
            self.full.emit()

    def show_flag(self, key: str) -> None:
        """List only the images that a quality figure flags.

        Args:
            key: Of the figure.
        """
        self.bar.choose(Show.QUALITY)
        self._reorder(show=Show.QUALITY, flag=key)

    def rethreshold(self) -> None:
        """Show what another threshold on the malignant probability changes."""
        self.bar.set_threshold(self.model.images.threshold)
        if self.model.show is Show.MALIGNANT:
            self._later()
        self.view.viewport().update()
        self._tell_counts()

    def restore(self, wanted: Arrangement) -> None:
        """Order and filter as the list was left; words to filter by come through `set_text`."""
        self.bar.choose_key(wanted.key)
        self.bar.choose(wanted.show, wanted.diagnosis)
        self._reorder(
            key=wanted.key, show=wanted.show, flag=wanted.flag, diagnosis=wanted.diagnosis
        )

    def set_text(self, text: str) -> None:
        """List only the images whose name or diagnosis has all words of `text`, soon."""
        self._text = text
        self._filtering.start()

    def set_layout_kind(self, layout: Layout) -> None:
        """Show tiles or rows."""
        self.bar.mark_layout(layout)
        self.view.set_layout_kind(layout)

    def open(self, image: int) -> None:
        """Mark `image` as the open one and bring it into sight."""
        self._open = image
        self.view.follow(image)

    def step(self, by: int) -> int:
        """Return the image `by` rows further than the open one, or -1 beyond the ends."""
        row = self.model.row_of(self._open)
        return self.model.image_at(row + by) if row >= 0 else self.model.image_at(0)

    @property
    def targets(self) -> list[int]:
        """The images that a decision is about: the selected ones, or the open one."""
        selected = self.view.selection.images
        return selected if len(selected) > 1 else [image for image in [self._open] if image >= 0]

    def after(self, images: Sequence[int]) -> int:
        """Return the image that follows the last of `images` in the list, -1 beyond the end."""
        rows = [self.model.row_of(image) for image in images]
        return self.model.image_at(max(rows) + 1) if rows and min(rows) >= 0 else -1

    def position(self) -> tuple[int, int]:
        """Return row of the open image, counted from 1 (0 if it is not listed), and all rows."""
        return self.model.row_of(self._open) + 1, self.model.rowCount()

    @property
    def says_nothing_fits(self) -> bool:
        """Whether the filter leaves no image and the panel says so."""
        return not self._nothing.isHidden()

    def ask_again(self) -> None:
        """Say anew what is in sight, as after a pause."""
        self._ask()

    def is_settled(self) -> bool:
        """Whether every readable image in sight has its thumbnail."""
        images = self.model.images
        rows = [self.model.image_at(row) for row in self.view.rows_in_sight()]
        return all(
            image in self._thumbnails or images.state(image) is ImageState.FAILED for image in rows
        )

    def _on_chosen(self, image: int) -> None:
        self._open = image
        self.chosen.emit(image)

    def _reorder(
        self,
        *,
        key: SortKey | None = None,
        show: Show | None = None,
        flag: str | None = None,
        diagnosis: str | None = None,
    ) -> None:
        self._arranging.stop()
        if self.model.arrange(key=key, show=show, flag=flag, diagnosis=diagnosis):
            self.view.follow(self._open)
        self._tell_counts()

    def _filter(self) -> None:
        if self.model.arrange(text=self._text):
            self.view.follow(self._open)
        self._tell_counts()

    def _arrange(self) -> None:
        if self.model.arrange():
            self.view.mark(self._open)
        self._tell_counts()

    def _later(self) -> None:
        if not self._arranging.isActive():
            self._arranging.start()

    def _tell_counts(self) -> None:
        images = self.model.images
        if self.model.flag:
            self.bar.set_flag(flag_name(self.model.flag), images.quality_counts()[self.model.flag])
        columns = images.columns
        marks = any(diagnosis.malignant for diagnosis in images.diagnoses)
        self.bar.set_counts(images.counts, columns.tally(), marks=marks)
        self.bar.set_diagnoses(images.diagnoses, columns.by_diagnosis())
        empty = bool(len(images)) and not self.model.rowCount()
        self._nothing.setVisible(empty)

    def _ask(self) -> None:
        rows = self.view.rows_in_sight()
        near = range(rows.stop, min(rows.stop + len(rows), self.model.rowCount()))
        before = range(max(0, rows.start - len(rows) // 2), rows.start)
        images = [self.model.image_at(row) for part in (rows, near, before) for row in part]
        self._near = set(images)
        if self.thumbnail_px > self._asked_px:
            self._asked_px = self.thumbnail_px
            self.thumbnail_px_changed.emit(self._asked_px)
        self.wanted.emit(images, [image for image in images if self._lacks(image)])

    def _lacks(self, image: int) -> bool:
        """Whether the thumbnail of `image` is missing, or too small for a tile."""
        thumbnail, size = self._thumbnails.get(image), self.model.images.size(image)
        if thumbnail is None or size is None:
            return thumbnail is None
        return max(thumbnail.width(), thumbnail.height()) < min(self.thumbnail_px, max(size))
