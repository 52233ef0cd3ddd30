"""What is measured of maps: localisation, imputation, masks, randomisation."""

from pathlib import Path

import numpy as np
import pytest
from bundles import make_keras_bundle
from PIL import Image
from spots import spot_mask

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.errors import DatasetError
from lesionviewer.engine.explain.hiding import hotter_shares
from training.explain.imputation import imputed
from training.explain.localisation import (
    anywhere,
    around_centre,
    energy_inside,
    points_inside,
)
from training.explain.masks import read_mask
from training.explain.randomisation import randomised_steps

MASK = spot_mask(32, 128, width=64)


def test_heat_inside_the_lesion_is_energy_and_the_hottest_pixel_points() -> None:
    right = MASK.astype(np.float32)
    assert energy_inside(right, MASK) == points_inside(right, MASK) == 1
    assert energy_inside(1 - right, MASK) == points_inside(1 - right, MASK) == 0
    half = np.where(MASK, 1.0, MASK.sum() / (~MASK).sum()).astype(np.float32)
    assert energy_inside(half, MASK) == pytest.approx(0.5, abs=1e-3)


def test_what_speaks_against_a_diagnosis_is_no_heat() -> None:
    heat = np.where(MASK, 1.0, -5.0).astype(np.float32)
    assert energy_inside(heat, MASK) == 1


def test_a_map_without_heat_has_no_energy_and_misses() -> None:
    heat = np.full((7, 7), -1, np.float32)
    assert np.isnan(energy_inside(heat, MASK))
    assert points_inside(heat, MASK) == 0


def test_maps_that_know_nothing_have_the_same_heat_elsewhere() -> None:
    heat = np.random.default_rng(0).random((224, 224)).astype(np.float32)
    centred = around_centre(heat, 224)
    random = anywhere(heat, 224, np.random.default_rng(1))
    for arranged in (centred, random):
        np.testing.assert_array_equal(np.sort(arranged, axis=None), np.sort(heat, axis=None))
    rows, columns = np.nonzero(hotter_shares(centred, 224) < 0.1)
    assert np.hypot(rows - 111.5, columns - 111.5).max() < 1.1 * 224 * np.sqrt(0.1 / np.pi)


def test_removed_pixels_become_what_their_neighbours_suggest() -> None:
    ramp = np.repeat(np.linspace(0, 250, 64)[None, :, None], 64, axis=0).repeat(3, axis=2)
    square = ramp.astype(np.uint8)
    removed = np.zeros((64, 64), bool)
    removed[10:40, 20:50] = True
    found = imputed(square, removed, np.random.default_rng(0))
    np.testing.assert_array_equal(found[~removed], square[~removed])
    difference = found[removed].astype(float) - square[removed]
    assert abs(difference.mean()) < 1
    assert 1 < difference.std() < 6
    corner = np.zeros((64, 64), bool)
    corner[:30, :30] = True
    flat = np.full((64, 64, 3), 90, np.uint8)
    assert abs(imputed(flat, corner, np.random.default_rng(0))[corner].mean() - 90) < 1
    assert imputed(flat, np.zeros((64, 64), bool), np.random.default_rng(0)) is flat


def test_a_mask_is_cut_as_the_network_sees_its_picture(tmp_path: Path) -> None:
    whole = np.zeros((150, 200), np.uint8)
    whole[:, :25] = whole[50:100, 25:75] = 255
    Image.fromarray(whole).save(tmp_path / "one_segmentation.png")
    mask = read_mask(tmp_path, Path("pictures/one.jpg"), 150)
    assert mask is not None
    rows, columns = np.nonzero(mask)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (50, 99, 0, 49)
    assert read_mask(tmp_path, Path("two.jpg"), 150) is None
    Image.fromarray(np.zeros((150, 200), np.uint8)).save(tmp_path / "none_segmentation.png")
    assert read_mask(tmp_path, Path("none.jpg"), 150) is None
    (tmp_path / "bad_segmentation.png").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"bad_segmentation\.png cannot be read"):
        read_mask(tmp_path, Path("bad.jpg"), 150)


@pytest.mark.slow
def test_maps_change_when_the_network_forgets(tmp_path: Path) -> None:
    bundle = open_bundle(make_keras_bundle(tmp_path / "model"))
    squares = np.random.default_rng(1).integers(0, 256, (6, 64, 64, 3), np.uint8)
    steps = list(randomised_steps(bundle, squares))
    assert [step.layers for step in steps] == ["none", "logits", "block3", "block2", "block1"]
    first, last = steps[0], steps[-1]
    assert first.rank_correlation.min() == pytest.approx(1)
    assert first.similarity.min() == pytest.approx(1, abs=1e-5)
    assert first.kept.all()
    assert last.rank_correlation.mean() < 0.7
    assert last.similarity.mean() < 0.7
    assert all(-1 <= step.rank_correlation.min() <= 1 for step in steps)
