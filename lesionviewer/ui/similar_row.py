"""One similar case: its picture or a tile in its diagnosis' colour, and what is known of it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.engine.doubt.library import SimilarCase
from lesionviewer.ui.theme import current_tokens, type_font
from lesionviewer.ui.tokens import GRID, STRONG, diagnosis_colours
from lesionviewer.ui.widgets_text import plain_tip

_TILE_PX = 40
_EDGE_PX = 4
_SAME = 0.999
_CONFIRMED = {
    "histo": "histopathology",
    "histopathology": "histopathology",
    "follow_up": "follow-up",
    "consensus": "expert consensus",
    "confocal": "confocal microscopy",
    "single contributor clinical assessment": "one clinician",
}


class SimilarRow(QWidget):
    """Paints itself; its words are also its accessible name and its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._case: SimilarCase | None = None
        self._picture: QImage | None = None
        self._names: dict[str, str] = {}
        self._colours: dict[str, str] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def has_picture(self) -> bool:
        """Whether the picture itself is shown, and no tile."""
        return self._picture is not None

    def set_diagnoses(self, diagnoses: Sequence[Diagnosis]) -> None:
        """Take the names and colours of the model's diagnoses."""
        self._names = {d.code: d.name for d in diagnoses}
        self._colours = diagnosis_colours(self._names)

    def show_case(self, case: SimilarCase) -> None:
        """Show a case, at first without its picture."""
        self._case, self._picture = case, None
        image = case.image
        words = [self._name(), f"similarity {case.similarity:.2f}", image.id]
        words += [f"confirmed by {self._confirmed()}"] if self._confirmed() else []
        words += [image.source] if image.source else []
        words += [self._note()] if self._note() else []
        self.setAccessibleName(", ".join(words))
        self.setToolTip(plain_tip("\n".join(words)))
        self.update()

    def show_picture(self, pixels: NDArray[np.uint8]) -> None:
        """Show the case's picture.

        Args:
            pixels: RGB, (height, width, 3), 0 to 255.
        """
        height, width = pixels.shape[:2]
        data = np.ascontiguousarray(pixels).tobytes()
        image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self._picture = image.copy()
        self.update()

    def _name(self) -> str:
        code = self._case.image.diagnosis if self._case else ""
        return self._names.get(code, code)

    def _confirmed(self) -> str:
        word = self._case.image.confirmation if self._case else ""
        return _CONFIRMED.get(word, word)

    def _note(self) -> str:
        """A picture that the model learned from is its own nearest neighbour."""
        same = self._case is not None and self._case.similarity >= _SAME
        return "probably this very picture" if same else ""

    # Qt overrides

    def sizeHint(self) -> QSize:
        return QSize(240, max(_TILE_PX, 2 * self.fontMetrics().height()) + GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._case is None:
            return
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        if self.hasFocus():
            painter.setPen(QColor(current_tokens().accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        tile = QRectF(2, (self.height() - _TILE_PX) / 2, _TILE_PX, _TILE_PX)
        self._paint_tile(painter, tile, self._case.image.diagnosis)
        left = tile.right() + 3 * GRID
        line = self.fontMetrics().height()
        top = (self.height() - 2 * line) / 2
        first = QRectF(left, top, self.width() - left - 2, line)
        self._paint_words(painter, first, first.translated(0, line), self._case)

    def _paint_tile(self, painter: QPainter, tile: QRectF, code: str) -> None:
        tokens = current_tokens()
        shape = QPainterPath()
        shape.addRoundedRect(tile, _EDGE_PX, _EDGE_PX)
        painter.save()
        painter.setClipPath(shape)
        painter.fillPath(shape, QColor(tokens.hover))
        if self._picture is not None:
            side = min(self._picture.width(), self._picture.height())
            centre = self._picture.rect().center()
            source = QRectF(centre.x() - side / 2 + 0.5, centre.y() - side / 2 + 0.5, side, side)
            painter.drawImage(tile, self._picture, source)
        colour = QColor(self._colours.get(code, tokens.edge))
        painter.fillRect(QRectF(tile.left(), tile.bottom() - _EDGE_PX, _TILE_PX, _EDGE_PX), colour)
        painter.restore()
        if self._picture is None:
            painter.setFont(type_font(weight=STRONG))
            painter.setPen(QColor(tokens.text))
            words = painter.fontMetrics().elidedText(
                code, Qt.TextElideMode.ElideRight, _TILE_PX - 4
            )
            painter.drawText(tile.adjusted(0, 0, 0, -_EDGE_PX), Qt.AlignmentFlag.AlignCenter, words)

    def _paint_words(
        self, painter: QPainter, first: QRectF, second: QRectF, case: SimilarCase
    ) -> None:
        tokens = current_tokens()
        painter.setFont(type_font(tabular=True))
        metrics = painter.fontMetrics()
        figure = f"{case.similarity:.2f}"
        painter.setPen(QColor(tokens.text))
        right, left = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
        painter.drawText(first, right, figure)
        room = int(first.width() - metrics.horizontalAdvance(figure) - 2 * GRID)
        end = Qt.TextElideMode.ElideRight
        painter.drawText(first, left, metrics.elidedText(self._name(), end, room))
        painter.setPen(QColor(tokens.quiet))
        words = " · ".join(filter(None, (self._note() or self._confirmed(), case.image.id)))
        painter.drawText(second, left, metrics.elidedText(words, end, int(second.width())))
