from pathlib import Path

import numpy as np
import pytest

from training.checkpoints import Checkpoints

COLUMNS = ("epoch", "val_balanced_accuracy")


def row(epoch: int) -> dict[str, float]:
    return {"epoch": epoch, "val_balanced_accuracy": 0.5 + epoch / 100}


def train(run: Path, epochs: int) -> Checkpoints:
    checkpoints = Checkpoints(run, COLUMNS)
    records, _ = checkpoints.resume()
    for epoch in range(len(records) + 1, epochs + 1):
        state = {"weight/a/kernel": np.full((3,), epoch, np.float32)}
        records.append(checkpoints.save(records, row(epoch), state))
    return checkpoints


def history(run: Path) -> list[str]:
    return (run / "history.csv").read_text("utf-8").splitlines()


def test_a_run_resumes_from_its_last_checkpoint(tmp_path: Path):
    train(tmp_path, 3)
    records, state = Checkpoints(tmp_path, COLUMNS).resume()
    assert [record.epoch for record in records] == [1, 2, 3]
    assert state["weight/a/kernel"].tolist() == [3, 3, 3]


def test_a_new_run_begins_with_nothing_but_a_header(tmp_path: Path):
    records, state = Checkpoints(tmp_path, COLUMNS).resume()
    assert (records, state) == ([], {})
    assert history(tmp_path) == ["epoch,val_balanced_accuracy"]


def test_every_epoch_stands_in_the_history_once(tmp_path: Path):
    train(tmp_path, 2)
    train(tmp_path, 4)
    assert [line.split(",")[0] for line in history(tmp_path)[1:]] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("damage", [lambda p: p.unlink(), lambda p: p.write_bytes(b"torn")])
def test_a_damaged_checkpoint_does_not_count(tmp_path: Path, damage):
    train(tmp_path, 3)
    damage(tmp_path / "checkpoints" / "epoch-0003.safetensors")
    records, state = Checkpoints(tmp_path, COLUMNS).resume()
    assert [record.epoch for record in records] == [1, 2]
    assert state["weight/a/kernel"][0] == 2
    assert len(history(tmp_path)) == 3


def test_a_row_that_a_kill_kept_out_of_the_history_comes_back(tmp_path: Path):
    train(tmp_path, 2)
    (tmp_path / "history.csv").unlink()
    Checkpoints(tmp_path, COLUMNS).resume()
    assert len(history(tmp_path)) == 3


def test_only_the_last_states_are_kept(tmp_path: Path):
    train(tmp_path, 5)
    states = sorted(p.name for p in (tmp_path / "checkpoints").glob("*.safetensors"))
    assert states == ["epoch-0004.safetensors", "epoch-0005.safetensors"]
