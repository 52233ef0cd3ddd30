"""What other dermatoscopes and other skin put into a picture: a round field of view, hairs."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
_CUT = 1.05
"""A field this many times as wide as the picture, or wider, is seen whole; one less may be cut."""
_MOST_HAIRS = 16
_FINE_PX = 512


def round_field(square: Pixels, rng: np.random.Generator) -> Pixels:
    """Return a picture in the round field of a dermatoscope: all or part of it, black around it.

    The field's edge is soft, and light falls off towards it. One field in eight is on white.

    Args:
        square: RGB pixels, (s, s, 3).
        rng: Where the chance comes from.

    Returns:
        RGB pixels, (t, t, 3) with s ≤ t: the field is at most as wide as the picture.
    """
    edge = square.shape[0]
    whole = round(edge / rng.uniform(0.55, 1.0))
    ground = int(rng.integers(235, 256)) if rng.random() < 1 / 8 else int(rng.integers(0, 26))
    left, top = (round((whole - edge) * rng.triangular(0, 0.5, 1)) for _ in range(2))
    radius = edge / 2 * rng.uniform(0.92, 1.0 if whole > _CUT * edge else 1.3)
    y, x = np.ogrid[:edge, :edge]
    far = np.hypot(y - (edge - 1) / 2, x - (edge - 1) / 2) / radius
    soft = rng.uniform(0.01, 0.12)
    inside = np.clip((1 - far) / soft, 0, 1)[..., None]
    light = 1 - rng.uniform(0, 0.45) * np.clip(far, 0, 1)[..., None] ** 4
    made = np.full((whole, whole, 3), ground, np.uint8)
    field = inside * light * square + (1 - inside) * ground
    made[top : top + edge, left : left + edge] = field.astype(np.uint8)
    return made


def draw_hairs(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Return a picture with up to 16 bent hairs across it, of one colour.

    Args:
        picture: RGB pixels, (s, s, 3).
        rng: Where the chance comes from.
    """
    import cv2

    edge = picture.shape[0]
    drawn = np.zeros((_FINE_PX, _FINE_PX), np.uint8)
    part = np.linspace(0, 1, 12)[:, None]
    for _ in range(int(rng.integers(1, _MOST_HAIRS + 1))):
        ends = rng.uniform(-0.2, 1.2, (3, 2)) * _FINE_PX
        curve = (1 - part) ** 2 * ends[0] + 2 * part * (1 - part) * ends[1] + part**2 * ends[2]
        thick = int(rng.integers(1, 5))
        cv2.polylines(drawn, [np.rint(curve).astype(np.int32)], False, 255, thick, cv2.LINE_AA)
    share = cv2.resize(drawn, (edge, edge), interpolation=cv2.INTER_AREA)[..., None] / 255
    colour = rng.uniform(0.05, 0.5) * np.array([1.0, rng.uniform(0.6, 1.0), rng.uniform(0.4, 1.0)])
    share = share * rng.uniform(0.6, 1.0)
    return np.asarray((1 - share) * picture + share * 255 * colour, np.uint8)
