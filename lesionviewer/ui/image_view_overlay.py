"""From class activation maps to what is laid over the picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPolygonF

from lesionviewer.core.colormaps import COLOUR_MAPS, DIVERGING
from lesionviewer.core.heat import difference_of, enlarge, heat_of, hottest_level, tint
from lesionviewer.ui.image_view_contour import contour_lines
from lesionviewer.ui.overlay_state import OverlayState

_EDGE_PX = 256
_CONTOUR_PX = 128


@dataclass(frozen=True, slots=True)
class Overlay:
    """Ready to be painted over the square that the network saw.

    Attributes:
        image: Premultiplied colours at full opacity, stretched over the whole square.
        contours: Lines, closed or from border to border; x and y as shares of the square.
        nothing: Whether no place speaks for the diagnosis, so that there is no heat to see.
    """

    image: QImage
    contours: tuple[QPolygonF, ...] = ()
    nothing: bool = False


def render_overlay(maps: NDArray[np.float32], top: int, state: OverlayState) -> Overlay:
    """Return the overlay that `state` asks for; fast enough for the window's thread.

    Args:
        maps: Class activation maps of one image, (h, w, k).
        top: The most probable diagnosis, explained where `state` names none.
        state: Diagnosis, its opponent, colours and contour. The view applies the opacity.
    """
    diagnosis = top if state.diagnosis is None else state.diagnosis
    if state.versus is None:
        heat, colours, signed = heat_of(maps, diagnosis), COLOUR_MAPS[state.colours], False
    else:
        heat, colours, signed = difference_of(maps, diagnosis, state.versus), DIVERGING, True
    large = enlarge(heat, _EDGE_PX, _EDGE_PX)
    if signed:
        # Two diagnoses that are both likely see much the same: what they differ in is small, and
        # the very thing that was asked for. Its root keeps sign, order and scale.
        large = np.copysign(np.sqrt(np.abs(large)), large)
    layer = tint(large, colours, 1.0, signed=signed)
    contours: tuple[QPolygonF, ...] = ()
    if state.contour:
        fine = enlarge(heat, _CONTOUR_PX, _CONTOUR_PX)
        contours = tuple(map(_polygon, contour_lines(fine, hottest_level(fine))))
    return Overlay(_image(layer), contours, nothing=not heat.any())


def _image(layer: NDArray[np.uint8]) -> QImage:
    height, width = layer.shape[:2]
    straight = QImage(
        np.ascontiguousarray(layer).data, width, height, 4 * width, QImage.Format.Format_RGBA8888
    )
    return straight.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _polygon(line: NDArray[np.float64]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in line.tolist()])
