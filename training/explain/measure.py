"""What the maps of a bundle say of one image with a lesion mask, as numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.explain.faithfulness import faithfulness
from lesionviewer.engine.explain.fine import FineMaps
from lesionviewer.engine.explain.hiding import blurred, curves, hotter_shares, mean_height
from training.explain.imputation import imputed
from training.explain.localisation import anywhere, around_centre, energy_inside, points_inside
from training.pixels import read_pixels

GRAD_CAM, FINE, CENTRE, RANDOM = "grad_cam", "fine", "centre", "random"
MAPS = (GRAD_CAM, FINE, CENTRE, RANDOM)
ROAD_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Shares of the pixels that are removed for ROAD."""
Floats = NDArray[np.float32]
Explain = Callable[[NDArray[np.uint8], int], Mapping[str, Floats]]


@dataclass(frozen=True, slots=True)
class Seen:
    """One image, and the maps of the diagnosis that the network names.

    Attributes:
        square: What the network saw, (s, s, 3).
        mask: Where the lesion lies, (s, s).
        diagnosis: The most probable one's place in the card.
        heats: By name, (h, w) each, before the ReLU.
    """

    square: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    diagnosis: int
    heats: Mapping[str, Floats]


@dataclass(slots=True)
class Measured:
    """Figures of one image, by name of the figure and of the map."""

    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    curves: dict[str, dict[str, Floats]] = field(default_factory=dict)
    faithfulness: float | None = None


def see(
    classifier: Classifier,
    fine: FineMaps,
    path: Path,
    mask: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Seen:
    """Classify an image and make its maps.

    Raises:
        ImageError: The image cannot be read.
        EngineError: The engine failed.
    """
    pixels, size = read_pixels(path)[0], classifier.card.input_px
    square = cut_square(pixels, size=size)
    raw = classifier.predict(square[None])
    diagnosis, maps = int(raw.logits[0].argmax()), raw.activation_maps[0]
    heat = maps[..., diagnosis]
    heats = {
        GRAD_CAM: heat,
        FINE: fine.of(cut_square(pixels, size=fine.edge))[..., diagnosis],
        CENTRE: around_centre(heat, size),
        RANDOM: anywhere(heat, size, rng),
    }
    return Seen(square, mask, diagnosis, heats)


def localise(seen: Seen, measured: Measured) -> None:
    """Add what share of each map lies inside the lesion."""
    measured.figures["energy"] = {
        name: energy_inside(heat, seen.mask) for name, heat in seen.heats.items()
    }
    measured.figures["pointing"] = {
        name: points_inside(heat, seen.mask) for name, heat in seen.heats.items()
    }
    measured.figures["lesion"] = {"area": float(seen.mask.mean())}


def perturb(
    classifier: Classifier, seen: Seen, measured: Measured, *, seed: int, road: bool = True
) -> None:
    """Add what becomes of the diagnosis while its picture is taken apart in each map's order.

    Takes 27 + 2 (2 + 9 m) + 5 m passes for m maps.
    """
    square, fill, names = seen.square, blurred(seen.square), list(seen.heats)
    heats = list(seen.heats.values())
    for name, pictures in (("deletion", (square, fill)), ("insertion", (fill, square))):
        found = curves(classifier, pictures, heats, seen.diagnosis)
        measured.curves[name] = dict(zip(names, found, strict=True))
        areas = mean_height(found).tolist()
        measured.figures[name] = dict(zip(names, areas, strict=True))
    if road:
        measured.figures["road"] = {
            name: _kept(classifier, seen, heat, seed) for name, heat in seen.heats.items()
        }
    if GRAD_CAM in seen.heats:
        heat = seen.heats[GRAD_CAM]
        found_of = faithfulness(classifier, square, heat, seen.diagnosis, seed=seed)
        measured.faithfulness = found_of.area


def _kept(classifier: Classifier, seen: Seen, heat: Floats, seed: int) -> float:
    """Return for what part of `ROAD_SHARES` the diagnosis stays, hottest pixels removed first."""
    rng = np.random.default_rng(seed)
    hotter = hotter_shares(heat, len(seen.square))
    pictures = np.stack([imputed(seen.square, hotter < share, rng) for share in ROAD_SHARES])
    chosen = classifier.predict(pictures).logits.argmax(axis=1)
    return float((chosen == seen.diagnosis).mean())
