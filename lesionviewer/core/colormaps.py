"""Colour maps for heat: even in lightness, and safe for colour-blind readers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Viridis and inferno by van der Walt and Smith, 2015 (CC0), at 17 even steps.
_VIRIDIS = (
    "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c "
    "1fa088 28ae80 3fbc73 5ec962 84d44b addc30 d8e219 fde725"
)
_INFERNO = (
    "000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 "
    "d24644 e45a31 f1731d f98e09 fcac11 f9cb35 f2ea69 fcffa4"
)
# Blue and yellow differ for every kind of colour blindness (CIELAB: L*, a*, b*).
_BLUE_YELLOW = ((14.0, 8.0, -34.0), (52.0, 0.0, 2.0), (92.0, -4.0, 62.0))
# Green and violet do too, and of all such pairs they stand out most from skin and from lesions.
# Each keeps its hue and is strong halfway already: no difference is told by transparency.
_GREEN_VIOLET = (
    (48.0, -52.0, 44.0),
    (62.0, -42.0, 36.0),
    (95.0, 0.0, 0.0),
    (62.0, 54.0, -42.0),
    (48.0, 66.0, -52.0),
)

_WHITE_D65 = np.array([0.95047, 1.0, 1.08883])
_RGB_OF_XYZ = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)


def _between(points: NDArray[np.float64]) -> NDArray[np.float64]:
    places = np.linspace(0.0, 1.0, len(points))
    steps = np.linspace(0.0, 1.0, 256)
    return np.column_stack([np.interp(steps, places, channel) for channel in points.T])


def _from_hex(text: str) -> NDArray[np.uint8]:
    points = np.array([list(bytes.fromhex(colour)) for colour in text.split()], np.float64)
    return np.rint(_between(points)).astype(np.uint8)


def _from_lab(points: Sequence[Sequence[float]]) -> NDArray[np.uint8]:
    """Return the sRGB colours (IEC 61966-2-1) on straight lines between points in CIELAB."""
    lightness, a, b = _between(np.array(points)).T
    y = (lightness + 16) / 116
    f = np.column_stack([y + a / 500, y, y - b / 200])
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * _WHITE_D65
    linear = np.clip(xyz @ _RGB_OF_XYZ.T, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * curved), np.uint8)


COLOUR_MAPS: dict[str, NDArray[np.uint8]] = {
    "viridis": _from_hex(_VIRIDIS),
    "inferno": _from_hex(_INFERNO),
    "blue-yellow": _from_lab(_BLUE_YELLOW),
}
"""Maps for the heat of one diagnosis, (256, 3), 0 to 255, from no heat to the most."""

DEFAULT_MAP = "viridis"

DIVERGING: NDArray[np.uint8] = _from_lab(_GREEN_VIOLET)
"""Map for a difference, (256, 3), 0 to 255: its middle is no difference, its ends are alike."""
