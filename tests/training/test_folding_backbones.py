"""Folding, on backbones that are built otherwise than a ResNet50."""

import numpy as np
import pytest
from moved_norms import move_norms

from lesionviewer.engine.backbones import BACKBONES
from lesionviewer.engine.networks import build_network, named_variables
from training.config import INPUT
from training.folding import FoldedNetwork
from training.optimizer import layerwise_adamw
from training.starting import initialise

QUICK = ("resnet50v2", "mobilenet", "vgg16")
NAMES = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)
    for name in BACKBONES
    if name not in ("resnet50", "resnet152", "tiny_cnn")
]


def moved(backbone: str):
    """Return a network of random weights whose batch norms do something."""
    model = build_network(
        {"backbone": backbone}, diagnoses=3, input_px=BACKBONES[backbone].least_px
    )
    initialise(model, {}, seed=0)
    move_norms(model)
    return model


@pytest.mark.parametrize("backbone", NAMES)
def test_a_folded_network_computes_the_same_and_can_be_unfolded(backbone: str) -> None:
    import keras

    model = moved(backbone)
    px = BACKBONES[backbone].least_px
    pixels = np.random.default_rng(1).integers(0, 256, (2, px, px, 3)).astype(np.uint8)
    expected = np.asarray(model(pixels, training=False))
    before = {name: np.asarray(variable) for name, variable in named_variables(model).items()}
    for cut in (INPUT, BACKBONES[backbone].cuts[1]):
        folds = FoldedNetwork(model, cut)
        lower = keras.Model(model.input, model.get_layer(cut).output)
        found = folds.network(lower(pixels, training=False), training=False)
        np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
        learnt = {n: np.asarray(v) for n, v in named_variables(folds.network).items()}
        for name, array in folds.unfolded(learnt).items():
            np.testing.assert_allclose(array, before[name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_depthwise_convolutions_keep_their_batch_norms_which_are_frozen() -> None:
    network = FoldedNetwork(moved("mobilenet"), INPUT).network
    kinds = {layer.name: type(layer).__name__ for layer in network.layers}
    assert kinds["conv_pw_3_bn"] == "Identity"
    assert kinds["conv_dw_3_bn"] == "BatchNormalization"
    trained = {variable.path.split("/")[0] for variable in network.trainable_variables}
    assert {"conv_dw_3", "conv_pw_3", "logits"} <= trained
    assert not any(name.endswith("_bn") for name in trained)


@pytest.mark.parametrize("backbone", ["mobilenet", "resnet50v2"])
def test_every_trained_weight_has_a_rate_that_falls_towards_the_input(backbone: str) -> None:
    network = FoldedNetwork(moved(backbone), INPUT).network
    optimizer = layerwise_adamw(network, 1.0, weight_decay=0.0, decay=0.01)
    optimizer.build(network.trainable_variables)
    before = [np.asarray(variable).copy() for variable in network.trainable_variables]
    optimizer.apply([np.ones(value.shape, np.float32) for value in before])
    steps = {
        variable.path: float(np.abs(np.asarray(variable) - value).mean())
        for variable, value in zip(network.trainable_variables, before, strict=True)
    }
    assert steps["logits/kernel"] == pytest.approx(1.0, rel=0.01)
    first = next(iter(steps.values()))
    assert 0.01 <= first <= 0.02
    assert all(first <= step * 1.001 for step in steps.values())
