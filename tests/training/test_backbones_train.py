"""Every backbone: a step of training in each stage, and its bundle in the viewer's engine."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_data import read_history

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.backbones import BACKBONES
from lesionviewer.engine.networks import feature_shape
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from training.__main__ import main
from training.pixels import read_pixels

QUICK = {"resnet50": "int8", "plain_cnn": "int8", "mobilenet": "float"}
SLOW = ("resnet50v2", "resnet152", "vgg16", "inceptionv3", "mobilenetv2", "efficientnetv2b0")
CASES = [
    *(pytest.param(name, precision, id=name) for name, precision in QUICK.items()),
    *(
        pytest.param(name, "float", id=name, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])
        for name in SLOW
    ),
]


def train(data: Path, run: Path, backbone: str, *more: str) -> None:
    size = str(BACKBONES[backbone].least_px)
    options = ["--backbone", backbone, "--init", "none", "--input-px", size, "--epochs", "2"]
    pace = ["--batch-size", "32", "--views", "1", "--threads", "1", "--bundle", "none"]
    assert main(["train", "--data", str(data), "--out", str(run), *options, *pace, *more]) == 0


def test_every_backbone_is_tried() -> None:
    assert {*QUICK, *SLOW, "tiny_cnn"} == set(BACKBONES)


@pytest.mark.parametrize(("backbone", "precision"), CASES)
def test_a_backbone_trains_and_its_bundle_opens_in_the_viewer(
    folder_set: Path, tmp_path: Path, samples: list[Path], backbone: str, precision: str
) -> None:
    run, out = tmp_path / "run", tmp_path / "bundle"
    train(folder_set, run, backbone)
    history = read_history(run)
    assert [row["stage"] for row in history] == ["frozen trunk", "fine-tuning"]
    assert all(np.isfinite(float(row["loss"])) for row in history)
    assert main(["export", "--run", str(run), "--out", str(out), "--precision", precision]) == 0

    bundle = open_bundle(out)
    px = BACKBONES[backbone].least_px
    assert (bundle.card.architecture["backbone"], bundle.card.input_px) == (backbone, px)
    squares = np.stack([cut_square(read_pixels(path)[0], size=px) for path in samples[:3]])
    classifier = OpenVinoClassifier(bundle)
    raw = classifier.predict(squares)
    classifier.close()
    assert classifier.engine == f"openvino-{precision}"
    assert raw.logits.shape == (3, 3)
    height, width, channels = bundle.card.architecture["feature_shape"]
    assert raw.activation_maps.shape == (3, height, width, 3)
    assert raw.embedding.shape == (3, channels)
    assert all(np.isfinite(values).all() for values in raw)


@pytest.mark.parametrize("precision", ["int8", "float"])
def test_a_head_of_several_layers_trains_and_is_explained_in_the_viewer(
    folder_set: Path, tmp_path: Path, samples: list[Path], precision: str
) -> None:
    run, out = tmp_path / "run", tmp_path / "bundle"
    train(folder_set, run, "tiny_cnn", "--head", "12,6")
    assert main(["export", "--run", str(run), "--out", str(out), "--precision", precision]) == 0

    bundle = open_bundle(out)
    assert bundle.card.architecture["head"] == [12, 6]
    squares = np.stack([cut_square(read_pixels(path)[0], size=32) for path in samples[:3]])
    classifier = OpenVinoClassifier(bundle)
    raw = classifier.predict(squares)
    classifier.close()
    exact = maps_by_automatic_gradient(out, squares)
    assert raw.activation_maps.shape == exact.shape == (3, 4, 4, 3)
    spread = np.abs(exact).max()
    tolerance = {"float": 1e-3, "int8": 0.2}[precision]
    np.testing.assert_allclose(raw.activation_maps, exact, atol=tolerance * spread)


def maps_by_automatic_gradient(folder: Path, squares: np.ndarray) -> np.ndarray:
    """Return Grad-CAM before its ReLU, as TensorFlow differentiates the whole head."""
    import keras
    import tensorflow as tf

    from lesionviewer.engine.networks import build_network, read_weights

    bundle = open_bundle(folder)
    model = build_network(bundle.card.architecture, diagnoses=3, input_px=32)
    assert feature_shape(model) == tuple(bundle.card.architecture["feature_shape"])
    read_weights(bundle.read("weights.safetensors"), model)
    pooling = model.get_layer("embedding")
    upto = keras.Model(model.input, [pooling.input, pooling.output])
    head = keras.Model(pooling.output, model.output)
    features, embedding = (tf.convert_to_tensor(out) for out in upto(squares))
    with tf.GradientTape() as tape:
        tape.watch(embedding)
        logits = head(embedding)
    weights = tape.batch_jacobian(logits, embedding).numpy()
    return np.einsum("nhwd,nkd->nhwk", features.numpy(), weights)


def test_the_size_that_a_backbone_was_made_for_is_taken_when_none_is_given(
    folder_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.run.TrainingRun.work", lambda run: None)
    for name in ("inceptionv3", "vgg16"):
        run = tmp_path / name
        arguments = ["train", "--data", str(folder_set), "--out", str(run), "--init", "none"]
        assert main([*arguments, "--backbone", name]) == 0
        config = json.loads((run / "config.json").read_text("utf-8"))
        assert config["input_px"] == BACKBONES[name].input_px


def test_a_size_that_a_backbone_cannot_take_is_refused(
    folder_set: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", "--data", str(folder_set), "--out", str(tmp_path / "run")]
    assert main([*arguments, "--backbone", "inceptionv3", "--input-px", "64"]) == 2
    assert "input_px: expected 75 to 1024" in capfd.readouterr().err
