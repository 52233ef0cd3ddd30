"""A reader at the real program: decide and next, then the program is killed."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from lesionviewer.core.store.decision import Decision
from lesionviewer.core.store.store import SessionStore

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs an X server")
WAIT_S = 60


def decisions(home: Path) -> list[Decision]:
    """What another program reads from the disk meanwhile."""
    store = SessionStore.look_into(home / "data")
    if store is None:
        return []
    with store:
        return [
            decision
            for info in store.sessions()
            for decision in store.read(info.row).decisions().values()
        ]


def wait_for(home: Path, wanted: Callable[[list[Decision]], bool]) -> list[Decision]:
    pause, end = threading.Event(), monotonic() + WAIT_S
    while not wanted(held := decisions(home)):
        assert monotonic() < end, f"waited in vain: {held}"
        pause.wait(0.05)
    return held


def test_every_image_is_decided_by_one_key_and_nothing_is_lost_when_killed(
    program, samples, tmp_path
):
    home = tmp_path / "home"
    program.wait_for("classified")
    program.focus()
    for number in range(len(samples)):
        program.press("Return" if number % 2 else "5")
        held = wait_for(home, lambda held, n=number: len(held) == n + 1)
    assert all(decision.decided and decision.model_diagnosis for decision in held)
    program.press("ctrl+z")
    wait_for(home, lambda held: len(held) == len(samples) - 1)
    program.kill()
    assert len(decisions(home)) == len(samples) - 1
