"""Hiding, faithfulness, occlusion and the fine map, on a network that sees a bright spot alone."""

from pathlib import Path

import numpy as np
import pytest
from bundles import bright_index, make_keras_bundle
from spots import spot_mask, spot_picture

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.errors import BundleError, EngineError
from lesionviewer.core.heat import enlarge, heat_of
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.explain.faithfulness import faithfulness
from lesionviewer.engine.explain.fine import FineMaps
from lesionviewer.engine.explain.hiding import (
    blobs,
    blurred,
    curves,
    hotter_shares,
    mean_height,
)
from lesionviewer.engine.explain.occlusion import occlusion
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier

ROW, COLUMN, WIDTH = 32, 128, 32
SQUARE = spot_picture(ROW, COLUMN, width=WIDTH)
MASK = spot_mask(ROW, COLUMN, width=WIDTH)


@pytest.fixture(scope="module")
def classifier(tiny_bundle: Path):
    classifier = OpenVinoClassifier(open_bundle(tiny_bundle))
    yield classifier
    classifier.close()


@pytest.fixture(scope="module")
def spot(classifier: OpenVinoClassifier) -> int:
    """The diagnosis that a bright spot stands for."""
    return bright_index(classifier.card.codes)


def test_every_pixel_has_a_place_of_its_own_and_the_hottest_comes_first() -> None:
    heat = np.random.default_rng(0).standard_normal((7, 7)).astype(np.float32)
    hotter = hotter_shares(heat, 56)
    np.testing.assert_allclose(np.sort(hotter, axis=None), np.arange(56**2) / 56**2, atol=1e-6)
    assert enlarge(heat, 56, 56)[hotter < 0.1].min() >= enlarge(heat, 56, 56)[hotter > 0.1].max()


def test_only_the_order_of_a_map_counts() -> None:
    heat = np.random.default_rng(1).random((56, 56)).astype(np.float32)
    np.testing.assert_array_equal(hotter_shares(heat, 56), hotter_shares(7 * heat - 3, 56))


def test_equally_hot_places_follow_one_another_in_connected_regions() -> None:
    first = hotter_shares(np.zeros((7, 7), np.float32), 56) < 0.3
    borders = (first[1:] != first[:-1]).sum() + (first[:, 1:] != first[:, :-1]).sum()
    assert borders < 0.1 * first.size


def test_the_blur_keeps_the_light_and_leaves_no_spot() -> None:
    fill = blurred(SQUARE)
    assert fill.shape == SQUARE.shape
    assert abs(float(fill.mean()) - float(SQUARE.mean())) < 3
    assert fill.max() < 130


def test_hiding_what_the_map_calls_hot_costs_more_than_hiding_as_much_anywhere(
    classifier: OpenVinoClassifier, spot: int
) -> None:
    maps = classifier.predict(SQUARE[None]).activation_maps[0]
    found = faithfulness(classifier, SQUARE, maps[..., spot], spot)
    assert found.hidden.tolist() == pytest.approx([step / 10 for step in range(11)])
    assert found.hottest.shape == found.random.shape == (11,)
    assert found.hottest[0] == pytest.approx(found.random[0])
    assert found.hottest[0] > 0.9
    assert found.hottest[1] < 0.3
    assert found.hottest[-1] == pytest.approx(found.random[-1])
    assert 0.1 < found.area <= 1
    assert found.beats_all


def test_a_map_that_points_away_does_worse_than_chance(
    classifier: OpenVinoClassifier, spot: int
) -> None:
    maps = classifier.predict(SQUARE[None]).activation_maps[0]
    found = faithfulness(classifier, SQUARE, -maps[..., spot], spot)
    assert found.area < -0.1
    assert not found.beats_all


def test_random_maps_do_as_random_maps_do(classifier: OpenVinoClassifier, spot: int) -> None:
    rng = np.random.default_rng(3)
    areas = [
        faithfulness(classifier, SQUARE, blobs(224, rng), spot, seed=seed).area
        for seed in range(12)
    ]
    known = faithfulness(classifier, SQUARE, MASK.astype(np.float32), spot).area
    assert abs(float(np.mean(areas))) < 0.4 * known


def test_the_same_seed_gives_the_same_figure(classifier: OpenVinoClassifier, spot: int) -> None:
    heat = np.random.default_rng(4).random((7, 7)).astype(np.float32)
    one, other = (faithfulness(classifier, SQUARE, heat, spot, seed=1) for _ in range(2))
    np.testing.assert_array_equal(one.randoms, other.randoms)


def test_insertion_rises_first_where_the_map_is_right(
    classifier: OpenVinoClassifier, spot: int
) -> None:
    right = MASK.astype(np.float32)
    found = mean_height(curves(classifier, (blurred(SQUARE), SQUARE), [right, 1 - right], spot))
    assert found[0] > found[1] + 0.3


def test_what_progress_raises_ends_the_work(classifier: OpenVinoClassifier, spot: int) -> None:
    class StopError(Exception):
        pass

    told = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) == 2:
            raise StopError

    with pytest.raises(StopError):
        faithfulness(classifier, SQUARE, np.ones((7, 7), np.float32), spot, progress=stop)
    assert told == [(0, 38), (8, 38)]


def test_occlusion_finds_the_spot(classifier: OpenVinoClassifier, spot: int) -> None:
    heat = occlusion(classifier, SQUARE, spot)
    assert heat.shape == (14, 14)
    assert -1 <= heat.min() <= heat.max() <= 1
    hottest = enlarge(heat, 224, 224).argmax()
    assert MASK.flat[hottest]


def test_the_fine_map_has_twice_the_places_and_the_same_region(
    tiny_bundle: Path, classifier: OpenVinoClassifier, spot: int
) -> None:
    bundle = open_bundle(tiny_bundle)
    fine = FineMaps(bundle)
    try:
        maps = fine.of(cut_square(SQUARE, size=fine.edge))
    finally:
        fine.close()
    coarse = classifier.predict(SQUARE[None]).activation_maps[0]
    assert maps.shape == (14, 14, len(bundle.card.codes))
    pooled = maps.reshape(7, 2, 7, 2, -1).mean((1, 3))
    np.testing.assert_allclose(pooled, coarse, atol=0.05 * np.abs(coarse).max())

    def inside(heat: np.ndarray) -> float:
        shown = enlarge(heat, 224, 224)
        return float(shown[MASK].sum() / shown.sum())

    assert inside(heat_of(maps, spot)) > inside(heat_of(coarse, spot))


def test_a_view_of_another_size_is_refused(tiny_bundle: Path) -> None:
    fine = FineMaps(open_bundle(tiny_bundle))
    with pytest.raises(EngineError, match=r"takes \(448, 448, 3\)"):
        fine.of(SQUARE)
    fine.close()
    fine.close()
    with pytest.raises(EngineError, match="closed"):
        fine.of(cut_square(SQUARE, size=fine.edge))


def test_a_bundle_without_a_graph_has_no_fine_map(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"openvino\.xml, which is needed"):
        FineMaps(open_bundle(make_keras_bundle(tmp_path / "model")))
