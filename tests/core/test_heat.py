import numpy as np
import pytest
from PIL import Image

from lesionviewer.core.colormaps import COLOUR_MAPS, DIVERGING
from lesionviewer.core.errors import ImageError
from lesionviewer.core.heat import (
    difference_of,
    enlarge,
    heat_of,
    hottest_level,
    overlay,
    tint,
    tint_table,
)
from lesionviewer.core.region import SquareRegion

VIRIDIS = COLOUR_MAPS["viridis"]


def maps_with(*values: tuple[int, int, int, float]) -> np.ndarray:
    maps = np.zeros((7, 7, 3), np.float32)
    for row, column, diagnosis, value in values:
        maps[row, column, diagnosis] = value
    return maps


def test_heat_is_what_speaks_for_the_diagnosis_scaled_by_its_maximum() -> None:
    heat = heat_of(maps_with((1, 2, 0, 8.0), (3, 4, 0, 2.0), (5, 5, 0, -9.0)), 0)
    assert heat[1, 2] == 1
    assert heat[3, 4] == 0.25
    assert heat[5, 5] == 0
    assert heat.dtype == np.float32


def test_heat_is_zero_where_nothing_speaks_for_the_diagnosis() -> None:
    assert not heat_of(maps_with((1, 2, 0, -8.0)), 0).any()


def test_a_difference_is_signed_on_one_scale_for_both_diagnoses() -> None:
    difference = difference_of(maps_with((0, 0, 0, 2.0), (6, 6, 1, 8.0), (3, 3, 0, -5.0)), 0, 1)
    assert difference[0, 0] == 0.25
    assert difference[6, 6] == -1
    assert difference[3, 3] == 0


def test_a_difference_of_a_diagnosis_with_itself_is_nothing() -> None:
    assert not difference_of(maps_with((0, 0, 0, 2.0)), 0, 0).any()


def test_every_cell_covers_an_equal_part_of_the_enlarged_map() -> None:
    heat = enlarge(np.eye(7, dtype=np.float32), 70, 70)
    # Half-pixel centres: the middle of cell n lies between pixels 10 n + 4 and 10 n + 5.
    middles = heat[[10 * n + 4 for n in range(7)], [10 * n + 4 for n in range(7)]]
    assert middles.min() > 0.9
    assert heat[0, 0] == 1
    assert heat[69, 69] == 1


@pytest.mark.parametrize("size", [(7, 7), (64, 31), (224, 224), (900, 450)])
def test_enlarging_is_pillows_bilinear_rule(size: tuple[int, int]) -> None:
    heat = np.random.default_rng(1).random((7, 7), np.float32)
    expected = np.asarray(Image.fromarray(heat).resize(size, Image.Resampling.BILINEAR))
    np.testing.assert_allclose(enlarge(heat, *size), expected, atol=1e-6)


def test_enlarging_keeps_range_and_fills_other_shapes_than_squares() -> None:
    heat = enlarge(np.random.default_rng(0).random((7, 7), np.float32), 90, 31)
    assert heat.shape == (31, 90)
    assert 0 <= heat.min() <= heat.max() <= 1


def test_the_hottest_fifth_lies_above_its_level() -> None:
    heat = np.arange(1000, dtype=np.float32).reshape(20, 50)
    assert (heat > hottest_level(heat)).mean() == pytest.approx(0.2)


def test_a_flat_map_has_no_hottest_region() -> None:
    assert not (np.zeros((9, 9)) > hottest_level(np.zeros((9, 9), np.float32))).any()


def test_weak_regions_are_transparent_and_strong_ones_have_the_opacity() -> None:
    layer = tint(np.array([[0.0, 0.1, 1.0]], np.float32), VIRIDIS, 0.5)
    assert layer[0, 0, 3] == 0
    assert 0 < layer[0, 1, 3] < 40
    assert layer[0, 2].tolist() == [*VIRIDIS[255], 128]


def test_a_signed_tint_is_transparent_in_the_middle() -> None:
    layer = tint(np.array([[-1.0, 0.0, 1.0]], np.float32), DIVERGING, 1.0, signed=True)
    assert layer[0, :, 3].tolist() == [255, 0, 255]
    assert layer[0, 0, :3].tolist() == DIVERGING[0].tolist()


def test_the_scale_shows_the_colours_of_the_tint() -> None:
    table = tint_table(VIRIDIS, 0.7)
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None]
    assert np.array_equal(tint(ramp, VIRIDIS, 0.7)[0], table)


def test_the_overlay_tints_the_square_and_dims_the_rest() -> None:
    picture = np.full((60, 100, 3), 200, np.uint8)
    region = SquareRegion(30, 10, 40)
    result = overlay(picture, np.ones((7, 7), np.float32), region, opacity=1.0, colours=VIRIDIS)
    inside = result[12:48, 32:68]
    assert (inside == VIRIDIS[255]).all()
    outside = np.ones((60, 100), bool)
    outside[10:50, 30:70] = False
    assert (result[outside] == 70).all()


def test_a_frame_marks_the_border_of_the_square() -> None:
    picture = np.zeros((60, 100, 3), np.uint8)
    cold = np.zeros((7, 7), np.float32)
    result = overlay(picture, cold, SquareRegion(30, 10, 40), colours=VIRIDIS)
    rows, columns = np.nonzero(result.any(axis=-1))
    assert (rows.min(), rows.max()) == (10, 49)
    assert (columns.min(), columns.max()) == (30, 69)


def test_a_picture_that_was_seen_whole_keeps_its_pixels_without_heat() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8)
    cold = np.zeros((7, 7), np.float32)
    assert np.array_equal(overlay(picture, cold, SquareRegion(0, 0, 40), colours=VIRIDIS), picture)


def test_heat_of_another_picture_is_refused() -> None:
    picture = np.zeros((20, 20, 3), np.uint8)
    with pytest.raises(ImageError, match="another picture"):
        overlay(picture, np.ones((7, 7), np.float32), SquareRegion(0, 0, 21), colours=VIRIDIS)
