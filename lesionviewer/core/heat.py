"""Heat: where a network looked, as numbers and as colour over a picture."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.errors import ImageError
from lesionviewer.core.region import SquareRegion

_FULL_TINT = 0.4
"""Heat from which on the tint has its whole opacity; below, it fades out."""
_DIMMED = 0.35
"""Brightness of the picture where the network saw nothing."""
_FRAME = np.array([235, 235, 235], np.uint8)


def grad_cam(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return Grad-CAM of every class activation map in `maps` (any shape): their ReLU.

    For a head of global average pooling and one dense layer that is exact, up to the constant h·w
    (Selvaraju et al. 2017, section 3.1 and appendix A).
    """
    return np.maximum(maps, np.float32(0)).astype(np.float32)


def heat_of(maps: NDArray[np.float32], index: int) -> NDArray[np.float32]:
    """Return Grad-CAM of one diagnosis, scaled by its own maximum.

    Args:
        maps: Class activation maps, (h, w, k), any range.
        index: The diagnosis, 0 to k - 1.

    Returns:
        (h, w), 0.0 to 1.0; zero everywhere if nothing speaks for the diagnosis.
    """
    heat = grad_cam(maps[..., index])
    return _scaled(heat, float(heat.max(initial=0.0)))


def difference_of(maps: NDArray[np.float32], first: int, second: int) -> NDArray[np.float32]:
    """Return where the network saw more of one diagnosis than of another.

    Args:
        maps: Class activation maps, (h, w, k), any range.
        first: The diagnosis that counts positive.
        second: The diagnosis that counts negative.

    Returns:
        (h, w), -1.0 to 1.0: the difference of both Grad-CAMs over the larger of their maxima.
    """
    both = grad_cam(maps[..., [first, second]])
    return _scaled(both[..., 0] - both[..., 1], float(both.max(initial=0.0)))


def _scaled(heat: NDArray[np.float32], largest: float) -> NDArray[np.float32]:
    return heat / np.float32(largest) if largest > 0 else np.zeros_like(heat)


def enlarge(heat: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Return `heat` stretched over `width` × `height` pixels, bilinear.

    Every value stands at the middle of its cell (half-pixel centres) and holds out to the edge, so
    that the cells of a 7 × 7 map cover the square in equal parts.

    Args:
        heat: (h, w), any range.
        width: Columns of the returned array.
        height: Rows of the returned array.
    """
    down, across = _shares(heat.shape[0], height), _shares(heat.shape[1], width)
    stretched: NDArray[np.float32] = down @ heat.astype(np.float32, copy=False) @ across.T
    return stretched


@lru_cache(maxsize=16)
def _shares(cells: int, length: int) -> NDArray[np.float32]:
    """Return what each of `cells` contributes to each place along an edge, (length, cells)."""
    places = (np.arange(length) + 0.5) * cells / length - 0.5
    distances = np.abs(places.clip(0, cells - 1)[:, None] - np.arange(cells))
    shares: NDArray[np.float32] = np.maximum(0, 1 - distances).astype(np.float32)
    return shares


def hottest_level(heat: NDArray[np.float32], share: float = 0.2) -> float:
    """Return the level above which the hottest `share` of the area lies.

    Args:
        heat: (h, w), any range; enlarged already, so that its pixels measure area finely.
        share: Part of the area, between 0 and 1.

    Returns:
        The level; infinite if no place is warmer than another.
    """
    if not heat.size or heat.min() == heat.max():
        return float("inf")
    # Not np.quantile: its first call imports numpy.ma, 40 ms in the window's thread.
    rank = round((1 - share) * (heat.size - 1))
    return float(np.partition(heat, rank, axis=None)[rank])


def tint_table(
    colours: NDArray[np.uint8], opacity: float, *, signed: bool = False
) -> NDArray[np.uint8]:
    """Return the 256 straight RGBA colours from the least heat to the greatest.

    Args:
        colours: A map of `core.colormaps`, (256, 3), 0 to 255.
        opacity: Share of tint where the heat is strong, 0.0 to 1.0.
        signed: Whether the middle of the map stands for no heat, as in a difference.
    """
    level = np.linspace(0.0, 1.0, 256)
    strength = np.abs(2 * level - 1) if signed else level
    fade = np.clip(strength / _FULL_TINT, 0, 1)
    alpha = 255 * opacity * fade * fade * (3 - 2 * fade)
    return np.column_stack([colours, np.rint(alpha).astype(np.uint8)])


def tint(
    heat: NDArray[np.float32], colours: NDArray[np.uint8], opacity: float, *, signed: bool = False
) -> NDArray[np.uint8]:
    """Return `heat` as a layer to lay over the picture; weak regions are transparent.

    Args:
        heat: (h, w), 0.0 to 1.0, or -1.0 to 1.0 if `signed`.
        colours: A map of `core.colormaps`, (256, 3), 0 to 255; a diverging one if `signed`.
        opacity: Share of tint where the heat is strong, 0.0 to 1.0.
        signed: Whether `heat` is a difference.

    Returns:
        Straight (not premultiplied) RGBA, (h, w, 4), 0 to 255.
    """
    level = (heat + 1) / 2 if signed else heat
    index = np.rint(np.clip(level, 0, 1) * 255).astype(np.uint8)
    layer: NDArray[np.uint8] = tint_table(colours, opacity, signed=signed)[index]
    return layer


def overlay(
    pixels: NDArray[np.uint8],
    heat: NDArray[np.float32],
    region: SquareRegion,
    *,
    opacity: float = 0.45,
    colours: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """Return the whole picture with heat exactly over the square that the network saw.

    Outside the square the picture is dimmed; a thin frame marks the border.

    Args:
        pixels: Upright RGB picture, (height, width, 3), 0 to 255.
        heat: Heat over `region`, (h, w), 0.0 to 1.0, of any resolution.
        region: The square that the network saw.
        opacity: Share of tint where the heat is strong, 0.0 to 1.0.
        colours: A map of `core.colormaps`, (256, 3), 0 to 255.

    Raises:
        ImageError: `region` reaches beyond the picture.
    """
    height, width = pixels.shape[:2]
    if not region.fits(width, height):
        raise ImageError(
            f"The heat lies over {region.left}, {region.top}, side {region.side}, beyond the "
            f"{width} × {height} picture. It belongs to another picture."
        )
    rows = slice(region.top, region.top + region.side)
    columns = slice(region.left, region.left + region.side)
    levels = np.rint(np.arange(256) * _DIMMED).astype(np.uint8)
    result = np.take(levels, pixels)
    layer = Image.fromarray(tint(enlarge(heat, region.side, region.side), colours, opacity))
    square = Image.fromarray(np.ascontiguousarray(pixels[rows, columns]))
    square.paste(layer, mask=layer.getchannel("A"))
    result[rows, columns] = np.asarray(square)
    if (region.side, region.side) != (width, height):
        _frame(result[rows, columns])
    return result


def _frame(square: NDArray[np.uint8]) -> None:
    line = max(1, len(square) // 400)
    square[:line] = square[-line:] = square[:, :line] = square[:, -line:] = _FRAME
