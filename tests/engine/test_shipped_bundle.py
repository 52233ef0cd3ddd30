"""What the shipped model must give, on the bundled pictures, with the real engines."""

from pathlib import Path

import numpy as np
import pytest
from bundles import seal
from grad_cam_oracle import hold_against_gradcam

from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.decode_pool import DecodePool, DecodeRequest
from lesionviewer.core.pinned import PINNED
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.golden import check_golden
from lesionviewer.engine.keras_classifier import KerasClassifier
from lesionviewer.engine.openvino_classifier import GRAPH, OpenVinoClassifier

pytestmark = [
    pytest.mark.skipif(
        not (default_bundle_dir() / "card.json").exists(), reason="there is no shipped model yet"
    ),
    # numpy 2 and scipy warn about how tf-keras-vis 0.8.7 calls them.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def bundle() -> ModelBundle:
    return open_bundle(default_bundle_dir())


@pytest.fixture(scope="module")
def squares(bundle: ModelBundle) -> np.ndarray:
    samples = sorted((Path(__file__).parents[2] / "assets" / "samples").glob("*.jpg"))
    with DecodePool(1) as pool:
        asked = [
            pool.submit(DecodeRequest(path=path, input_px=bundle.card.input_px)) for path in samples
        ]
        return np.stack([future.result().model_input for future in asked])


@pytest.fixture(scope="module")
def int8(bundle: ModelBundle, squares: np.ndarray) -> RawOutput:
    classifier = OpenVinoClassifier(bundle)
    assert classifier.engine == "openvino-int8"
    try:
        return classifier.predict(squares)
    finally:
        classifier.close()


@pytest.fixture(scope="module")
def keras_float(bundle: ModelBundle, squares: np.ndarray) -> RawOutput:
    classifier = KerasClassifier(bundle, backend="tensorflow")
    try:
        return classifier.predict(squares)
    finally:
        classifier.close()


def probabilities(raw: RawOutput, bundle: ModelBundle) -> np.ndarray:
    return calibrated(raw.logits, bundle.card.temperature)


def test_the_shipped_card_is_the_pinned_one(bundle: ModelBundle) -> None:
    assert PINNED[bundle.folder.name] == bundle.digest


def test_the_int8_graph_agrees_with_the_float_model(
    bundle: ModelBundle, int8: RawOutput, keras_float: RawOutput
) -> None:
    fast, exact = probabilities(int8, bundle), probabilities(keras_float, bundle)
    assert np.abs(fast - exact).mean() <= 0.02
    first, second = np.sort(exact, axis=1)[:, -1], np.sort(exact, axis=1)[:, -2]
    clear = first - second >= 0.1
    assert clear.any()
    np.testing.assert_array_equal(fast[clear].argmax(axis=1), exact[clear].argmax(axis=1))


def test_the_int8_maps_look_where_the_float_maps_look(
    int8: RawOutput, keras_float: RawOutput
) -> None:
    for index, top in enumerate(keras_float.logits.argmax(axis=1)):
        pair = [raw.activation_maps[index, ..., top].ravel() for raw in (int8, keras_float)]
        assert np.corrcoef(pair)[0, 1] > 0.9


def test_this_machine_reproduces_the_golden_images(bundle: ModelBundle, samples) -> None:
    classifier = OpenVinoClassifier(bundle)
    with DecodePool(1) as pool:
        report = check_golden(bundle, classifier, pool, samples[0].parent)
    classifier.close()
    assert report.problems == ()
    assert report.reproduced


def test_grad_cam_is_that_of_tf_keras_vis(
    bundle: ModelBundle, squares: np.ndarray, keras_float: RawOutput
) -> None:
    hold_against_gradcam(bundle, squares[:3], keras_float.activation_maps)


def test_the_float_graph_gives_what_keras_gives(
    bundle: ModelBundle, squares: np.ndarray, keras_float: RawOutput, tmp_path: Path
) -> None:
    import openvino

    from lesionviewer.engine.networks import build_network, read_weights
    from training.graphs import float_graph

    card = bundle.card
    network = build_network(card.architecture, diagnoses=len(card.codes), input_px=card.input_px)
    read_weights(bundle.read("weights.safetensors"), network)
    openvino.save_model(float_graph(network), tmp_path / GRAPH, compress_to_fp16=False)
    seal(tmp_path, card)
    classifier = OpenVinoClassifier(open_bundle(tmp_path))
    raw = classifier.predict(squares)
    classifier.close()
    assert classifier.engine == "openvino-float"
    difference = probabilities(raw, bundle) - probabilities(keras_float, bundle)
    assert np.abs(difference).max() <= 1e-3


@pytest.mark.slow
def test_the_keras_engine_gives_the_same_on_jax(
    bundle: ModelBundle, squares: np.ndarray, keras_float: RawOutput
) -> None:
    classifier = KerasClassifier(bundle, backend="jax")
    try:
        raw = classifier.predict(squares[:4])
    finally:
        classifier.close()
    np.testing.assert_allclose(raw.logits, keras_float.logits[:4], atol=5e-3)
    difference = probabilities(raw, bundle) - probabilities(keras_float, bundle)[:4]
    assert np.abs(difference).max() <= 1e-3


def test_a_result_does_not_depend_on_its_batch(
    bundle: ModelBundle, squares: np.ndarray, int8: RawOutput
) -> None:
    classifier = OpenVinoClassifier(bundle)
    alone = classifier.predict(squares[5:6])
    shuffled = classifier.predict(squares[[9, 5, 2]])
    classifier.close()
    np.testing.assert_array_equal(alone.logits[0], shuffled.logits[1])
    np.testing.assert_array_equal(alone.logits[0], int8.logits[5])
