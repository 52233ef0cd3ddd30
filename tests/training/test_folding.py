import numpy as np
import pytest
from moved_norms import move_norms

from lesionviewer.engine.networks import build_network, named_variables
from training.folding import FoldedNetwork
from training.quiet import load_keras
from training.weights import values_of


@pytest.fixture(scope="module")
def network():
    """A ResNet50 of random weights whose batch norms have moved, with one switched off."""
    load_keras()
    import keras

    keras.utils.set_random_seed(0)
    model = build_network({"backbone": "resnet50"}, diagnoses=3, input_px=32)
    move_norms(model)
    gamma = np.asarray(model.get_layer("conv3_block1_2_bn").gamma).copy()
    gamma[5] = 0.0
    model.get_layer("conv3_block1_2_bn").gamma.assign(gamma)
    return model


def _maps_of(network, cut: str, pixels: np.ndarray) -> np.ndarray:
    import keras

    lower = keras.Model(network.input, network.get_layer(cut).output)
    return pixels if cut == "image" else np.asarray(lower.predict_on_batch(pixels))


@pytest.mark.parametrize("cut", ["image", "conv4_block6_out"])
def test_a_folded_network_computes_the_same(network, cut: str) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (2, 32, 32, 3), np.uint8)
    folded = FoldedNetwork(network, cut).network
    expected = np.asarray(network.predict_on_batch(pixels))
    found = np.asarray(folded.predict_on_batch(_maps_of(network, cut, pixels)))
    # The channel that was switched off gets a thousandth of the others' scale.
    np.testing.assert_allclose(found, expected, atol=2e-2 * np.abs(expected).max())
    assert not any("bn" in layer.name and layer.weights for layer in folded.layers)


def test_what_a_folded_network_learnt_goes_back_into_the_network(network) -> None:
    before = values_of(network)
    folds = FoldedNetwork(network, "image")
    rng = np.random.default_rng(2)
    for variable in named_variables(folds.network).values():
        variable.assign(np.asarray(variable) * rng.uniform(0.9, 1.1, variable.shape))
    pixels = rng.integers(0, 256, (2, 32, 32, 3), np.uint8)
    expected = np.asarray(folds.network.predict_on_batch(pixels))

    learnt = {name: np.asarray(v) for name, v in named_variables(folds.network).items()}
    for name, array in folds.unfolded(learnt).items():
        named_variables(network)[name].assign(array)
    try:
        found = np.asarray(network.predict_on_batch(pixels))
        np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
        assert (before["conv1_bn/moving_mean"] == values_of(network)["conv1_bn/moving_mean"]).all()
    finally:
        for name, array in before.items():
            named_variables(network)[name].assign(array)


def test_folding_again_what_was_unfolded_gives_the_same_weights(network) -> None:
    folds = FoldedNetwork(network, "image")
    weights = {name: np.asarray(v).copy() for name, v in named_variables(folds.network).items()}
    again = folds.folded(folds.unfolded(weights))
    assert again.keys() == weights.keys()
    for name, array in weights.items():
        np.testing.assert_allclose(again[name], array, rtol=1e-4, atol=1e-6, err_msg=name)
