"""The real program under a real X server: predictions, keys, pixels, the end."""

import sys

import numpy as np
import psutil
import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs an X server")


def middle(screen: np.ndarray) -> np.ndarray:
    """The part where the picture lies, whatever the size of the window."""
    height, width = screen.shape[:2]
    return screen[height * 3 // 10 : height * 6 // 10, width * 4 // 10 : width * 6 // 10]


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    return float(np.abs(middle(one) - middle(other)).mean()) < 1


def test_a_folder_is_classified_and_the_overlay_follows_its_key(program, samples):
    program.wait_for("explained")
    seconds, count = program.wait_for("classified")
    assert int(count) == len(samples)
    assert float(seconds) > 0
    program.focus()
    with_overlay = program.screen_when(lambda screen: alike(screen, program.screen()))
    program.press("h")
    without = program.screen_when(lambda screen: not alike(screen, with_overlay))
    assert middle(without).std() > 5, "a picture is there"
    program.press("h")
    program.screen_when(lambda screen: alike(screen, with_overlay))


def test_quitting_ends_the_program_and_its_helpers(program):
    program.wait_for("classified")
    program.focus()
    children = program.children()
    assert children, "decode processes run"
    program.press("ctrl+q")
    assert program.end() == 0
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
