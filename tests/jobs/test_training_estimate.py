"""The estimate behind signals, asked of a real child process."""

import sys
from pathlib import Path

import pytest

from lesionviewer.jobs.training_estimate import TrainingEstimate
from training.config import TrainingConfig
from training.estimate import Estimate

WAIT_MS = 100_000
ANSWER = '{"seconds": 3.5, "epoch_seconds": [1, 2], "memory_bytes": 7, "disk_bytes": 8}'


@pytest.fixture
def estimate(clean_end: None):
    estimate = TrainingEstimate()
    yield estimate
    estimate.cancel()


def answering(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    words = [sys.executable, "-c", "\n".join(lines)]
    monkeypatch.setattr("lesionviewer.jobs.training_estimate.estimate_command", lambda run: words)


def test_an_estimate_arrives(qtbot, estimate: TrainingEstimate, monkeypatch):
    answering(monkeypatch, "print('noise')", f"print('{ANSWER}')")
    with qtbot.waitSignal(estimate.estimated, timeout=WAIT_MS) as answer:
        estimate.ask(TrainingConfig(data=Path("none")))
    assert answer.args == [Estimate(3.5, (1.0, 2.0), 7, 8)]
    assert not estimate.running


def test_data_that_is_not_there_is_told(qtbot, estimate: TrainingEstimate, tmp_path: Path):
    with qtbot.waitSignal(estimate.failed, timeout=WAIT_MS) as failure:
        estimate.ask(TrainingConfig(data=tmp_path / "nothing"))
    assert "There is no data set" in failure.args[0]


@pytest.mark.parametrize("line", ["raise RuntimeError", "print('{}')", "print(7)"])
def test_a_process_that_gives_no_answer_is_told(
    qtbot, estimate: TrainingEstimate, monkeypatch, line: str
):
    answering(monkeypatch, line)
    with qtbot.waitSignal(estimate.failed, timeout=WAIT_MS) as failure:
        estimate.ask(TrainingConfig(data=Path("none")))
    assert failure.args == ["The estimate did not work."]


def test_a_program_that_is_not_there_is_told(qtbot, estimate, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(
        "lesionviewer.jobs.training_estimate.estimate_command", lambda run: [str(tmp_path / "no")]
    )
    with qtbot.waitSignal(estimate.failed, timeout=WAIT_MS) as failure:
        estimate.ask(TrainingConfig(data=Path("none")))
    assert failure.args == ["The estimate could not be started."]


def test_an_estimate_can_be_given_up(estimate: TrainingEstimate, monkeypatch):
    answering(monkeypatch, "input()")
    estimate.ask(TrainingConfig(data=Path("none")))
    assert estimate.running
    estimate.cancel()
    assert not estimate.running
