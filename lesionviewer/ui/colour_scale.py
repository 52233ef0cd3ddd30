"""The scale of the overlay: which colour stands for how much."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lesionviewer.core.heat import tint_table
from lesionviewer.ui.theme import current_tokens

_BAND = 10
_GAP = 4


class ColourScale(QWidget):
    """A band from low to high as it looks over skin, with words below its ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._words = ("low", "", "high")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_colours(
        self,
        colours: NDArray[np.uint8],
        words: tuple[str, str, str] = ("low", "", "high"),
        *,
        signed: bool = False,
    ) -> None:
        """Show another map.

        Args:
            colours: A map of `core.colormaps`, (256, 3), 0 to 255.
            words: Below the left end, the middle and the right end.
            signed: Whether the middle stands for no heat.
        """
        row = np.ascontiguousarray(tint_table(colours, 1.0, signed=signed))
        self._image = QImage(row.data, len(row), 1, 4 * len(row), QImage.Format.Format_RGBA8888)
        self._image = self._image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        self._words = words
        self.setAccessibleName("Colour scale: " + ", ".join(filter(None, words)))
        self.update()

    # Qt overrides

    def sizeHint(self) -> QSize:
        return QSize(200, _BAND + _GAP + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        band = QRectF(0, 0, self.width(), _BAND)
        shape = QPainterPath()
        shape.addRoundedRect(band, 3, 3)
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(band, QColor(_SKIN))
        painter.drawImage(band, self._image)
        painter.restore()
        painter.setPen(QColor(tokens.quiet))
        line = QRectF(0, _BAND + _GAP, self.width(), self.fontMetrics().height())
        sides = (
            Qt.AlignmentFlag.AlignLeft,
            Qt.AlignmentFlag.AlignHCenter,
            Qt.AlignmentFlag.AlignRight,
        )
        room = self.width() // 2 - 12 if not self._words[1] else self.width() // 3
        for words, side in zip(self._words, sides, strict=True):
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room)
            painter.drawText(line, side | Qt.AlignmentFlag.AlignVCenter, shown)


_SKIN = "#d9b8a4"
"""Behind the band, since weak heat is see-through."""
