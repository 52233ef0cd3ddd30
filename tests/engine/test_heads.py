from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bundles import make_keras_bundle, seal, tiny_card
from grad_cam_oracle import hold_against_gradcam
from safetensors.numpy import load_file

from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.card import is_head
from lesionviewer.core.errors import BundleError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.heads import DenseHead
from lesionviewer.engine.keras_classifier import KerasClassifier
from lesionviewer.engine.networks import (
    build_explaining_network,
    build_network,
    read_head,
    read_weights,
    write_weights,
)
from lesionviewer.engine.openvino_classifier import GRAPH, OpenVinoClassifier
from training.graphs import float_graph
from training.pixels import read_pixels
from training.starting import initialise, read_start

PIXELS = np.random.default_rng(2).integers(0, 256, (5, 64, 64, 3), np.uint8)
HEAD = (64, 32)


def random_arrays(sizes: tuple[int, ...]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    names = [*(f"head_{n}" for n in range(1, len(sizes) - 1)), "logits"]
    arrays = {}
    for name, inputs, outputs in zip(names, sizes, sizes[1:], strict=False):
        arrays[f"{name}/kernel"] = rng.normal(0, 0.5, (inputs, outputs)).astype(np.float16)
        arrays[f"{name}/bias"] = rng.normal(0, 0.1, outputs).astype(np.float32)
    return arrays


def logits_of(head: DenseHead, embedding: np.ndarray) -> np.ndarray:
    x = embedding.astype(np.float64)
    for kernel, bias in zip(head.kernels[:-1], head.biases[:-1], strict=True):
        x = np.maximum(x @ kernel + bias, 0)
    return x @ head.kernels[-1] + head.biases[-1]


@pytest.mark.parametrize("sizes", [(12, 4), (12, 9, 4), (12, 9, 6, 5, 4)])
def test_the_gradient_is_the_change_of_the_logits(sizes: tuple[int, ...]):
    head = DenseHead.read(random_arrays(sizes), sizes[1:-1], sizes[-1])
    embedding = np.random.default_rng(1).uniform(0, 2, (3, 12)).astype(np.float32)
    gradients = head.gradients(embedding)
    assert gradients.shape == (3, 12, 4)
    step = 1e-6
    for feature in range(12):
        moved = embedding.astype(np.float64)
        moved[:, feature] += step
        change = (logits_of(head, moved) - logits_of(head, embedding)) / step
        np.testing.assert_allclose(gradients[:, feature], change, atol=1e-4)


def test_a_map_weighs_every_place_with_the_gradient_of_its_image():
    head = DenseHead.read(random_arrays((12, 9, 4)), (9,), 4)
    features = np.random.default_rng(1).uniform(0, 2, (3, 5, 6, 12)).astype(np.float32)
    embedding = features.mean(axis=(1, 2))
    maps = head.maps(features, embedding)
    expected = np.einsum("nhwd,ndk->nhwk", features, head.gradients(embedding))
    np.testing.assert_allclose(maps, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.pop("head_1/kernel"),
        lambda a: a.pop("logits/bias"),
        lambda a: a.update({"head_1/kernel": np.zeros((12, 8), np.float32)}),
        lambda a: a.update({"logits/kernel": np.zeros((8, 4), np.float32)}),
        lambda a: a.update({"head_1/bias": np.zeros((9, 1), np.float32)}),
    ],
)
def test_a_head_that_is_not_the_cards_is_refused(change):
    arrays = random_arrays((12, 9, 4))
    change(arrays)
    with pytest.raises(BundleError, match="do not hold a head"):
        DenseHead.read(arrays, (9,), 4)


@pytest.mark.parametrize("head", [None, "64", [0], [1.5], [True], [64] * 5, [9000]])
def test_a_card_with_an_impossible_head_is_refused(head: object):
    assert not is_head(head)
    with pytest.raises(BundleError, match=r"architecture\.head"):
        replace(tiny_card(), architecture={"backbone": "tiny_cnn", "head": head})


def test_a_head_of_one_layer_needs_no_arrays(tmp_path: Path):
    assert read_head(open_bundle(make_keras_bundle(tmp_path / "one"))) is None


def test_the_float_engine_explains_a_deep_head(tmp_path: Path):
    bundle = open_bundle(make_keras_bundle(tmp_path / "deep", head=(10, 6)))
    classifier = KerasClassifier(bundle, batch_size=4, backend="jax")
    try:
        raw = classifier.predict(PIXELS)
    finally:
        classifier.close()
    assert raw.activation_maps.shape == (5, 8, 8, 7)
    # The head is linear around an image, and here only the last layer has a bias.
    bias = load_file(bundle.folder / "weights.safetensors")["logits/bias"]
    np.testing.assert_allclose(raw.activation_maps.mean((1, 2)) + bias, raw.logits, atol=1e-4)


@pytest.fixture(scope="module")
def deep_bundle(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    """The shipped backbone with a deep head of random weights, as a float graph."""
    import openvino

    if not (default_bundle_dir() / "card.json").exists():
        pytest.skip("there is no shipped model yet")
    folder = tmp_path_factory.mktemp("deep") / "deep"
    folder.mkdir()
    card = replace(tiny_card(), architecture={"backbone": "resnet50", "head": list(HEAD)})
    network = build_network(card.architecture, diagnoses=len(card.codes))
    initialise(network, read_start(default_bundle_dir(), "resnet50"), seed=1)
    write_weights(network, folder / "weights.safetensors")
    read_weights(folder / "weights.safetensors", network)
    assert set(build_explaining_network(network).output) == {"logits", "features", "embedding"}
    openvino.save_model(float_graph(network), folder / GRAPH, compress_to_fp16=False)
    seal(folder, card)
    return open_bundle(folder)


@pytest.fixture(scope="module")
def squares(samples: list[Path]) -> np.ndarray:
    return np.stack([cut_square(read_pixels(path)[0]) for path in samples[:3]])


@pytest.fixture(scope="module")
def explained(deep_bundle: ModelBundle, squares: np.ndarray) -> RawOutput:
    classifier = OpenVinoClassifier(deep_bundle)
    try:
        return classifier.predict(squares)
    finally:
        classifier.close()


# numpy 2 and scipy warn about how tf-keras-vis 0.8.7 calls them.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_viewers_maps_of_a_deep_head_are_grad_cam(
    deep_bundle: ModelBundle, squares: np.ndarray, explained: RawOutput
):
    hold_against_gradcam(deep_bundle, squares, explained.activation_maps)


def test_the_weights_of_the_features_depend_on_the_image(
    deep_bundle: ModelBundle, explained: RawOutput
):
    head = read_head(deep_bundle)
    assert head is not None
    gradients = head.gradients(explained.embedding)
    assert not np.allclose(gradients[0], gradients[1])


def test_a_deep_heads_maps_do_not_depend_on_the_batch(
    deep_bundle: ModelBundle, squares: np.ndarray, explained: RawOutput
):
    classifier = OpenVinoClassifier(deep_bundle)
    alone = classifier.predict(squares[1:2])
    classifier.close()
    np.testing.assert_allclose(
        alone.activation_maps[0], explained.activation_maps[1], rtol=1e-4, atol=1e-5
    )
