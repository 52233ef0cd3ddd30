"""The weights that a bundle is made of: a run's best epoch, or the average of several runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import ConfigError
from training.checkpoints import Checkpoints
from training.config import TrainingConfig, parse_config
from training.manifest import fingerprint
from training.stagefeeds import START

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Member:
    """A run whose weights go into a bundle.

    Attributes:
        run: Its folder.
        config: Its settings.
        epoch: Whose weights are taken.
        weights: All of them, by name.
    """

    run: Path
    config: TrainingConfig
    epoch: int
    weights: Arrays


def choose(runs: Sequence[Path], epoch: int | None = None) -> tuple[Member, ...]:
    """Return the runs with the weights of their best epochs.

    Args:
        runs: Run folders. Several must have the same images on the same sides and one network.
        epoch: Another epoch than the best, one of the last two; of a single run only.

    Raises:
        ConfigError: A folder is no run with a finished epoch, or the runs do not go together.
    """
    if epoch is not None and len(runs) > 1:
        raise ConfigError({"epoch": "can be chosen for a single run only"})
    members = tuple(_member(run, epoch) for run in runs)
    first = members[0]
    for other in members[1:]:
        if other.config.architecture != first.config.architecture:
            raise ConfigError({"run": f"{other.run} trains another network than {first.run}"})
        if fingerprint(other.run) != fingerprint(first.run):
            text = f"{other.run} has other images than {first.run}, or has them on other sides"
            raise ConfigError({"run": f"{text}; runs to be averaged share them"})
    return members


def average(members: Sequence[Member]) -> Arrays:
    """Return the mean of the members' weights (Wortsman et al. 2022, section 2, uniform soup).

    It is of use for runs that began from the same weights and ended near one another.
    """
    if len(members) == 1:
        return members[0].weights
    return {
        name: np.asarray(np.mean([m.weights[name] for m in members], axis=0, dtype=np.float64))
        for name in members[0].weights
    }


def _member(run: Path, epoch: int | None) -> Member:
    from safetensors.numpy import load_file

    if not (run / "config.json").is_file():
        raise ConfigError({"run": f"{run} is no run folder: it has no config.json"})
    config = parse_config((run / "config.json").read_text("utf-8"))
    checkpoints = Checkpoints(run)
    records, weights = checkpoints.records(), checkpoints.best()
    if not records or not weights:
        raise ConfigError({"run": f"{run} has no finished epoch yet"})
    best = max(records, key=lambda record: record.score).epoch
    if epoch is None or epoch == best:
        return Member(run, config, best, weights)
    trained = checkpoints.averages(epoch)
    if not trained:
        text = f"only the best epoch ({best}) and the last two are kept, got {epoch}"
        raise ConfigError({"epoch": text})
    # What the epoch did not train is as it was when the run began.
    return Member(run, config, epoch, load_file(str(run / START)) | trained)
