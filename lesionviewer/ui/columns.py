"""List, picture and figures side by side; in a narrow window the sides give way to the picture."""

from enum import Enum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_PICTURE_LEAST = 200
_PICTURE_BETWEEN = 320
"""Least width of a picture that has both sides beside it."""
_PICTURE_GOOD = 480
"""Width up to which the sides shrink before the picture does."""
_SHEET_LEAST = 352


class Side(Enum):
    """A column beside the picture; its value is its width at first."""

    IMAGES = 296
    FIGURES = 340


class Columns(QSplitter):
    """Shows the sides that the reader wants, as far as there is room for them.

    Where there is room for one side only, it is the one asked for last. The other comes back by
    itself when the window grows.
    """

    changed = Signal()  # another side, or the contact sheet, is shown or hidden

    def __init__(self, images: QWidget, picture: QWidget, figures: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._sides = {Side.IMAGES: images, Side.FIGURES: figures}
        self._picture = picture
        self._widths = {side: side.value for side in Side}
        self._wanted = set(Side)
        self._latest = Side.FIGURES
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        for column in (images, picture, figures):
            self.addWidget(column)
        self.setStretchFactor(1, 1)
        self.splitterMoved.connect(self._on_moved)

    @property
    def widths(self) -> list[int]:
        """What the sides take where there is room, in pixels."""
        return [self._widths[side] for side in Side]

    def set_widths(self, widths: list[int]) -> None:
        """Give the sides other widths."""
        self._widths = dict(zip(Side, widths, strict=True))
        self._share_out()

    @property
    def is_sheet(self) -> bool:
        """Whether the list has the picture's room."""
        return self._picture.isHidden()

    def set_sheet(self, on: bool) -> None:
        """Give the list the picture's room, or give it back."""
        self._picture.setHidden(on)
        self._fit(force=True)

    def shows(self, side: Side) -> bool:
        """Return whether `side` is shown now."""
        return not self._sides[side].isHidden()

    def set_shown(self, side: Side, on: bool) -> None:
        """Show or hide `side`; where there is room for one only, the other gives way."""
        if on:
            self._wanted.add(side)
            self._latest = side
        else:
            self._wanted.discard(side)
            if side is Side.IMAGES:
                self._picture.show()
        self._fit(force=True)

    def set_both_shown(self, on: bool) -> None:
        """Show or hide both sides."""
        self._wanted = set(Side) if on else set()
        if not on:
            self._picture.show()
        self._fit(force=True)

    def _fit(self, *, force: bool = False) -> None:
        """Show what is wanted and has room."""
        before = [self.shows(side) for side in Side]
        least = {side: self._least(side) for side in Side}
        for side, column in self._sides.items():
            if self.is_sheet:
                room = self.width() >= _SHEET_LEAST + least[Side.FIGURES]
                shown = side is Side.IMAGES or (side in self._wanted and room)
            else:
                room = self.width() >= sum(least.values()) + _PICTURE_BETWEEN
                shown = side in self._wanted and (room or side is self._latest)
            column.setVisible(shown)
        if force or before != [self.shows(side) for side in Side]:
            self._share_out()
            self.changed.emit()

    def _share_out(self) -> None:
        shown = {side: self._widths[side] * self.shows(side) for side in Side}
        wanted, room = sum(shown.values()), max(0, self.width() - _PICTURE_GOOD)
        if self.is_sheet:
            shown[Side.IMAGES] = self.width() - shown[Side.FIGURES]
        elif wanted > room:
            shown = {side: width * room // wanted for side, width in shown.items()}
        left, right = shown[Side.IMAGES], shown[Side.FIGURES]
        self.setSizes([left, max(0, self.width() - left - right), right])

    def _least(self, side: Side) -> int:
        column = self._sides[side]
        return max(column.minimumWidth(), column.minimumSizeHint().width())

    def _on_moved(self) -> None:
        left, _, right = self.sizes()
        for side, width in ((Side.IMAGES, left), (Side.FIGURES, right)):
            if self.shows(side) and not self.is_sheet:
                self._widths[side] = width

    # Qt overrides

    def minimumSizeHint(self) -> QSize:
        width = max(map(self._least, Side)) + _PICTURE_LEAST
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Sides that were shared out for no width at all have to be once there is one.
        self._fit(force=not event.oldSize().isValid() or event.oldSize().width() < _PICTURE_LEAST)
