from pathlib import Path

import numpy as np
import pytest

from lesionviewer.core.errors import BundleError, ConfigError
from lesionviewer.engine.networks import build_network, named_variables, read_arrays, write_weights
from training.starting import find_init, initialise, read_start

TINY = {"backbone": "tiny_cnn"}


@pytest.fixture
def trained():
    return initialised(build_network(TINY, diagnoses=3, input_px=32), seed=1)


def initialised(model, seed: int):
    initialise(model, {}, seed=seed)
    return model


def value(model, name: str) -> np.ndarray:
    return np.asarray(named_variables(model)[name])


def test_a_file_gives_all_its_weights(trained, tmp_path: Path):
    write_weights(trained, tmp_path / "w.safetensors")
    model = build_network(TINY, diagnoses=3, input_px=32)
    found, total = initialise(model, read_start(tmp_path / "w.safetensors", "tiny_cnn"), seed=2)
    assert found == total
    name = "logits/kernel"
    assert np.allclose(value(model, name), value(trained, name), rtol=1e-3, atol=1e-6)


def test_a_head_for_other_diagnoses_starts_anew(trained, tmp_path: Path):
    write_weights(trained, tmp_path / "w.safetensors")
    model = build_network(TINY, diagnoses=5, input_px=32)
    found, total = initialise(model, read_arrays(tmp_path / "w.safetensors"), seed=2)
    assert total - found == 2
    kernel = "block1_conv/kernel"
    assert np.allclose(value(model, kernel), value(trained, kernel), rtol=1e-3, atol=1e-6)


def test_what_a_file_lacks_starts_random_but_the_same_for_the_same_seed():
    kept = {"block1_conv/kernel": np.ones((3, 3, 3, 8), np.float16)}
    models = [build_network(TINY, diagnoses=3, input_px=32) for _ in range(2)]
    for model in models:
        assert initialise(model, kept, seed=3)[0] == 1
    first, second = (value(model, "block2_conv/kernel") for model in models)
    assert np.array_equal(first, second)
    assert 0.5 < first.std() / np.sqrt(2 / (9 * 8)) < 1.5


def test_a_keras_weights_file_is_read_by_its_layer_names(tmp_path: Path):
    import h5py

    kernel = np.full((3, 3, 3, 8), 2, np.float32)
    with h5py.File(tmp_path / "notop.h5", "w") as file:
        file["block1_conv/block1_conv/kernel:0"] = kernel
    arrays = read_start(tmp_path / "notop.h5", "tiny_cnn")
    assert np.array_equal(arrays["block1_conv/kernel"], kernel)


@pytest.mark.parametrize("name", ["w.safetensors", "w.h5"])
def test_a_damaged_file_is_a_clear_error(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(b"\0" * 40)
    with pytest.raises(BundleError):
        read_start(tmp_path / name, "tiny_cnn")


def test_a_file_of_another_network_is_a_clear_error():
    model = build_network(TINY, diagnoses=3, input_px=32)
    with pytest.raises(BundleError, match="No weight of the file fits"):
        initialise(model, {"conv9/kernel": np.zeros((1, 1), np.float32)}, seed=0)


def test_missing_sources_are_told_before_anything_starts(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with pytest.raises(ConfigError, match="not on this machine"):
        find_init("imagenet", "resnet50")
    with pytest.raises(ConfigError, match="expected bundle, imagenet, none or a file"):
        find_init(str(tmp_path / "nothing.h5"), "resnet50")
    assert find_init("none", "resnet50") is None


def test_a_depthwise_kernel_is_read_under_its_present_name(tmp_path: Path):
    import h5py

    with h5py.File(tmp_path / "notop.h5", "w") as file:
        file["conv_dw_1/conv_dw_1/depthwise_kernel:0"] = np.ones((3, 3, 32, 1), np.float32)
    assert set(read_start(tmp_path / "notop.h5", "mobilenet")) == {"conv_dw_1/kernel"}


def test_layers_that_keras_numbered_are_read_in_their_order(tmp_path: Path):
    import h5py

    with h5py.File(tmp_path / "notop.h5", "w") as file:
        for number in (95, 100, 96):
            file[f"conv2d_{number}/conv2d_{number}/kernel:0"] = np.full(2, number, np.float32)
    arrays = read_start(tmp_path / "notop.h5", "inceptionv3")
    assert {name: array[0] for name, array in arrays.items()} == {
        "conv2d_1/kernel": 95,
        "conv2d_2/kernel": 96,
        "conv2d_3/kernel": 100,
    }


def test_a_head_of_other_layers_starts_anew(trained, tmp_path: Path):
    write_weights(trained, tmp_path / "w.safetensors")
    model = build_network(TINY | {"head": [12, 6]}, diagnoses=3, input_px=32)
    found, total = initialise(model, read_arrays(tmp_path / "w.safetensors"), seed=2)
    assert total - found == 6
    assert value(model, "head_1/kernel").std() > 0


def test_a_kernel_that_reads_one_channel_starts_as_wide_as_that_asks_for():
    model = build_network({"backbone": "mobilenet"}, diagnoses=3, input_px=32)
    initialise(model, {}, seed=0)
    kernel = value(model, "conv_dw_13/kernel")
    assert kernel.shape == (3, 3, 1024, 1)
    assert kernel.std() == pytest.approx(np.sqrt(2 / 9), rel=0.05)


def test_there_are_no_published_weights_of_the_plain_network():
    with pytest.raises(ConfigError, match="nobody publishes"):
        find_init("imagenet", "plain_cnn")


def test_the_residual_branches_of_a_random_network_start_small():
    model = build_network({"backbone": "resnet50"}, diagnoses=3, input_px=32)
    initialise(model, {}, seed=0)
    assert np.allclose(value(model, "conv4_block6_3_bn/gamma"), 0.2)
    assert np.allclose(value(model, "conv4_block1_0_bn/gamma"), 1.0)
    assert np.allclose(value(model, "conv4_block6_2_bn/gamma"), 1.0)
