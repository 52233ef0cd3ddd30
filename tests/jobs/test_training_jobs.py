"""Training runs behind signals: real processes, without their work."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from runs_helpers import ENDLESS, pretend, pretend_run

from lesionviewer.core.errors import StoreError
from lesionviewer.jobs.training_jobs import RunState, TrainingJobs
from training.config import TrainingConfig

WAIT_MS = 200_000
Starter = Callable[..., TrainingJobs]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")


@pytest.fixture
def start_jobs(clean_end: None, tmp_path: Path) -> Iterator[Starter]:
    started: list[TrainingJobs] = []

    def start() -> TrainingJobs:
        started.append(TrainingJobs(tmp_path, command=pretend, grace_s=30))
        return started[-1]

    yield start
    for jobs in started:
        assert jobs.close(grace_ms=40_000)


def in_state(run: Path, *states: RunState):
    return lambda view: view.folder == run and view.state in states


def test_a_run_is_found_started_and_told_of(qtbot, tmp_path: Path, start_jobs: Starter):
    run, jobs = pretend_run(tmp_path, "one"), start_jobs()
    with qtbot.waitSignal(jobs.changed, timeout=WAIT_MS) as found:
        pass
    assert found.args[0].state == RunState.READY
    said, epochs, states = [], [], []
    jobs.said.connect(lambda folder, line: said.append(line))
    jobs.epoch_ended.connect(lambda folder, row: epochs.append(row["epoch"]))
    jobs.state_changed.connect(lambda view: states.append(view.state))
    finished = in_state(run, RunState.FINISHED)
    with qtbot.waitSignal(jobs.state_changed, timeout=WAIT_MS, check_params_cb=finished):
        jobs.start(run)
    assert epochs == [1, 2]
    assert said[-1] == "Finished."
    assert RunState.STARTING in states
    assert jobs.view(run).rows[-1]["epoch"] == 2


def test_a_run_pauses_goes_on_and_stops(qtbot, tmp_path: Path, start_jobs: Starter):
    run, jobs = pretend_run(tmp_path, "one", epochs=ENDLESS), start_jobs()
    for act, state in (
        (jobs.start, RunState.RUNNING),
        (jobs.pause, RunState.PAUSED),
        (jobs.resume, RunState.RUNNING),
        (jobs.stop_after_epoch, RunState.STOPPED),
    ):
        there = in_state(run, state)
        with qtbot.waitSignal(jobs.state_changed, timeout=WAIT_MS, check_params_cb=there):
            act(run)


def test_a_run_that_dies_is_told_in_a_sentence(qtbot, tmp_path: Path, start_jobs: Starter):
    run, jobs = pretend_run(tmp_path, "one", ends="killed"), start_jobs()
    with qtbot.waitSignal(jobs.failed, timeout=WAIT_MS) as failure:
        jobs.start(run)
    assert failure.args[0] == run
    assert "goes on from its last checkpoint" in failure.args[1]


def test_an_action_that_is_not_possible_is_refused(qtbot, tmp_path: Path, start_jobs: Starter):
    run, jobs = pretend_run(tmp_path, "one"), start_jobs()
    with qtbot.waitSignal(jobs.refused, timeout=WAIT_MS) as refusal:
        jobs.pause(run)
    assert refusal.args == [run, "one is not under way."]


def test_a_forgotten_run_leaves_the_list(qtbot, tmp_path: Path, start_jobs: Starter):
    run, jobs = pretend_run(tmp_path, "one"), start_jobs()
    with qtbot.waitSignal(jobs.changed, timeout=WAIT_MS):
        pass
    with qtbot.waitSignal(jobs.forgotten, timeout=WAIT_MS):
        jobs.forget(run)
    assert jobs.views == ()


def test_a_run_is_made_of_its_config_once(tmp_path: Path, start_jobs: Starter):
    jobs, config = start_jobs(), TrainingConfig(data=tmp_path)
    run = jobs.create("new", config)
    assert (run / "config.json").is_file()
    with pytest.raises(StoreError, match="is not empty"):
        jobs.create("new", config)


def test_a_bound_run_ends_with_the_window(qtbot, tmp_path: Path, start_jobs: Starter):
    run, jobs = pretend_run(tmp_path, "one", epochs=ENDLESS), start_jobs()
    running = in_state(run, RunState.RUNNING)
    with qtbot.waitSignal(jobs.state_changed, timeout=WAIT_MS, check_params_cb=running):
        jobs.start(run)
    assert jobs.close(grace_ms=40_000)
    stopped = in_state(run, RunState.STOPPED)
    again = start_jobs()
    with qtbot.waitSignal(again.state_changed, timeout=WAIT_MS, check_params_cb=stopped):
        pass
