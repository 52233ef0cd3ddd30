"""Synthetic damage to real squares: what a quality flag must find, at realistic strengths.

Each damage takes a square, (224, 224, 3) uint8, and a seeded generator, and returns a damaged
copy. Gains work in linear light (IEC 61966-2-1), where exposure does.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Square = NDArray[np.uint8]
Damage = Callable[[Square, np.random.Generator], Square]


def blur(square: Square, rng: np.random.Generator) -> Square:
    """Return it out of focus (Gaussian, sigma 1.5 to 4 px) or moved (a line of 7 to 17 px)."""
    import cv2

    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(square, (0, 0), rng.uniform(1.5, 4)), np.uint8)
    length = int(rng.integers(7, 18))
    kernel = np.zeros((length, length), np.float32)
    angle, middle = rng.uniform(0, np.pi), (length - 1) / 2
    reach = middle * np.array([np.cos(angle), np.sin(angle)])
    ends = [tuple(round(v) for v in middle + side * reach) for side in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return np.asarray(cv2.filter2D(square, -1, kernel / kernel.sum()), np.uint8)


def too_dark(square: Square, rng: np.random.Generator) -> Square:
    """Return it with 2 to 3.5 stops less light."""
    return _exposed(square, 2.0 ** -rng.uniform(2, 3.5))


def too_bright(square: Square, rng: np.random.Generator) -> Square:
    """Return it with 1 to 2.5 stops more light, clipped at white."""
    return _exposed(square, 2.0 ** rng.uniform(1, 2.5))


def glare(square: Square, rng: np.random.Generator) -> Square:
    """Return it with reflections: one to four patches, or 20 to 60 small spots, towards white."""
    if rng.random() < 0.5:
        spots = [(rng.uniform(5, 18), rng.uniform(0.4, 1)) for _ in range(rng.integers(1, 5))]
    else:
        spots = [(rng.uniform(1, 3), rng.uniform(0.5, 1)) for _ in range(rng.integers(20, 61))]
    veil = np.zeros(square.shape[:2])
    for radius, roundness in spots:
        distance = _ellipse(square.shape[0], radius, roundness, rng)
        veil = np.maximum(veil, np.clip(2 * (1.25 - distance), 0, 1))
    return _towards(square, np.full(3, 252.0), 0.95 * veil)


def vignette(square: Square, rng: np.random.Generator) -> Square:
    """Return it with the round edge of a dermatoscope, or with light falling to the corners."""
    edge = square.shape[0]
    x, y = np.meshgrid(np.arange(edge), np.arange(edge))
    centre = (edge - 1) / 2 + rng.uniform(-0.04, 0.04, 2) * edge
    distance = np.hypot(x - centre[0], y - centre[1]) / edge
    if rng.random() < 0.5:
        radius, soft = rng.uniform(0.48, 0.62), rng.uniform(0.01, 0.06)
        light = np.clip((radius - distance) / soft + 0.5, 0.01, 1)
    else:
        left = rng.uniform(0.05, 0.35)
        light = 1 - (1 - left) * np.clip(distance / np.sqrt(0.5), 0, 1) ** rng.uniform(2, 4)
    return _exposed(square, light[..., None])


def bubbles(square: Square, rng: np.random.Generator) -> Square:
    """Return it with 4 to 15 gel bubbles: bright rims of 3 to 14 px radius, with a highlight."""
    edge, veil = square.shape[0], np.zeros(square.shape[:2])
    x, y = np.meshgrid(np.arange(edge), np.arange(edge))
    for _ in range(rng.integers(4, 16)):
        radius, width = rng.uniform(3, 14), rng.uniform(0.7, 1.4)
        column, row = rng.uniform(0, edge, 2)
        distance = np.hypot(x - column, y - row)
        lit = 0.7 + 0.3 * np.cos(np.arctan2(y - row, x - column) - rng.uniform(0, 2 * np.pi))
        rim = lit * np.exp(-(((distance - radius) / width) ** 2))
        spot = np.exp(-(((x - column + radius / 2) ** 2 + (y - row + radius / 2) ** 2) / 2))
        veil = np.maximum(veil, rng.uniform(0.4, 0.8) * np.maximum(rim, spot))
    return _towards(square, np.full(3, 245.0), veil)


def ruler(square: Square, rng: np.random.Generator) -> Square:
    """Return it with a scale of 8 to 25 dark ticks, level or upright to within 6 degrees."""
    import cv2

    veil = np.zeros(square.shape[:2], np.float32)
    edge, step, long = square.shape[0], rng.uniform(7, 20), rng.uniform(6, 12)
    thick, tilt = int(rng.integers(1, 3)), np.deg2rad(rng.uniform(-6, 6))
    along = np.array([np.cos(tilt), np.sin(tilt)])
    across = np.array([-along[1], along[0]])
    start = np.array([rng.uniform(0, 0.2), rng.uniform(0.1, 0.85)]) * edge
    for number in range(rng.integers(8, 26)):
        root = start + number * step * along
        tip = root + long * (1.6 if number % 5 == 0 else 1.0) * across
        ends = [tuple(round(16 * v) for v in point) for point in (root, tip)]
        cv2.line(veil, ends[0], ends[1], 1.0, thick, cv2.LINE_AA, 4)
    veil = cv2.GaussianBlur(veil, (0, 0), 0.6) * rng.uniform(0.6, 0.9)
    return _towards(square, np.full(3, 30.0), veil.T if rng.random() < 0.5 else veil)


DAMAGES: Mapping[str, Damage] = {
    "blur": blur,
    "too_dark": too_dark,
    "too_bright": too_bright,
    "glare": glare,
    "vignette": vignette,
    "bubbles": bubbles,
    "ruler": ruler,
}
"""By the key of the figure that must find it."""


def _exposed(square: Square, gain: float | NDArray[np.float64]) -> Square:
    value = square / 255.0
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    light = np.clip(light * gain, 0, 1)
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * value), np.uint8)


def _towards(square: Square, colour: NDArray[np.float64], share: NDArray[np.floating]) -> Square:
    mixed = square + share[..., None] * (colour - square)
    return np.asarray(np.rint(np.clip(mixed, 0, 255)), np.uint8)


def _ellipse(
    edge: int, radius: float, roundness: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    x, y = np.meshgrid(np.arange(edge), np.arange(edge))
    column, row = rng.uniform(0, edge, 2)
    turn = rng.uniform(0, np.pi)
    u = (x - column) * np.cos(turn) + (y - row) * np.sin(turn)
    v = (y - row) * np.cos(turn) - (x - column) * np.sin(turn)
    return np.asarray(np.hypot(u / radius, v / (radius * roundness)))
