"""What a run will take, before it is started."""

import json
from pathlib import Path

import pytest

from training.__main__ import main
from training.config import TrainingConfig
from training.estimate import StageCost, parse_estimate, reckon
from training.launch import make_run

CONFIG = TrainingConfig(
    data=Path("none"), epochs=10, frozen_epochs=4, batch_size=10, views=2, input_px=224
)


def test_time_counts_steps_val_fresh_views_and_the_maps_that_are_made_once():
    costs = (
        StageCost(trunk_s=1.0, step_s=0.1, predict_s=0.05, map_bytes=1000),
        StageCost(trunk_s=0.5, step_s=2.0, predict_s=0.5, map_bytes=10),
    )
    found = reckon(CONFIG, costs, train=100, val=20, weight_bytes=4, peak=0)
    frozen, fine = 10 * 0.1 + 2 * 0.05, 10 * (2.0 + 0.5) + 2 * 0.5
    assert found.epoch_seconds == pytest.approx((frozen, fine))
    maps = (2 * 100 + 20) / 10 * 1.0 + 20 / 10 * 0.5
    assert found.seconds == pytest.approx(4 * frozen + 6 * fine + maps)


def test_disk_holds_maps_squares_and_checkpoints():
    costs = (StageCost(1.0, 1.0, 1.0, 1000), StageCost(0.0, 1.0, 1.0, 0))
    found = reckon(CONFIG, costs, train=100, val=20, weight_bytes=1_000_000, peak=5)
    squares = 3 * 224**2 * (100 * 81 / 49 + 20)
    assert found.disk_bytes == round(220 * 1000 + squares + 15 * 1_000_000)
    assert found.memory_bytes == 5 + 8 * 1_000_000


def test_the_estimate_of_a_run_is_printed_and_nothing_is_trained(
    folder_set: Path, tmp_path: Path, capfd
):
    settings = {"backbone": "tiny_cnn", "init": "none", "epochs": 2, "batch_size": 4, "threads": 1}
    config = TrainingConfig(data=folder_set, malignant=("melanoma_in_situ",), **settings)
    run = make_run(tmp_path / "run", config)
    assert main(["train", "--resume", str(run), "--estimate"]) == 0
    found = parse_estimate(json.loads(capfd.readouterr().out.splitlines()[-1]))
    assert found.seconds > sum(found.epoch_seconds) > 0
    assert found.disk_bytes > 0
    assert [path.name for path in run.iterdir()] == ["config.json"]
