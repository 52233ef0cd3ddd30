"""Real small runs that end at a step of one's choice, for the tests of what they are after it."""

from pathlib import Path

import pytest

from training.config import TrainingConfig
from training.fitting import StageFitter
from training.launch import make_run
from training.run import TrainingRun

EPOCHS = 4
SETTINGS = {
    "backbone": "tiny_cnn",
    "init": "none",
    "epochs": EPOCHS,
    "malignant": ("melanoma_in_situ",),
    "threads": 1,
    "views": 2,
    "bundle": "none",
    "batch_size": 2,
    "mixup": 0.2,
    "frozen_rate": 0.01,
    "fine_rate": 0.005,
}
EVERY_STEP = 1e-9


class Killed(BaseException):
    """Ends a run as a kill does: nobody catches it, nothing is written any more."""


def new_run(folder: Path, data: Path, **settings) -> Path:
    return make_run(folder, TrainingConfig(data=data, **{**SETTINGS, **settings}))


def work(run: Path) -> None:
    training = TrainingRun(run, lambda: False)
    try:
        training.work()
    finally:
        training.close()


def at_step(monkeypatch: pytest.MonkeyPatch, number: int, act) -> None:
    """Have `act` done before a step of training, counted over the process's work from 1."""
    steps, rate = [], StageFitter._rate

    def counting(fitter: StageFitter, step: int) -> float:
        steps.append(step)
        if len(steps) == number:
            act()
        return rate(fitter, step)

    monkeypatch.setattr(StageFitter, "_rate", counting)


def kill() -> None:
    raise Killed
