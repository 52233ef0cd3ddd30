"""The weights a bundle is made of: of one run, or the average of several."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.errors import ConfigError
from lesionviewer.engine.networks import read_arrays
from training.__main__ import main
from training.chosen import average, choose

BEST = Path("checkpoints/best.safetensors")


@pytest.fixture(scope="module")
def sister_run(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with the same images and other weights, of another seed."""
    run = tmp_path_factory.mktemp("runs") / "sister"
    shutil.copytree(finished_run, run)
    chance = np.random.default_rng(7)
    moved = {
        name: array + chance.normal(0, 0.01, array.shape).astype(array.dtype)
        for name, array in load_file(str(run / BEST)).items()
    }
    save_file(moved, str(run / BEST))
    config = json.loads((run / "config.json").read_text("utf-8"))
    (run / "config.json").write_text(json.dumps({**config, "seed": 1}), "utf-8")
    return run


def test_a_single_run_gives_its_best_weights_untouched(finished_run: Path):
    weights = average(choose([finished_run]))
    for name, array in load_file(str(finished_run / BEST)).items():
        np.testing.assert_array_equal(weights[name], array)


def test_a_bundle_of_two_runs_holds_the_mean_of_their_weights(
    finished_run: Path, sister_run: Path, tmp_path: Path
):
    runs = ["--run", str(finished_run), str(sister_run)]
    out = tmp_path / "mean"
    assert main(["export", *runs, "--out", str(out), "--precision", "float"]) == 0
    bundle = open_bundle(out)
    one, other = (load_file(str(run / BEST)) for run in (finished_run, sister_run))
    stored = read_arrays(bundle.read("weights.safetensors"))
    for name, array in stored.items():
        expected = ((one[name].astype(np.float64) + other[name]) / 2).astype(np.float32)
        np.testing.assert_array_equal(array, expected.astype(array.dtype), err_msg=name)
        assert not np.array_equal(array, one[name].astype(array.dtype))
    told = bundle.card.training
    assert told["config"]["seed"] == 0
    assert [member["config"]["seed"] for member in told["averaged_with"]] == [1]
    assert str(sister_run.parent) not in bundle.card.to_json()


def test_the_card_of_a_single_run_tells_of_no_average(finished_run: Path, tmp_path: Path):
    out = tmp_path / "single"
    runs = ["--run", str(finished_run)]
    assert main(["export", *runs, "--out", str(out), "--precision", "float"]) == 0
    assert "averaged_with" not in open_bundle(out).card.training


def test_runs_over_other_images_are_not_averaged(finished_run: Path, sister_run: Path, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(sister_run, other)
    manifest = other / "images.csv"
    lines = manifest.read_text("utf-8").splitlines()
    manifest.write_text("\n".join(lines[:-1]) + "\n", "utf-8")
    with pytest.raises(ConfigError, match="other images"):
        choose([finished_run, other])


def test_runs_of_other_networks_are_not_averaged(finished_run: Path, sister_run: Path, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(sister_run, other)
    config = json.loads((other / "config.json").read_text("utf-8"))
    (other / "config.json").write_text(json.dumps({**config, "head": [8]}), "utf-8")
    with pytest.raises(ConfigError, match="another network"):
        choose([finished_run, other])


def test_an_epoch_cannot_be_chosen_for_an_average(finished_run: Path, sister_run: Path):
    with pytest.raises(ConfigError, match="single run"):
        choose([finished_run, sister_run], epoch=1)
