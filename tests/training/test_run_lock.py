"""`lock` of a run folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lesionviewer.core.errors import ConfigError, StoreError
from training.lock import NAME, RunLock, owner_of
from training.processes import mark_of


def write_lock(run: Path, pid: int, started: str) -> None:
    text = json.dumps({"pid": pid, "started": started, "bound": False})
    (run / NAME).write_text(text, "utf-8")


@pytest.fixture
def other() -> subprocess.Popen[bytes]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_the_lock_names_its_process_and_is_let_go(tmp_path: Path):
    lock = RunLock(tmp_path, bound=True)
    owner = owner_of(tmp_path)
    assert owner is not None
    assert (owner.pid, owner.started, owner.bound) == (os.getpid(), mark_of(os.getpid()), True)
    lock.release()
    lock.release()
    assert owner_of(tmp_path) is None


def test_a_run_of_a_live_process_is_refused(tmp_path: Path, other):
    write_lock(tmp_path, other.pid, mark_of(other.pid))
    with pytest.raises(ConfigError, match=f"process {other.pid} works on"):
        RunLock(tmp_path)
    assert owner_of(tmp_path).pid == other.pid


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path, other):
    write_lock(tmp_path, other.pid, mark_of(other.pid))
    other.kill()
    # Not waited for yet: what is left of it works on nothing.
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    assert RunLock(tmp_path).took_over.pid == other.pid
    assert owner_of(tmp_path).pid == os.getpid()


def test_the_lock_of_a_number_that_has_become_another_process_is_taken_over(tmp_path: Path, other):
    write_lock(tmp_path, other.pid, "some other boot/1")
    RunLock(tmp_path)
    assert owner_of(tmp_path).pid == os.getpid()


@pytest.mark.parametrize("content", [b"", b"torn {", b"[]", b"{}", b'{"pid": "x"}'])
def test_a_torn_lock_is_nobodys(tmp_path: Path, content: bytes):
    (tmp_path / NAME).write_bytes(content)
    assert owner_of(tmp_path) is None
    assert RunLock(tmp_path).took_over is None


def test_a_lock_that_cannot_be_written_is_named(tmp_path: Path):
    with pytest.raises(StoreError, match="cannot be written"):
        RunLock(tmp_path / "gone")
