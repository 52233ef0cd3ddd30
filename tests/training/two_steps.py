"""Trains two steps of each stage from given weights, on the backend that `KERAS_BACKEND` names.

`python two_steps.py BACKBONE PX OUT`: writes the losses, and every weight after each stage.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from lesionviewer.engine.networks import build_network, named_variables
from training.config import TrainingConfig
from training.fitting import StageFitter
from training.weights import values_of

BATCH, STEPS, DIAGNOSES = 8, 2, 3


def start(model, rng: np.random.Generator) -> None:
    """Give every weight a value that does not depend on the backend."""
    for name, variable in named_variables(model).items():
        kind, shape = name.split("/")[1], variable.shape
        if kind == "kernel":
            inputs = np.prod(shape[:2]) if "_dw" in name else np.prod(shape[:-1])
            variable.assign(rng.normal(0, np.sqrt(2 / inputs), shape))
        elif kind in ("gamma", "moving_variance"):
            variable.assign(rng.uniform(0.7, 1.3, shape))
        else:
            variable.assign(rng.normal(0, 0.1, shape))


def train(backbone: str, px: int, out: Path) -> None:
    """Train both stages, each from the same weights, and write what came out."""
    import keras

    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 256, (BATCH * STEPS, px, px, 3)).astype(np.uint8)
    targets = rng.integers(0, DIAGNOSES, len(pixels))
    config = TrainingConfig(
        data=Path("none"),
        backbone=backbone,
        input_px=px,
        batch_size=BATCH,
        epochs=2,
        dropout=0.0,
        frozen_rate=1e-3,
        fine_rate=1e-3,
        fine_decay=0.3,
    )
    arrays: dict[str, np.ndarray] = {}
    for stage in config.stages:
        model = build_network(config.architecture, diagnoses=DIAGNOSES, input_px=px)
        start(model, np.random.default_rng(8))
        before = values_of(model)
        lower = keras.Model(model.input, model.get_layer(stage.cut).output)
        maps = np.concatenate(
            [
                np.asarray(lower.predict_on_batch(pixels[at : at + BATCH]))
                for at in range(0, len(pixels), BATCH)
            ]
        )

        def feed(batches: np.ndarray, epoch: int, first: int, maps=maps) -> Iterator[np.ndarray]:
            return (maps[rows] for rows in batches[first:])

        weights = np.full(len(targets), 1 / len(targets))
        extra = np.zeros(len(targets), bool)
        fitter = StageFitter(model, replace(stage, epochs=1), config, targets, extra, weights)
        loss = fitter.fit_epoch(feed, 0, lambda done, total: None)
        key = stage.name
        arrays[f"{key}/loss"] = np.array([loss])
        for name, value in fitter.weights().items():
            changed = np.ascontiguousarray(value - before[name], np.float32)
            arrays[f"{key}/weight/{name}"] = changed
        arrays[f"{key}/val"] = fitter.predict(maps).astype(np.float32)
    save_file(arrays, out)


if __name__ == "__main__":
    train(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
