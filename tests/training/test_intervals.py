"""Runs that end in the middle of an epoch, and what they are when they go on."""

import errno
import hashlib
import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from killed_runs import EPOCHS, EVERY_STEP, Killed, at_step, kill, new_run, work
from runs_helpers import wait_for, wait_until
from safetensors.numpy import load_file
from small_data import read_history

from lesionviewer.core.errors import LesionViewerError
from training.checkpoints import Checkpoints
from training.control import FOLDER, Command, StopRequestedError, send_command
from training.fitting import StageFitter
from training.intervals import Intervals, Position
from training.queue import TrainingQueue
from training.runstate import RunState


def end_state(run: Path) -> dict[str, np.ndarray]:
    return load_file(run / "checkpoints" / f"epoch-{EPOCHS:04}.safetensors")


def rows(run: Path) -> list[dict[str, str]]:
    return [{**row, "seconds": ""} for row in read_history(run)]


def kinds(run: Path) -> list[str]:
    lines = (run / "events.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["kind"] for line in lines]


def left_within(run: Path) -> list[str]:
    return sorted(path.name for path in (run / "checkpoints").glob("within-*"))


@pytest.mark.parametrize("minutes", [EVERY_STEP, 0], ids=["every step", "epochs only"])
def test_a_run_killed_in_every_epoch_ends_with_the_weights_of_one_that_was_not(
    minutes: float, undisturbed: Path, steps: int, folder_set: Path, tmp_path: Path, monkeypatch
):
    run = new_run(tmp_path / "run", folder_set, checkpoint_minutes=minutes)
    for _ in range(EPOCHS):
        with monkeypatch.context() as patch, pytest.raises(Killed):
            at_step(patch, steps - 1, kill)
            work(run)
        if not minutes:
            break
    work(run)
    killed, whole = end_state(run), end_state(undisturbed)
    assert killed.keys() == whole.keys()
    for name, value in whole.items():
        np.testing.assert_array_equal(killed[name], value, err_msg=name)
    assert rows(run) == rows(undisturbed)
    assert left_within(run) == []


def test_a_run_resumed_at_an_epoch_of_its_last_stage_trains_the_same_weights(
    undisturbed: Path, steps: int, folder_set: Path, tmp_path: Path, monkeypatch
):
    run = new_run(tmp_path / "run", folder_set, checkpoint_minutes=0)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        at_step(patch, 3 * steps + 2, kill)
        work(run)
    assert len(read_history(run)) == 3
    work(run)
    resumed, whole = end_state(run), end_state(undisturbed)
    for name, value in whole.items():
        # The averages were unfolded and folded again, which costs a last bit.
        exact = not name.startswith("average/")
        np.testing.assert_allclose(resumed[name], value, rtol=0 if exact else 1e-5, atol=1e-7)


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.timeout(900)
def test_a_process_killed_while_it_rests_within_an_epoch_ends_with_the_same_weights(
    undisturbed: Path, folder_set: Path, tmp_path: Path
):
    run = new_run(tmp_path / "run", folder_set, checkpoint_minutes=EVERY_STEP)
    queue = TrainingQueue(tmp_path)
    queue.start(run, bound=False)
    wait_for(queue, run, RunState.RUNNING)
    wait_until(lambda: any("within-0003" in name for name in left_within(run)), "the third epoch")
    queue.pause(run)
    os.kill(wait_for(queue, run, RunState.PAUSED).owner.pid, signal.SIGKILL)
    wait_for(queue, run, RunState.DIED)
    assert len(read_history(run)) < EPOCHS
    queue.start(run, bound=True)
    wait_for(queue, run, RunState.FINISHED)
    queue.close(grace_s=20)
    whole = end_state(undisturbed)
    for name, value in end_state(run).items():
        np.testing.assert_array_equal(value, whole[name], err_msg=name)
    assert rows(run) == rows(undisturbed)


def test_stop_now_loses_no_step(
    undisturbed: Path, steps: int, folder_set: Path, tmp_path: Path, monkeypatch
):
    run = new_run(tmp_path / "run", folder_set)
    with monkeypatch.context() as patch, pytest.raises(StopRequestedError):
        at_step(patch, steps + 2, lambda: send_command(run, Command.STOP_NOW))
        work(run)
    assert kinds(run)[-2:] == ["stopping", "stopped"]
    assert left_within(run) == [f"within-0002-{2:08}.json", f"within-0002-{2:08}.safetensors"]
    work(run)
    for name, value in end_state(undisturbed).items():
        np.testing.assert_array_equal(end_state(run)[name], value, err_msg=name)


def test_stop_after_this_epoch_measures_the_best_epoch_and_can_go_on(
    folder_set: Path, tmp_path: Path, monkeypatch
):
    run = new_run(tmp_path / "run", folder_set)
    with monkeypatch.context() as patch, pytest.raises(StopRequestedError):
        at_step(patch, 1, lambda: send_command(run, Command.STOP_AFTER_EPOCH))
        work(run)
    assert len(read_history(run)) == 1
    assert json.loads((run / "metrics.json").read_text("utf-8"))["best_epoch"] == 1
    assert list((run / FOLDER).iterdir()) == []
    work(run)
    assert [row["epoch"] for row in read_history(run)] == ["1", "2", "3", "4"]


def test_a_command_to_a_process_that_is_gone_is_dropped(folder_set: Path, tmp_path: Path):
    run = new_run(tmp_path / "run", folder_set, epochs=1)
    send_command(run, Command.STOP_NOW)
    work(run)
    assert kinds(run)[-1] == "finished"


def test_a_full_disk_is_named_and_the_run_goes_on_from_what_is_whole(
    undisturbed: Path, steps: int, folder_set: Path, tmp_path: Path, monkeypatch
):
    run = new_run(tmp_path / "run", folder_set, checkpoint_minutes=EVERY_STEP)
    sync = os.fsync

    def full(file: int) -> None:
        if any((run / "checkpoints").glob(f"within-0002-{3:08}.safetensors.partial")):
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(file)

    with monkeypatch.context() as patch, pytest.raises(LesionViewerError, match=r"is full: within"):
        patch.setattr("training.checkpoints.os.fsync", full)
        work(run)
    event = json.loads((run / "events.jsonl").read_text("utf-8").splitlines()[-1])
    assert (event["kind"], event["cause"]) == ("failed", "StoreError")
    assert not list(run.rglob("*.partial"))
    work(run)
    for name, value in end_state(undisturbed).items():
        np.testing.assert_array_equal(end_state(run)[name], value, err_msg=name)


def test_a_disk_too_small_for_two_checkpoints_is_named_before_the_run(
    folder_set: Path, tmp_path: Path, monkeypatch
):
    run = new_run(tmp_path / "run", folder_set)
    monkeypatch.setattr(
        "training.run.shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000})
    )
    with pytest.raises(LesionViewerError, match="GB left; the checkpoints take"):
        work(run)
    assert read_history(run) == []


def test_a_loss_that_is_no_number_ends_the_run_with_its_last_epoch_whole(
    steps: int, folder_set: Path, tmp_path: Path, monkeypatch
):
    run = new_run(tmp_path / "run", folder_set, checkpoint_minutes=EVERY_STEP)
    with monkeypatch.context() as patch:
        at_step(
            patch,
            steps + 2,
            lambda: patch.setattr("training.fitting._as_input", lambda x: x * np.float32("nan")),
        )
        with pytest.raises(LesionViewerError, match=r"no number any more in step 2"):
            work(run)
    assert left_within(run) == []
    work(run)
    assert len(read_history(run)) == EPOCHS


def test_a_lack_of_memory_is_named(folder_set: Path, tmp_path: Path, monkeypatch):
    run = new_run(tmp_path / "run", folder_set)

    def lack() -> None:
        raise MemoryError

    at_step(monkeypatch, 2, lack)
    with pytest.raises(LesionViewerError, match="does not do for 2 images a step"):
        work(run)
    event = json.loads((run / "events.jsonl").read_text("utf-8").splitlines()[-1])
    assert event["cause"] == "OutOfMemoryError"


def test_a_run_of_an_earlier_version_goes_on(folder_set: Path, tmp_path: Path, monkeypatch):
    """Earlier states held weights unfolded, and nothing that their stage did not train."""
    began: dict[str, np.ndarray] = {}

    def earlier(fitter: StageFitter, **_: object) -> dict[str, np.ndarray]:
        optimizer = enumerate(fitter._optimizer.variables)
        return {
            **{f"weight/{n}": v for n, v in fitter.weights().items()},
            **{f"average/{n}": v for n, v in fitter.averaged().items()},
            **{f"optimizer/{number}": np.asarray(v).copy() for number, v in optimizer},
            "steps": np.array(fitter.averages.steps),
        }

    run = new_run(tmp_path / "run", folder_set, checkpoint_minutes=0, dropout=0.0)
    with monkeypatch.context() as patch:
        patch.setattr(StageFitter, "state", earlier)
        patch.setattr(Checkpoints, "save_stage", lambda _, number, weights: began.update(weights))
        work(run)
    whole, before = end_state(run), rows(run)
    for path in [*(run / "checkpoints").glob(f"epoch-{EPOCHS:04}*"), run / "metrics.json"]:
        path.unlink()
    checkpoints = Checkpoints(run)
    # A best epoch of the last stage has what the stage began from.
    checkpoints.save_best(began | checkpoints.averages(EPOCHS - 1))
    work(run)
    assert [row["epoch"] for row in rows(run)] == [row["epoch"] for row in before]
    resumed = end_state(run)
    for name, value in whole.items():
        if name.startswith("average/"):
            np.testing.assert_allclose(resumed[name], value, rtol=1e-3, atol=1e-4, err_msg=name)


def place(epoch: int, step: int, *, batch_size: int = 2) -> Position:
    return Position(epoch, step, batch_size, 1.5, (0.5,) * step)


def state(number: int) -> dict[str, np.ndarray]:
    return {"a": np.full(3, number, np.float32)}


@pytest.fixture
def intervals(tmp_path: Path) -> Intervals:
    (tmp_path / "checkpoints").mkdir()
    kept = Intervals(tmp_path, minutes=10)
    for step in (1, 2, 3):
        kept.save(place(4, step), state(step))
    return kept


def test_two_places_within_an_epoch_are_kept(intervals: Intervals, tmp_path: Path):
    notes = sorted(path.stem for path in (tmp_path / "checkpoints").glob("*.json"))
    assert notes == [f"within-0004-{step:08}" for step in (2, 3)]
    position, found = intervals.find(3, batch_size=2)
    assert position is not None
    assert (position.step, position.losses, found["a"].tolist()) == (3, (0.5,) * 3, [3, 3, 3])


@pytest.mark.parametrize("end", ["json", "safetensors"])
def test_of_a_torn_place_the_one_before_counts(intervals: Intervals, tmp_path: Path, end: str):
    (tmp_path / "checkpoints" / f"within-0004-{3:08}.{end}").write_bytes(b"torn")
    position, found = intervals.find(3, batch_size=2)
    assert position is not None
    assert (position.step, found["a"][0]) == (2, 2)


@pytest.mark.parametrize(("epochs", "batch_size"), [(2, 2), (4, 2), (3, 1)])
def test_a_place_of_another_epoch_or_batch_does_not_count(
    intervals: Intervals, epochs: int, batch_size: int
):
    assert intervals.find(epochs, batch_size=batch_size) == (None, {})


@pytest.mark.parametrize(("minutes", "due"), [(0, False), (10, True), (11, False)])
def test_a_place_is_due_after_its_minutes(tmp_path: Path, minutes: float, due: bool):
    now = [0.0]
    kept = Intervals(tmp_path, minutes=minutes, clock=lambda: now[0])
    now[0] = 600.0
    assert kept.due == due


def test_the_state_of_an_epoch_is_not_needed_once_the_next_one_has_a_whole_place(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path, ("epoch", "val_balanced_accuracy"))
    records = []
    for epoch in (1, 2):
        row = {"epoch": epoch, "val_balanced_accuracy": 0.5}
        records.append(checkpoints.save(records, row, state(epoch)))
    (tmp_path / "checkpoints" / "epoch-0002.safetensors").write_bytes(b"torn")
    assert [r.epoch for r in checkpoints.resume(within=3)[0]] == [1, 2]
    assert hashlib.sha256(b"torn").hexdigest() != records[1].sha256
    assert [r.epoch for r in checkpoints.resume()[0]] == [1]
