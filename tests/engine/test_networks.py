from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionviewer.core.errors import BundleError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.networks import (
    build_explaining_network,
    build_network,
    feature_shape,
    named_variables,
    read_arrays,
    read_weights,
    write_weights,
)
from training.starting import initialise

TINY = {"backbone": "tiny_cnn"}
PIXELS = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)


@pytest.fixture
def tiny():
    return build_network(TINY, diagnoses=3, input_px=32)


@pytest.fixture
def stored(tiny, tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    write_weights(tiny, path)
    return path


def values(model) -> dict[str, np.ndarray]:
    return {name: np.asarray(variable).copy() for name, variable in named_variables(model).items()}


def test_the_network_is_flat_and_takes_bytes(tiny):
    assert not any(hasattr(layer, "layers") for layer in tiny.layers)
    assert tiny.input.dtype == "uint8"
    assert np.asarray(tiny.predict_on_batch(PIXELS)).shape == (2, 3)
    assert feature_shape(tiny) == (4, 4, 16)


def test_one_pass_gives_logits_maps_and_embedding_of_the_same_network(tiny):
    outputs = build_explaining_network(tiny).predict_on_batch(PIXELS)
    logits, maps = outputs["logits"], outputs["activation_maps"]
    assert maps.shape == (2, 4, 4, 3)
    assert outputs["embedding"].shape == (2, 16)
    bias = np.asarray(tiny.get_layer("logits").bias)
    assert np.allclose(logits, maps.mean(axis=(1, 2)) + bias, atol=1e-5)
    assert np.allclose(logits, tiny.predict_on_batch(PIXELS), atol=1e-5)


def test_the_explaining_network_follows_its_network(tiny):
    explaining = build_explaining_network(tiny)
    before = explaining.predict_on_batch(PIXELS)["activation_maps"]
    dense = tiny.get_layer("logits")
    dense.kernel.assign(np.asarray(dense.kernel) * 2)
    after = explaining.predict_on_batch(PIXELS)["activation_maps"]
    assert np.allclose(after, 2 * np.asarray(before), atol=1e-5)


def test_weights_survive_their_file_as_float16(tiny, stored: Path):
    other = build_network(TINY, diagnoses=3, input_px=32)
    read_weights(stored, other)
    for name, value in values(tiny).items():
        assert np.allclose(values(other)[name], value, rtol=1e-3, atol=1e-6)
    arrays = read_arrays(stored.read_bytes())
    assert arrays["block1_conv/kernel"].dtype == np.float16
    assert arrays["block1_bn/moving_variance"].dtype == np.float32


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("logits/bias"), "lacks logits/bias"),
        (lambda a: a.update(extra=np.zeros(2, np.float32)), "unknown extra"),
        (lambda a: a.update({"logits/bias": np.zeros(9, np.float32)}), r"of shape \(9,\)"),
        (lambda a: a.update({"logits/bias": np.zeros(3, np.int32)}), "as int32"),
        (lambda a: a.update({"logits/bias": np.full(3, np.nan, np.float32)}), "is no number"),
    ],
)
def test_weights_of_another_network_are_refused_before_anything_is_assigned(
    tiny, stored: Path, change, message: str
):
    from safetensors.numpy import save

    arrays = {name: array.copy() for name, array in read_arrays(stored).items()}
    change(arrays)
    other = build_network(TINY, diagnoses=3, input_px=32)
    before = values(other)
    with pytest.raises(BundleError, match=message):
        read_weights(save(arrays), other)
    assert all(np.array_equal(before[name], value) for name, value in values(other).items())


@pytest.mark.parametrize("content", [b"", b"not safetensors", b"\xff" * 64])
def test_a_file_that_is_no_weights_file_is_refused(tiny, content: bytes):
    with pytest.raises(BundleError, match="weights cannot be read"):
        read_weights(content, tiny)


def test_an_unknown_backbone_is_refused():
    with pytest.raises(BundleError, match="knows resnet50"):
        build_network({"backbone": "vgg99"}, diagnoses=2)


def test_the_layers_keep_the_names_of_keras_applications():
    model = build_network({"backbone": "resnet50"}, diagnoses=7)
    names = {layer.name for layer in model.layers}
    assert {"conv1_conv", "conv4_block6_out", "conv5_block3_out", "embedding", "logits"} <= names
    assert feature_shape(model) == (7, 7, 2048)


def test_the_imagenet_weights_give_the_published_maps(shared: Path):
    import keras

    model = build_network({"backbone": "resnet50"}, diagnoses=7)
    file = shared / "pretrained" / "resnet50_imagenet_to_conv4.safetensors"
    initialise(model, read_arrays(file), seed=0)
    with Image.open(shared / "samples" / "ISIC_0000115.jpg") as picture:
        pixels = cut_square(np.asarray(picture.convert("RGB")))
    trunk = keras.Model(model.input, model.get_layer("conv4_block6_out").output)
    maps = np.asarray(trunk.predict_on_batch(pixels[None])[0])
    assert maps.mean() == pytest.approx(0.4600, abs=0.002)
    assert maps.std() == pytest.approx(0.7655, abs=0.002)
    assert maps.mean(axis=(0, 1))[:4] == pytest.approx([0.0736, 0.0615, 0.0699, 0.0892], abs=0.002)
