import importlib

import numpy as np
import pytest

from lesionviewer.engine.backbones import BACKBONES, ranked_names
from lesionviewer.engine.networks import build_network, feature_shape, named_variables

PUBLISHED = {
    "resnet50": ("resnet50", "ResNet50"),
    "resnet50v2": ("resnet_v2", "ResNet50V2"),
    "resnet152": ("resnet", "ResNet152"),
    "vgg16": ("vgg16", "VGG16"),
    "inceptionv3": ("inception_v3", "InceptionV3"),
    "mobilenet": ("mobilenet", "MobileNet"),
    "mobilenetv2": ("mobilenet_v2", "MobileNetV2"),
    "efficientnetv2b0": ("efficientnet_v2", "EfficientNetV2B0"),
}
SLOW = ("resnet152", "inceptionv3", "mobilenetv2", "efficientnetv2b0")
PIXELS = np.random.default_rng(3).integers(0, 256, (2, 75, 75, 3)).astype(np.float32)


def test_every_published_backbone_and_the_plain_one_are_there():
    assert set(BACKBONES) == {*PUBLISHED, "plain_cnn", "tiny_cnn"}
    assert all(BACKBONES[name].imagenet_file.endswith(".h5") for name in PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_pixels_are_prepared_as_the_backbones_makers_do(name: str):
    module = importlib.import_module(f"keras.applications.{PUBLISHED[name][0]}")
    expected = module.preprocess_input(PIXELS.copy())
    found = np.asarray(BACKBONES[name].prepare(PIXELS))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in SLOW else ()) for n in PUBLISHED]
)
def test_a_backbone_is_the_published_one_with_its_layers_in_the_same_graph(name: str):
    import keras

    px = BACKBONES[name].least_px
    module, kind = PUBLISHED[name]
    published = getattr(keras.applications, kind)(
        include_top=False, weights=None, input_shape=(px, px, 3)
    )
    network = build_network({"backbone": name}, diagnoses=3, input_px=px)
    assert not any(hasattr(layer, "layers") for layer in network.layers)
    ranked = ranked_names(layer.name for layer in published.layers)
    variables = named_variables(network)
    for layer in published.layers:
        for theirs in layer.weights:
            if theirs.dtype.startswith("float"):
                variables[f"{ranked[layer.name]}/{theirs.name}"].assign(theirs)
    pixels = PIXELS[:, :px, :px]
    prepared = importlib.import_module(f"keras.applications.{module}").preprocess_input(
        pixels.copy()
    )
    expected = np.asarray(published(prepared, training=False))
    assert feature_shape(network) == expected.shape[1:]
    upto = keras.Model(network.input, network.get_layer("embedding").input)
    found = np.asarray(upto(pixels.astype(np.uint8), training=False))
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
    for cut in BACKBONES[name].cuts:
        keras.Model(network.get_layer(cut).output, network.output)


def test_layer_names_do_not_depend_on_what_was_built_before():
    names = [
        [layer.name for layer in build_network({"backbone": b}, diagnoses=2, input_px=32).layers]
        for b in ("resnet50v2", "plain_cnn", "resnet50v2")
    ]
    assert names[0] == names[2]
    assert "max_pooling2d_1" in names[0]


def test_only_names_that_keras_gave_are_numbered_anew():
    names = ranked_names(["conv2d_99", "conv2d", "conv2d_100", "conv1", "block_2_add", "conv_dw_7"])
    assert names == {
        "conv2d": "conv2d_1",
        "conv2d_99": "conv2d_2",
        "conv2d_100": "conv2d_3",
        "conv1": "conv1",
        "block_2_add": "block_2_add",
        "conv_dw_7": "conv_dw_7",
    }


def test_the_plain_network_has_five_convolutions_and_takes_any_size():
    network = build_network({"backbone": "plain_cnn"}, diagnoses=4, input_px=53)
    convolutions = [layer for layer in network.layers if layer.name.endswith("_conv")]
    assert len(convolutions) == 5
    assert feature_shape(network) == (3, 3, 256)
