import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")


def read_until(terminal: int, word: bytes | None) -> bytes:
    """Return what a program printed on its terminal up to `word`, or to its end."""
    seen = b""
    while word is None or word not in seen:
        try:
            piece = os.read(terminal, 1024)
        except OSError:  # how Linux tells that the program has closed the terminal
            return seen
        if not piece:
            return seen
        seen += piece
    return seen


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_program_and_leaves_no_csv(
    picture, tiny_bundle: Path, tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    import pty

    first = picture(tmp_path / "in" / "0.png")
    for number in range(1, 3000):
        os.link(first, tmp_path / "in" / f"{number}.png")
    outside, inside = pty.openpty()
    program = subprocess.Popen(
        [
            *(sys.executable, "-m", "lesionviewer", "classify", str(tmp_path / "in")),
            *("--out", str(tmp_path / "out.csv"), "--bundle", str(tiny_bundle)),
        ],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    try:
        assert b" of 3000" in read_until(outside, b" of 3000")
        # What a terminal does on Ctrl-C: its decode processes get the signal as well.
        os.killpg(program.pid, sent)
        rest = read_until(outside, None)
        assert program.wait(timeout=60) == status
    finally:
        program.kill()
        program.wait()
        os.close(outside)
    assert b"Stopped; no CSV was written." in rest
    assert b"Traceback" not in rest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]
