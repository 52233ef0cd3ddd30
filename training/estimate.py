"""What a run will take of time, memory and disk, from a few steps of it on this machine."""

import json
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.engine.networks import build_network
from training.config import INPUT, Stage, TrainingConfig, parse_config
from training.datasets import LabelledImage
from training.fitting import StageFitter
from training.gathering import gather_images
from training.manifest import NAME as MANIFEST
from training.manifest import read_manifest
from training.memory import peak_bytes
from training.quiet import load_keras
from training.trunk import build_trunk
from training.weights import values_of

if TYPE_CHECKING:
    import keras

_TIMED = 2
_SQUARE = 9 / 7
_STATES = 3


@dataclass(frozen=True, slots=True)
class StageCost:
    """What one stage takes for a batch.

    Attributes:
        trunk_s: Seconds of the frozen part; 0 if there is none.
        step_s: Seconds of a step of training.
        predict_s: Seconds of a batch of val.
        map_bytes: Of an image's kept maps; 0 if none are kept.
    """

    trunk_s: float
    step_s: float
    predict_s: float
    map_bytes: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run takes.

    Attributes:
        seconds: From start to end; reading and comparing the images is left out.
        epoch_seconds: Of an epoch of each stage.
        memory_bytes: The most that its process holds; 0 where it is not known.
        disk_bytes: The most that its folder holds.
    """

    seconds: float
    epoch_seconds: tuple[float, ...]
    memory_bytes: int
    disk_bytes: int


def estimate_run(config: TrainingConfig, images: Sequence[LabelledImage]) -> Estimate:
    """Time a few steps of each stage on pixels of chance, and reckon from there.

    Takes some ten seconds up to a minute. Other work on the machine makes the figures larger.

    Args:
        config: The run's settings.
        images: Those it will use.
    """
    load_keras()
    codes = len({image.code for image in images})
    train, val = (sum(image.split == side for image in images) for side in ("train", "val"))
    model = build_network(
        config.architecture,
        diagnoses=codes,
        input_px=config.input_px,
        dropout=config.dropout,
        dtype=config.dtype,
    )
    weights = sum(value.nbytes for value in values_of(model).values())
    costs = [_cost(model, stage, config, codes) for stage in config.stages]
    return reckon(config, costs, train=train, val=val, weight_bytes=weights, peak=peak_bytes())


def print_estimate(run: Path) -> int:
    """Print what a run will take as one JSON object; return the exit status.

    Raises:
        LesionViewerError: The run's config or its data is unusable.
    """
    config = parse_config((run / "config.json").read_text("utf-8"))
    found = (run / MANIFEST).is_file()
    images = read_manifest(run) if found else gather_images(config, group=False)[0]
    sys.stdout.write(json.dumps(asdict(estimate_run(config, images))) + "\n")
    return 0


def parse_estimate(entries: Mapping[str, Any]) -> Estimate:
    """Return the estimate that `print_estimate` printed.

    Raises:
        KeyError: An entry is missing.
        TypeError: An entry is of another kind.
        ValueError: The same.
    """
    return Estimate(
        float(entries["seconds"]),
        tuple(float(seconds) for seconds in entries["epoch_seconds"]),
        int(entries["memory_bytes"]),
        int(entries["disk_bytes"]),
    )


def reckon(
    config: TrainingConfig,
    costs: Sequence[StageCost],
    *,
    train: int,
    val: int,
    weight_bytes: int,
    peak: int,
) -> Estimate:
    """Return what a run takes, from what its batches take.

    Args:
        config: The run's settings.
        costs: Of its stages.
        train: Images to train on.
        val: Images to choose the best epoch by.
        weight_bytes: Of all weights.
        peak: Memory that the timed steps took.
    """
    steps, val_steps = (math.ceil(count / config.batch_size) for count in (train, val))
    seconds, epochs, maps = 0.0, [], 0
    for stage, cost in zip(config.stages, costs, strict=True):
        fresh_s = 0.0 if stage.cached else cost.trunk_s
        epoch = steps * (cost.step_s + fresh_s) + val_steps * cost.predict_s
        kept = (config.views * train if stage.cached else 0) + val
        seconds += stage.epochs * epoch + kept / config.batch_size * cost.trunk_s
        maps += kept * cost.map_bytes
        epochs.append(epoch)
    squares = 3 * config.input_px**2 * (train * _SQUARE**2 + val)
    state = 4 * weight_bytes
    # Weights at the start, at the start of a stage and of the best epoch lie beside the states.
    disk = round(maps + squares + _STATES * state + 3 * weight_bytes)
    # A checkpoint is put together in memory, twice: as arrays and as a file.
    memory = peak + 2 * state if peak else 0
    return Estimate(seconds, tuple(epochs), memory, disk)


def _cost(model: "keras.Model", stage: Stage, config: TrainingConfig, codes: int) -> StageCost:
    size = config.batch_size
    rng = np.random.default_rng(0)
    shape = (size, config.input_px, config.input_px, 3)
    batch: NDArray[Any] = rng.integers(0, 256, shape, np.uint8)
    trunk_s, map_bytes = 0.0, 0
    if stage.cut != INPUT:
        bfloat16 = config.dtype == "mixed_bfloat16"
        trunk = build_trunk(
            model, stage.cut, batch_size=size, threads=config.threads, bfloat16=bfloat16
        )
        pixels = batch
        batch = trunk(pixels)
        trunk_s = _seconds(lambda: trunk(pixels))
        map_bytes = batch[0].nbytes
        batch = batch.astype(np.float32)
    targets = np.arange(size) % codes
    extra, weights = np.zeros(size, bool), np.full(size, 1 / size)
    fitter = StageFitter(model, stage, config, targets, extra, weights)
    network, aims = fitter.network, fitter.aims
    step_s = _seconds(lambda: network.train_on_batch(batch, aims))
    predict_s = _seconds(lambda: network.predict_on_batch(batch))
    return StageCost(trunk_s, step_s, predict_s, map_bytes)


def _seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes once it is warm."""
    work()
    began = time.perf_counter()
    for _ in range(_TIMED):
        work()
    return (time.perf_counter() - began) / _TIMED
