"""How much of a map lies inside a lesion, and maps that know nothing to set it against."""

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.heat import enlarge, grad_cam
from lesionviewer.engine.explain.hiding import blobs

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def energy_inside(heat: Floats, mask: Mask) -> float:
    """Return the share of a map's heat inside the mask, 0.0 to 1.0; NaN if there is no heat.

    The energy-based pointing game (Wang et al. 2020, Score-CAM, section 4.3).

    Args:
        heat: (h, w) of any resolution; below 0 counts as 0, as the viewer shows it.
        mask: Where the lesion lies, (s, s).
    """
    shown = grad_cam(enlarge(heat, *mask.shape[::-1]))
    total = float(shown.sum())
    return float(shown[mask].sum()) / total if total > 0 else float("nan")


def points_inside(heat: Floats, mask: Mask) -> float:
    """Return 1.0 if the hottest pixel lies inside the mask, else 0.0, also if there is no heat.

    The pointing game (Zhang et al. 2018, section 4.2), with no margin around the lesion.

    Args:
        heat: (h, w) of any resolution.
        mask: Where the lesion lies, (s, s).
    """
    shown = enlarge(heat, *mask.shape[::-1])
    return float(shown.max() > 0 and mask.flat[int(shown.argmax())])


def around_centre(heat: Floats, size: int) -> Floats:
    """Return the values of a map with the hottest in the middle of the picture, (size, size).

    A photographed lesion lies in the middle, so that a map that looks at no pixel finds it too.
    Falls outwards evenly as a Gaussian does, and has as much heat of each strength as the map, so
    that nothing but the place differs.
    """
    across = np.arange(size) - (size - 1) / 2
    return _arranged(heat, -(across[:, None] ** 2 + across**2))


def anywhere(heat: Floats, size: int, rng: np.random.Generator) -> Floats:
    """Return the values of a map in random connected regions, (size, size)."""
    return _arranged(heat, blobs(size, rng))


def _arranged(heat: Floats, order: NDArray[np.floating]) -> Floats:
    size = len(order)
    arranged = np.empty(size * size, np.float32)
    arranged[np.argsort(order, axis=None, kind="stable")] = np.sort(
        enlarge(heat, size, size), axis=None
    )
    return arranged.reshape(size, size)
