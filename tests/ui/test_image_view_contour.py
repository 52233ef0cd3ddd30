"""Lines of equal heat."""

import numpy as np
import pytest

from lesionviewer.ui.image_view_contour import contour_lines


def area(line: np.ndarray) -> float:
    x, y = line.T
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


def closed(line: np.ndarray) -> bool:
    return line[0].tolist() == line[-1].tolist()


def on_border(point: np.ndarray) -> bool:
    return bool(np.isin(point, (0.0, 1.0)).any())


def disc(size: int, x: float, y: float) -> np.ndarray:
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    return -np.hypot(columns / size - x, rows / size - y).astype(np.float32)


def test_the_line_around_a_warm_place_encloses_it() -> None:
    (line,) = contour_lines(disc(96, 0.4, 0.6), -0.25)
    assert area(line) == pytest.approx(np.pi * 0.25**2, rel=0.01)
    assert line.mean(axis=0) == pytest.approx((0.4, 0.6), abs=0.01)


def test_two_warm_places_have_two_lines() -> None:
    heat = np.maximum(disc(64, 0.2, 0.2), disc(64, 0.8, 0.8))
    assert len(contour_lines(heat, -0.1)) == 2


def test_two_places_that_touch_at_a_corner_have_closed_lines() -> None:
    heat = np.zeros((4, 4), np.float32)
    heat[1, 1] = heat[2, 2] = 1.0
    assert sum(area(line) for line in contour_lines(heat, 0.5)) > 0


def test_a_line_that_meets_the_border_ends_there() -> None:
    (line,) = contour_lines(disc(64, 0.0, 0.5), -0.3)
    assert line[[0, -1], 0].tolist() == [0.0, 0.0]
    assert sorted(line[[0, -1], 1]) == pytest.approx([0.2, 0.8], abs=0.02)
    assert area(line) == pytest.approx(np.pi * 0.3**2 / 2, rel=0.05)


def test_a_warm_corner_is_cut_off_by_one_line() -> None:
    (line,) = contour_lines(disc(64, 1.0, 1.0), -0.25)
    ends = {tuple(end) for end in np.round(line[[0, -1]], 2).tolist()}
    assert ends == {(1.0, 0.75), (0.75, 1.0)}


def test_a_closed_line_ends_where_it_begins() -> None:
    (line,) = contour_lines(disc(64, 0.5, 0.5), -0.25)
    assert line[0].tolist() == line[-1].tolist()


def test_where_all_is_alike_there_is_no_line() -> None:
    assert contour_lines(np.zeros((7, 7), np.float32), float("inf")) == []
    assert contour_lines(np.zeros((7, 7), np.float32), 0.0) == []
    assert contour_lines(np.zeros((7, 7), np.float32), -1.0) == []


@pytest.mark.parametrize("seed", range(5))
def test_random_heat_gives_lines_inside_the_square(seed: int) -> None:
    heat = np.random.default_rng(seed).random((20, 31), np.float32)
    lines = contour_lines(heat, 0.5)
    assert lines
    assert all(line.min() >= 0 and line.max() <= 1 and len(line) >= 2 for line in lines)
    assert all(closed(line) or (on_border(line[0]) and on_border(line[-1])) for line in lines)
