import numpy as np
import pytest

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


def test_both_ends_of_the_diverging_map_are_equally_strong_and_its_middle_is_white() -> None:
    light = lightness(linear(DIVERGING))
    assert light[0] == pytest.approx(light[-1], abs=1)
    assert light[127] > 93
    assert np.diff(light[:128:4]).min() > 0
    assert np.diff(light[128::4]).max() < 0


@pytest.mark.parametrize("deficiency", [PROTANOPIA, DEUTERANOPIA])
def test_the_two_sides_of_a_difference_stay_apart_for_colour_blind_readers(deficiency) -> None:
    seen = np.clip(linear(DIVERGING) @ np.array(deficiency).T, 0, 1)
    assert seen[0, 2] > 2 * seen[0, 0]
    assert seen[-1, 0] > 2 * seen[-1, 2]


def test_the_default_is_one_of_the_maps() -> None:
    assert COLOUR_MAPS[DEFAULT_MAP].shape == (256, 3)
    assert COLOUR_MAPS[DEFAULT_MAP].dtype == np.uint8
