"""Runs as processes: started, stopped, found again; the processes are real, their work is not."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from runs_helpers import ENDLESS, pretend, pretend_run, wait_for, wait_until

from lesionviewer.core.errors import LesionViewerError
from training.config import parse_config
from training.launch import run_command
from training.lock import owner_of
from training.queue import TrainingQueue
from training.runstate import EventTail, RunReader, RunState

Starter = Callable[..., TrainingQueue]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")


@pytest.fixture
def start_queue(tmp_path: Path) -> Iterator[Starter]:
    queues: list[TrainingQueue] = []

    def start(**options) -> TrainingQueue:
        queues.append(TrainingQueue(tmp_path, **{"command": pretend, **options}))
        return queues[-1]

    yield start
    for queue in queues:
        queue.close(grace_s=20)
    for run in tmp_path.iterdir():
        if owner := owner_of(run):
            process = psutil.Process(owner.pid)
            process.kill()
            psutil.wait_procs([process], timeout=20)


def test_a_run_is_found_started_and_followed_to_its_end(tmp_path: Path, start_queue: Starter):
    run, queue = pretend_run(tmp_path, "one"), start_queue()
    assert wait_for(queue, run, RunState.READY).rows == ()
    queue.start(run, bound=True)
    view = wait_for(queue, run, RunState.FINISHED)
    assert [row["epoch"] for row in view.rows] == [1, 2]
    assert (view.epochs, view.lines[-1]) == (2, "Finished.")
    assert not view.active


def test_runs_wait_for_one_another(tmp_path: Path, start_queue: Starter):
    queue = start_queue()
    first, second = (pretend_run(tmp_path, name, epochs=ENDLESS) for name in ("a", "b"))
    for run in (first, second):
        queue.start(run, bound=True)
    wait_for(queue, first, RunState.RUNNING)
    assert wait_for(queue, second, RunState.QUEUED)
    queue.stop_after_epoch(first)
    assert wait_for(queue, first, RunState.STOPPED).rows
    wait_for(queue, second, RunState.RUNNING)


def test_a_run_that_waits_can_be_taken_out(tmp_path: Path, start_queue: Starter):
    queue = start_queue()
    first, second = (pretend_run(tmp_path, name, epochs=ENDLESS) for name in ("a", "b"))
    queue.start(first, bound=True)
    queue.start(second, bound=True)
    wait_for(queue, first, RunState.RUNNING)
    queue.stop_now(second)
    wait_for(queue, second, RunState.READY)


def test_a_paused_run_takes_no_processor_until_it_goes_on(tmp_path: Path, start_queue: Starter):
    run, queue = pretend_run(tmp_path, "one", epochs=ENDLESS), start_queue()
    queue.start(run, bound=True)
    wait_for(queue, run, RunState.RUNNING)
    queue.pause(run)
    view = wait_for(queue, run, RunState.PAUSED)
    process = psutil.Process(view.owner.pid)
    before, switches = process.cpu_times().user, process.num_ctx_switches().voluntary
    wait_until(
        lambda: process.num_ctx_switches().voluntary > switches + 4, "the run looks at its commands"
    )
    assert process.cpu_times().user - before <= 0.05
    queue.resume(run)
    wait_for(queue, run, RunState.RUNNING)


def test_a_run_killed_while_paused_has_died_and_starts_again(tmp_path: Path, start_queue: Starter):
    run, queue = pretend_run(tmp_path, "one", epochs=ENDLESS), start_queue()
    queue.start(run, bound=True)
    wait_for(queue, run, RunState.RUNNING)
    queue.pause(run)
    os.kill(wait_for(queue, run, RunState.PAUSED).owner.pid, signal.SIGKILL)
    assert "ended without a word" in wait_for(queue, run, RunState.DIED).message
    queue.start(run, bound=True)
    wait_for(queue, run, RunState.RUNNING)


def test_after_a_lack_of_memory_half_the_batch_is_tried(tmp_path: Path, start_queue: Starter):
    run, queue = pretend_run(tmp_path, "one", memory_for=4, batch_size=16), start_queue()
    queue.start(run, bound=True)
    view = wait_for(queue, run, RunState.FINISHED)
    retries = [line for line in view.lines if "trying" in line]
    assert len(retries) == 2
    config = parse_config((run / "config.json").read_text("utf-8"))
    assert (config.batch_size, config.batch_size_asked) == (4, 16)


def test_a_run_killed_by_a_lack_of_memory_is_tried_again(
    tmp_path: Path, start_queue: Starter, monkeypatch
):
    run, queue = pretend_run(tmp_path, "one", batch_size=2, ends="killed"), start_queue()
    kills = iter(range(100))
    monkeypatch.setattr("training.queue.memory_kills", lambda: next(kills))
    queue.start(run, bound=True)
    wait_for(queue, run, RunState.DIED)
    assert parse_config((run / "config.json").read_text("utf-8")).batch_size == 1


def test_a_run_killed_by_anybody_else_keeps_its_batch(tmp_path: Path, start_queue: Starter):
    run, queue = pretend_run(tmp_path, "one", ends="killed"), start_queue()
    queue.start(run, bound=True)
    wait_for(queue, run, RunState.DIED)
    assert parse_config((run / "config.json").read_text("utf-8")).batch_size == 16


def test_a_process_that_does_not_begin_says_why(tmp_path: Path, start_queue: Starter):
    run, queue = pretend_run(tmp_path, "one"), start_queue()
    (run / "refuse").touch()
    queue.start(run, bound=True)
    assert wait_for(queue, run, RunState.FAILED).message == "This cannot be trained."


def test_bound_runs_end_with_the_program_and_detached_ones_go_on(
    tmp_path: Path, start_queue: Starter
):
    queue = start_queue(at_once=2)
    bound, detached = (pretend_run(tmp_path, name, epochs=ENDLESS) for name in ("a", "b"))
    queue.start(bound, bound=True)
    queue.start(detached, bound=False)
    wait_for(queue, bound, RunState.RUNNING)
    pid = wait_for(queue, detached, RunState.RUNNING).owner.pid
    assert os.getsid(pid) == pid
    queue.close(grace_s=20)
    again = start_queue()
    assert wait_for(again, bound, RunState.STOPPED)
    view = wait_for(again, detached, RunState.RUNNING)
    assert (view.owner.pid, view.detached) == (pid, True)
    again.stop_now(detached)
    wait_for(again, detached, RunState.STOPPED)


def test_a_bound_run_stops_when_its_window_is_killed(tmp_path: Path, start_queue: Starter):
    run = pretend_run(tmp_path, "one", epochs=ENDLESS)
    words = pretend(run, True)
    window = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen({words!r}, stdin=subprocess.PIPE)\n"
        "child.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", window]) as process:
        wait_until(lambda: RunReader(run).read().state == RunState.RUNNING, "it runs")
        process.kill()
    assert wait_for(start_queue(), run, RunState.STOPPED)
    wait_until(lambda: owner_of(run) is None, "the process ends")


def test_two_windows_see_one_run_and_cannot_start_it_twice(tmp_path: Path, start_queue: Starter):
    run = pretend_run(tmp_path, "one", epochs=ENDLESS)
    mine, other = start_queue(), start_queue()
    mine.start(run, bound=True)
    wait_for(mine, run, RunState.RUNNING)
    wait_for(other, run, RunState.RUNNING)
    with pytest.raises(LesionViewerError, match="under way already"):
        other.start(run, bound=True)
    second = subprocess.run(pretend(run, False), capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"process {owner_of(run).pid} works on" in second.stderr
    other.pause(run)
    wait_for(mine, run, RunState.PAUSED)
    other.stop_now(run)
    wait_for(mine, run, RunState.STOPPED)


def test_a_run_of_another_window_takes_its_place_in_the_queue(tmp_path: Path, start_queue: Starter):
    first, second = (pretend_run(tmp_path, name, epochs=ENDLESS) for name in ("a", "b"))
    mine, other = start_queue(), start_queue()
    mine.start(first, bound=True)
    wait_for(mine, first, RunState.RUNNING)
    other.start(second, bound=True)
    wait_for(other, second, RunState.QUEUED)
    mine.stop_now(first)
    wait_for(mine, first, RunState.STOPPED)
    wait_for(other, second, RunState.RUNNING)


def test_a_forgotten_run_stays_away_until_it_is_started(tmp_path: Path, start_queue: Starter):
    run, queue = pretend_run(tmp_path, "one"), start_queue()
    wait_for(queue, run, RunState.READY)
    queue.forget(run)
    queue.find()
    queue.look()
    assert queue.views == ()
    queue.start(run, bound=True)
    wait_for(queue, run, RunState.FINISHED)


def test_what_does_not_run_cannot_be_paused(tmp_path: Path, start_queue: Starter):
    run, queue = pretend_run(tmp_path, "one"), start_queue()
    with pytest.raises(LesionViewerError, match="one is not under way"):
        queue.pause(run)


def test_a_torn_last_line_waits_and_a_damaged_one_is_left_out(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    tail = EventTail(path)
    assert tail.read() == []
    path.write_bytes(b'{"kind": "a"}\nno json\n[1]\n{"kind": "b", "message": "\xc3')
    assert [event["kind"] for event in tail.read()] == ["a"]
    with path.open("ab") as file:
        file.write(b'\xbc"}\n')
    assert [event["message"] for event in tail.read()] == ["ü"]


def test_the_command_of_a_run_goes_through_the_program_itself(tmp_path: Path):
    words = run_command(tmp_path, True)
    assert words[-4:] == ["train", "--resume", str(tmp_path), "--bound"]
    assert words[1:3] == ["-m", "lesionviewer"]
