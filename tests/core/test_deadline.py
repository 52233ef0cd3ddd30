"""The time of a process: what it works or is blocked counts, what it waits for a processor less."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lesionviewer.core import deadline
from lesionviewer.core.deadline import Deadline, waited_for_processor

LOOKS_BEFORE_A_TEST_GIVES_UP = 3000


@pytest.fixture
def waited(monkeypatch) -> dict[int, float]:
    """What the system says of processes, by id."""
    seconds: dict[int, float] = {7: 3.0}
    monkeypatch.setattr(deadline, "waited_for_processor", seconds.__getitem__)
    monkeypatch.setattr(deadline.time, "monotonic", lambda: 100.0)
    return seconds


def test_time_that_a_process_works_or_is_blocked_is_its_own(waited):
    limit = Deadline(7, seconds=10, at_most=60)
    assert limit.left(104.0) == 6
    assert limit.left(110.0) == 0


def test_time_that_a_process_waits_for_a_processor_does_not_count(waited):
    limit = Deadline(7, seconds=10, at_most=60)
    waited[7] = 11.0
    assert limit.left(112.0) == 6
    assert limit.left(118.0) == 0


def test_however_long_it_waits_a_process_has_no_more_than_the_longest_time(waited):
    limit = Deadline(7, seconds=10, at_most=60)
    waited[7] = 63.0
    assert limit.left(160.0) == 0


def test_of_a_process_that_is_gone_no_waiting_is_known():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert waited_for_processor(process.pid) == 0.0


@pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="the system does not tell of waiting"
)
def test_processes_on_one_processor_wait_for_each_other():
    pause, only = threading.Event(), {min(os.sched_getaffinity(0))}
    command = [sys.executable, "-c", "while True: pass"]
    busy = [subprocess.Popen(command) for _ in range(3)]
    try:
        for process in busy:
            os.sched_setaffinity(process.pid, only)
        for _ in range(LOOKS_BEFORE_A_TEST_GIVES_UP):
            if min(waited_for_processor(process.pid) for process in busy) > 0.05:
                break
            pause.wait(0.01)
        else:
            pytest.fail("no process has waited")
    finally:
        for process in busy:
            process.kill()
            process.wait()
