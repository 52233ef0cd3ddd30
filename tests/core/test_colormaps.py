from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionviewer.core.colormaps import COLOUR_MAPS, DEFAULT_MAP, DIVERGING

# Machado et al. 2009, severity 1.0, on linear RGB.
PROTANOPIA = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
              [-0.003882, -0.048116, 1.051998]]  # fmt: skip
DEUTERANOPIA = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881]]  # fmt: skip


def linear(colours: np.ndarray) -> np.ndarray:
    level = colours / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)


def lightness(rgb: np.ndarray) -> np.ndarray:
    """CIELAB L* of linear RGB."""
    y = rgb @ np.array([0.2126729, 0.7151522, 0.0721750])
    return np.where(y > (6 / 29) ** 3, 116 * np.cbrt(y) - 16, y * (29 / 3) ** 3)


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_lightness_grows_evenly_from_no_heat_to_most(name: str) -> None:
    steps = np.diff(lightness(linear(COLOUR_MAPS[name]))[::5])
    assert steps.min() > 0
    assert steps.max() < 2.2 * steps.mean()


@pytest.mark.parametrize("deficiency", [PROTANOPIA, DEUTERANOPIA])
@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_lightness_still_grows_for_colour_blind_readers(name: str, deficiency: list) -> None:
    seen = np.clip(linear(COLOUR_MAPS[name]) @ np.array(deficiency).T, 0, 1)
    assert np.diff(lightness(seen)[::5]).min() > 0


TRITANOPIA = [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
              [0.004733, 0.691367, 0.303900]]  # fmt: skip
XYZ_OF_RGB = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                       [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip


def cielab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB."""
    xyz = np.clip(rgb, 0, 1) @ XYZ_OF_RGB.T / XYZ_OF_RGB.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def test_both_ends_of_the_diverging_map_are_equally_strong_and_its_middle_is_white() -> None:
    light = lightness(linear(DIVERGING))
    assert light[0] == pytest.approx(light[-1], abs=1)
    assert light[127] > 93
    assert np.diff(light[:128:4]).min() > 0
    assert np.diff(light[128::4]).max() < 0


@pytest.mark.parametrize("level", [0, 64], ids=["all", "half"])
@pytest.mark.parametrize("deficiency", [np.eye(3), PROTANOPIA, DEUTERANOPIA, TRITANOPIA])
def test_the_sides_of_a_difference_stand_apart_on_skin_for_every_reader(
    deficiency, level: int, samples: list[Path]
) -> None:
    skin = np.concatenate([small_pixels(sample) for sample in samples])
    sides = [
        cielab(linear(0.55 * skin + 0.45 * colour) @ np.array(deficiency).T)
        for colour in DIVERGING[[level, 255 - level]].astype(float)
    ]
    # 2.3 is just noticeable; the tenth of the pixels where it is least has to be far beyond.
    assert np.percentile(np.linalg.norm(sides[0] - sides[1], axis=-1), 10) > 25


@pytest.mark.parametrize("level", [0, 64, 191, 255])
def test_a_difference_stands_out_from_skin_and_lesion(level: int, samples: list[Path]) -> None:
    skin = np.concatenate([small_pixels(sample) for sample in samples])
    tinted = 0.55 * skin + 0.45 * DIVERGING[level].astype(float)
    away = np.linalg.norm(cielab(linear(tinted)) - cielab(linear(skin)), axis=-1)
    assert np.percentile(away, 10) > 20


def small_pixels(sample: Path) -> np.ndarray:
    """Pixels of a picture, without the black beyond the dermatoscope."""
    with Image.open(sample) as image:
        pixels = np.asarray(image.convert("RGB").resize((32, 32))).reshape(-1, 3)
    return pixels[pixels.max(axis=1) > 50].astype(float)


def test_the_default_is_one_of_the_maps() -> None:
    assert COLOUR_MAPS[DEFAULT_MAP].shape == (256, 3)
    assert COLOUR_MAPS[DEFAULT_MAP].dtype == np.uint8
