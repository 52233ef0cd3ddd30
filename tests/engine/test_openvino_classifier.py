import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from bundles import bright_index, change_card, dark_index, make_tiny_bundle, seal, tiny_card

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES, Diagnosis
from lesionviewer.core.errors import BundleError, EngineError
from lesionviewer.engine.openvino_classifier import (
    GRAPH,
    OpenVinoClassifier,
    openvino_devices,
)

CODES = [d.code for d in HAM10000_DIAGNOSES]


@pytest.fixture
def classifier(tiny_bundle: Path):
    classifier = OpenVinoClassifier(open_bundle(tiny_bundle), batch_size=4)
    yield classifier
    classifier.close()


def spotted(row: int, column: int) -> np.ndarray:
    pixels = np.full((224, 224, 3), 20, np.uint8)
    pixels[row : row + 24, column : column + 24] = 255
    return pixels


def test_one_pass_gives_logits_maps_and_embedding(classifier: OpenVinoClassifier) -> None:
    raw = classifier.predict(np.zeros((3, 224, 224, 3), np.uint8))
    assert raw.logits.shape == (3, 7)
    assert raw.activation_maps.shape == (3, 7, 7, 7)
    assert raw.embedding.shape == (3, 6)
    assert {array.dtype for array in raw} == {np.dtype(np.float32)}


def test_a_bright_spot_is_found_where_it_is(classifier: OpenVinoClassifier) -> None:
    raw = classifier.predict(spotted(row=4, column=132)[None])
    assert raw.logits[0].argmax() == bright_index(CODES)
    heat = raw.activation_maps[0, ..., bright_index(CODES)]
    assert np.unravel_index(heat.argmax(), heat.shape) == (0, 4)


def test_a_dark_picture_is_the_other_diagnosis(classifier: OpenVinoClassifier) -> None:
    raw = classifier.predict(np.zeros((1, 224, 224, 3), np.uint8))
    assert raw.logits[0].argmax() == dark_index(CODES)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 9])
def test_a_result_does_not_depend_on_the_rest_of_its_batch(
    classifier: OpenVinoClassifier, count: int
) -> None:
    alone = classifier.predict(spotted(40, 70)[None])
    others = np.random.default_rng(count).integers(0, 256, (count, 224, 224, 3), np.uint8)
    others[-1] = spotted(40, 70)
    together = classifier.predict(others)
    for expected, got in zip(alone, together, strict=True):
        assert len(got) == count
        np.testing.assert_array_equal(got[-1], expected[0])


def test_several_threads_may_predict_at_once(classifier: OpenVinoClassifier) -> None:
    places = [(row, column) for row in (4, 100) for column in (36, 132, 196)]
    batches = [np.stack([spotted(*place)] * 5) for place in places]
    expected = [classifier.predict(batch).activation_maps for batch in batches]
    with ThreadPoolExecutor(len(batches)) as threads:
        results = list(threads.map(classifier.predict, batches * 5))
    for number, raw in enumerate(results):
        np.testing.assert_array_equal(raw.activation_maps, expected[number % len(batches)])


def test_the_first_passes_may_be_simultaneous(tiny_bundle: Path) -> None:
    batch = np.zeros((2, 224, 224, 3), np.uint8)
    for _ in range(5):
        classifier = OpenVinoClassifier(open_bundle(tiny_bundle))
        start = threading.Barrier(4)
        with ThreadPoolExecutor(4) as threads:
            passes = [
                threads.submit(lambda c=classifier, s=start: (s.wait(), c.predict(batch)))
                for _ in range(4)
            ]
            assert all(one.result()[1].logits.shape == (2, 7) for one in passes)
        classifier.close()


def test_results_outlive_the_next_pass(classifier: OpenVinoClassifier) -> None:
    first = classifier.predict(spotted(40, 70)[None])
    kept = first.logits.copy()
    classifier.predict(np.zeros((4, 224, 224, 3), np.uint8))
    np.testing.assert_array_equal(first.logits, kept)


@pytest.mark.parametrize(
    "batch",
    [
        np.zeros((1, 223, 224, 3), np.uint8),
        np.zeros((224, 224, 3), np.uint8),
        np.zeros((1, 224, 224, 3), np.float32),
    ],
)
def test_other_pixels_than_the_network_takes_are_refused(
    classifier: OpenVinoClassifier, batch: np.ndarray
) -> None:
    with pytest.raises(EngineError, match="uint8"):
        classifier.predict(batch)


def test_a_model_of_other_diagnoses_and_size_works(tmp_path: Path) -> None:
    diagnoses = [Diagnosis(f"d{n}", f"D {n}", False) for n in range(11)]
    folder = make_tiny_bundle(tmp_path / "x", diagnoses=diagnoses, input_px=96)
    classifier = OpenVinoClassifier(open_bundle(folder), batch_size=1)
    raw = classifier.predict(np.zeros((2, 96, 96, 3), np.uint8))
    assert raw.logits.shape == (2, 11)
    classifier.close()


def test_a_graph_that_is_none_is_reported(tmp_path: Path) -> None:
    folder = make_tiny_bundle(tmp_path / "x")
    (folder / GRAPH).write_bytes(b"<net></net>")
    seal(folder, tiny_card())
    with pytest.raises(EngineError, match="cannot run this model"):
        OpenVinoClassifier(open_bundle(folder))


def test_a_graph_of_other_diagnoses_than_the_card_is_reported(tmp_path: Path) -> None:
    folder = make_tiny_bundle(tmp_path / "x")
    seal(folder, tiny_card(diagnoses=HAM10000_DIAGNOSES[:3]))
    with pytest.raises(EngineError, match="differ in diagnoses"):
        OpenVinoClassifier(open_bundle(folder))


def test_a_bundle_without_a_graph_is_reported(tmp_path: Path) -> None:
    folder = make_tiny_bundle(tmp_path / "x")
    change_card(folder, files={})
    with pytest.raises(BundleError, match=r"openvino\.xml, which is needed"):
        OpenVinoClassifier(open_bundle(folder))


def test_an_unknown_device_is_reported(tiny_bundle: Path) -> None:
    with pytest.raises(EngineError, match="on NPU7"):
        OpenVinoClassifier(open_bundle(tiny_bundle), device="NPU7")


def test_a_closed_engine_says_so_and_closes_twice(tiny_bundle: Path) -> None:
    classifier = OpenVinoClassifier(open_bundle(tiny_bundle))
    classifier.close()
    classifier.close()
    with pytest.raises(EngineError, match="closed"):
        classifier.predict(np.zeros((1, 224, 224, 3), np.uint8))


def test_openvino_is_loaded_without_its_usage_reports() -> None:
    assert "CPU" in openvino_devices()
    assert sys.modules.get("openvino_telemetry") is None
