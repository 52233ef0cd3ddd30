import io

import pytest

from lesionviewer.cli import progress as progress_module
from lesionviewer.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until its only value is changed."""
    now = [100.0]
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now[0])
    return now


def test_a_terminal_sees_count_rate_and_time_left(clock: list[float]) -> None:
    terminal = Terminal()
    progress = Progress(300, terminal)
    clock[0] += 1
    for _ in range(2):
        progress.advance()
    assert "1 of 300 · 1/s · 4:59 left" in terminal.getvalue()
    assert "2 of 300" not in terminal.getvalue()


def test_an_unknown_total_is_not_guessed(clock: list[float]) -> None:
    terminal = Terminal()
    progress = Progress(None, terminal)
    clock[0] += 0.5
    progress.advance()
    assert "1 images · 2/s" in terminal.getvalue()


def test_a_file_or_pipe_sees_nothing() -> None:
    stream = io.StringIO()
    progress = Progress(1, stream)
    progress.say("CPU")
    progress.advance()
    progress.close()
    assert stream.getvalue() == ""
