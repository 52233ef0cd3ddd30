"""The curve of a map's test: how a probability falls while more and more is hidden."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from lesionviewer.engine.explain.faithfulness import Faithfulness
from lesionviewer.ui.theme import current_tokens
from lesionviewer.ui.tokens import GRID, Tokens

_PLOT_PX = 88
_SWATCH = 16
_LINE = 2.0
_BAND = 0.25


class FaithfulnessCurve(QWidget):
    """Two lines over the hidden share of the square, and the band of the random maps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Faithfulness | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_curve(self, found: Faithfulness) -> None:
        """Show what a test found."""
        self._found = found
        hottest, random = (
            ", ".join(f"{100 * value:.0f}" for value in curve)
            for curve in (found.hottest, found.random)
        )
        self.setAccessibleName(
            "Probability in percent with 0, 10 … 100 % of the square hidden: hottest first "
            f"{hottest}; at random {random}"
        )
        self.update()

    # Qt overrides

    def sizeHint(self) -> QSize:
        return QSize(240, _PLOT_PX + 2 * GRID + 5 * self.fontMetrics().height() // 2 + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._found is None:
            return
        painter, tokens = QPainter(self), current_tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("100 %") + 2 * GRID
        plot = QRectF(left, metrics.height() / 2, self.width() - left - 2, _PLOT_PX)
        self._paint_axes(painter, plot, tokens)
        randoms = self._found.randoms
        band = [*_points(plot, randoms.max(0)), *reversed(_points(plot, randoms.min(0)))]
        quiet, accent = QColor(tokens.quiet), QColor(tokens.accent)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setOpacity(_BAND)
        painter.setBrush(quiet)
        painter.drawPolygon(QPolygonF(band))
        painter.setOpacity(1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for curve, colour in ((self._found.random, quiet), (self._found.hottest, accent)):
            painter.setPen(_pen(colour, dashed=colour is quiet))
            painter.drawPolyline(QPolygonF(_points(plot, curve)))
        self._paint_key(painter, plot, tokens)

    def _paint_axes(self, painter: QPainter, plot: QRectF, tokens: Tokens) -> None:
        height = self.fontMetrics().height()
        for share, words in ((0.0, "0 %"), (0.5, ""), (1.0, "100 %")):
            y = plot.bottom() - share * plot.height()
            painter.setPen(QColor(tokens.line))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(tokens.quiet))
            place = QRectF(0, y - height / 2, plot.left() - GRID, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, words)
        below = QRectF(plot.left(), plot.bottom() + GRID, plot.width(), height)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "nothing")
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, "hidden")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, "all")

    def _paint_key(self, painter: QPainter, plot: QRectF, tokens: Tokens) -> None:
        height = self.fontMetrics().height()
        left, y = plot.left(), plot.bottom() + 2 * GRID + 1.5 * height
        keys = (("hottest first", tokens.accent, False), ("at random", tokens.quiet, True))
        for words, colour, dashed in keys:
            painter.setPen(_pen(QColor(colour), dashed=dashed))
            painter.drawLine(QPointF(left, y), QPointF(left + _SWATCH, y))
            painter.setPen(QColor(tokens.text))
            width = self.fontMetrics().horizontalAdvance(words) + 1
            place = QRectF(left + _SWATCH + GRID, y - height / 2, width, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
            left = place.right() + 4 * GRID


def _points(plot: QRectF, curve: NDArray[np.float32]) -> list[QPointF]:
    steps = np.linspace(0.0, 1.0, len(curve))
    return [
        QPointF(plot.left() + x * plot.width(), plot.bottom() - y * plot.height())
        for x, y in zip(steps.tolist(), curve.tolist(), strict=True)
    ]


def _pen(colour: QColor, *, dashed: bool) -> QPen:
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    return QPen(colour, _LINE, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)
