"""Damage to real pictures is measured as more of it, and named."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.errors import ImageError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.core.quality.evidence import is_shown
from lesionviewer.core.quality.measure import measure_quality, measure_values
from lesionviewer.core.quality.rules import RULES

Square = NDArray[np.uint8]
BY_KEY = {rule.key: rule for rule in RULES}
WITHOUT = {
    "blur": 14,
    "too_dark": 14,
    "ink": 14,
    "ruler": 14,
    "few_pixels": 14,
    "glare": 12,
    "vignette": 12,
    "small_lesion": 13,
    "cut": 11,
}
"""Of the 14 samples, how many are seen to be free of a fault; two have dark corners, and so on."""


@pytest.fixture(scope="module")
def squares(samples: list[Path]) -> list[Square]:
    return [cut_square(Image.open(path).convert("RGB")) for path in samples]


def blurred(square: Square, sigma: float) -> Square:
    return cv2.GaussianBlur(square, (0, 0), sigma)


def dimmed(square: Square, share: float) -> Square:
    return np.rint(square * (1 - share)).astype(np.uint8)


def brightened(square: Square, gain: float) -> Square:
    return np.clip(square * gain, 0, 255).astype(np.uint8)


def reflecting(square: Square, spots: float) -> Square:
    copy = square.copy()
    for column, row in np.random.default_rng(1).integers(20, 204, (int(spots), 2)).tolist():
        cv2.circle(copy, (column, row), 5, (255, 255, 255), -1)
    return copy


def framed(square: Square, share: float) -> Square:
    """Return it black beyond a circle; `share` 0 leaves all, 1 nothing."""
    rows, columns = np.mgrid[:224, :224] - 111.5
    beyond = np.hypot(rows, columns) > (1 - share) * 224 / np.sqrt(2)
    return np.where(beyond[..., None], 0, square).astype(np.uint8)


def hairy(square: Square, hairs: float) -> Square:
    copy = square.copy()
    for x0, y0, x1, y1 in np.random.default_rng(3).integers(0, 224, (int(hairs), 4)).tolist():
        cv2.line(copy, (x0, y0), (x1, y1), (25, 20, 20), 2, cv2.LINE_AA)
    return copy


def inked(square: Square, strength: float) -> Square:
    """Return it with blue ink along two edges, the stronger the less skin shines through."""
    copy = square.astype(np.float64)
    for part in (copy[:24], copy[:, :24]):
        part += strength * (np.array([30, 40, 170]) - part)
    return np.rint(copy).astype(np.uint8)


def ruled(square: Square, marks: float) -> Square:
    copy = square.copy()
    for number in range(int(marks)):
        copy[100:112, 12 + 12 * number : 14 + 12 * number] = 20
    return copy


STRENGTHS: dict[str, tuple[Callable[[Square, float], Square], tuple[float, ...]]] = {
    "blur": (blurred, (0.8, 1.5, 3, 6)),
    "too_dark": (dimmed, (0.2, 0.5, 0.7, 0.9)),
    "too_bright": (brightened, (1.2, 1.6, 2.2, 4.0)),
    "vignette": (framed, (0.15, 0.25, 0.35)),
}
ADDED: dict[str, tuple[Callable[[Square, float], Square], tuple[float, ...]]] = {
    "glare": (reflecting, (1, 8, 30)),
    "hair": (hairy, (4, 12, 24)),
    "ink": (inked, (0.5, 0.8, 1)),
    "ruler": (ruled, (4, 9, 17)),
}
"""Things laid over a picture: what lay there before may be lost, so only most rise every time."""


def towards_flag(key: str, value: float) -> float:
    return -value if BY_KEY[key].side == "below" else value


def risen(key: str, values: list[float]) -> bool:
    steps = [towards_flag(key, value) for value in values]
    return all(a <= b for a, b in pairwise(steps)) and steps[0] < steps[-1]


@pytest.mark.parametrize("key", STRENGTHS)
def test_more_damage_gives_a_value_nearer_to_the_flag(squares: list[Square], key: str) -> None:
    damage, strengths = STRENGTHS[key]
    for square in squares:
        if BY_KEY[key].flags(measure_values(square, 500)[key]):
            continue
        values = [
            measure_values(s, 500)[key] for s in (square, *(damage(square, x) for x in strengths))
        ]
        assert risen(key, values), values


@pytest.mark.parametrize("key", ADDED)
def test_more_of_what_lies_over_the_skin_gives_a_larger_value(
    squares: list[Square], key: str
) -> None:
    damage, strengths = ADDED[key]
    rises = [
        risen(key, [measure_values(damage(s, x), 500)[key] for x in strengths]) for s in squares
    ]
    assert sum(rises) >= 11, rises


@pytest.mark.parametrize("key", [*STRENGTHS, *ADDED])
def test_strong_damage_is_flagged(squares: list[Square], key: str) -> None:
    damage, strengths = (STRENGTHS | ADDED)[key]
    flagged = [
        BY_KEY[key].flags(measure_values(damage(square, strengths[-1]), 500)[key])
        for square in squares
    ]
    assert sum(flagged) >= 13, flagged


@pytest.mark.parametrize(("key", "least"), WITHOUT.items())
def test_samples_without_a_fault_are_not_flagged(
    squares: list[Square], key: str, least: int
) -> None:
    silent = [not BY_KEY[key].flags(measure_values(square, 576)[key]) for square in squares]
    assert sum(silent) >= least


def test_the_hairy_samples_are_the_ones_flagged_for_hair(
    samples: list[Path], squares: list[Square]
) -> None:
    value = {p.stem: measure_values(s, 500)["hair"] for p, s in zip(samples, squares, strict=True)}
    strongest = sorted(value, key=lambda name: value[name])[-3:]
    assert set(strongest) == {"ISIC_0000115", "ISIC_0000361", "ISIC_0000555"}
    assert all(BY_KEY["hair"].flags(value[name]) for name in strongest)


def disc(radius: float, centre: tuple[int, int] = (112, 112)) -> Square:
    """Return skin with a brown lesion."""
    noise = np.random.default_rng(4).normal(0, 3, (224, 224, 1))
    rows, columns = np.mgrid[:224, :224]
    inside = np.hypot(columns - centre[0], rows - centre[1]) < radius
    colours = np.where(inside[..., None], [110, 65, 45], [220, 175, 160])
    return np.clip(colours + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("radius", [20, 40, 60, 80])
def test_the_area_of_a_lesion_is_what_was_drawn(radius: int) -> None:
    drawn = 100 * np.pi * radius**2 / 224**2
    assert measure_values(disc(radius), 500)["small_lesion"] == pytest.approx(drawn, rel=0.15)


def test_a_small_lesion_is_flagged_and_a_larger_one_is_not() -> None:
    assert BY_KEY["small_lesion"].flags(measure_values(disc(16), 500)["small_lesion"])
    assert not BY_KEY["small_lesion"].flags(measure_values(disc(50), 500)["small_lesion"])


def test_a_lesion_moved_over_the_edge_takes_more_and_more_of_the_frame() -> None:
    values = [measure_values(disc(60, (112, y)), 500)["cut"] for y in (112, 58, 45, 20)]
    assert values[0] == 0
    assert values == sorted(values)
    assert BY_KEY["cut"].flags(values[2])
    assert not BY_KEY["cut"].flags(values[0])


def test_a_mild_violet_cast_is_no_ink_where_no_corner_is_dark(squares: list[Square]) -> None:
    values = [measure_values(square, 500) for square in squares]
    light = [s for s, v in zip(squares, values, strict=True) if v["vignette"] < 20]
    assert len(light) == 12
    for square in light:
        cast = square.copy()
        cast[..., 2] = np.clip(cast[..., 2] * 1.05 + 5.0, 0, 255)
        assert not BY_KEY["ink"].flags(measure_values(cast, 500)["ink"])


@pytest.mark.parametrize(
    ("side_px", "flagged"), [(1, True), (111, True), (112, False), (6000, False)]
)
def test_few_pixels_are_counted_in_the_picture(
    squares: list[Square], side_px: int, flagged: bool
) -> None:
    figure = measure_quality(squares[0], side_px).figure("few_pixels")
    assert figure.value == side_px
    assert figure.flagged is flagged


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_square_of_one_colour_gives_finite_values(level: int) -> None:
    square = np.full((224, 224, 3), level, np.uint8)
    assert all(np.isfinite(list(measure_values(square, 224).values())))
    assert BY_KEY["blur"].flags(measure_values(square, 224)["blur"])


def test_measuring_leaves_the_square_as_it_was(squares: list[Square]) -> None:
    square = squares[0].copy()
    square.setflags(write=False)
    assert measure_quality(square, 500) == measure_quality(squares[0].copy(), 500)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((224, 224), np.uint8),
        np.zeros((112, 112, 3), np.uint8),
        np.zeros((224, 224, 4), np.uint8),
        np.zeros((224, 224, 3), np.float32),
    ],
)
def test_what_is_no_square_of_the_network_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ImageError, match="Expected a square of 224"):
        measure_quality(wrong, 500)


def test_a_side_below_one_pixel_is_refused(squares: list[Square]) -> None:
    with pytest.raises(ImageError, match="1 or more"):
        measure_quality(squares[0], 0)


def test_the_result_names_shown_figures_in_order_with_a_sentence(squares: list[Square]) -> None:
    quality = measure_quality(squares[0], 500)
    assert [f.key for f in quality.figures] == [r.key for r in RULES if is_shown(r.key)]
    assert quality.figure("hair").explanation == (
        f"Hair, or other long dark lines, cover about {quality.figure('hair').value:.1f} % of the "
        "square."
    )
    assert [figure.key for figure in quality.flags] == ["hair"]
    for figure in quality.figures:
        assert figure.explanation.endswith(".")
        assert "{" not in figure.explanation


def test_the_result_cannot_be_changed(squares: list[Square]) -> None:
    quality = measure_quality(squares[0], 500)
    with pytest.raises(FrozenInstanceError):
        quality.figures = ()  # type: ignore[misc]
    with pytest.raises(KeyError):
        quality.figure("colour")
