"""Rows of `history.csv`, one an epoch."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.events import clock
from training.metrics import balanced_accuracy, cross_entropy, recalls


def history_columns(codes: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the history of a run on these diagnoses."""
    found = (f"recall_{code}" for code in codes)
    return (
        *("epoch", "stage", "loss", "val_loss", "val_balanced_accuracy"),
        *found,
        *("seconds", "learning_rate"),
    )


def history_row(
    truth: NDArray[np.intp],
    probabilities: NDArray[np.float64],
    codes: Sequence[str],
    *,
    epoch: int,
    stage: str,
    loss: float,
    seconds: float,
    learning_rate: float,
) -> dict[str, Any]:
    """Return the row of one epoch.

    Args:
        truth: Diagnoses of val as numbers, (n,).
        probabilities: What the averaged weights gave for val, (n, k).
        codes: The diagnoses, k.
        epoch: Counted over the run, from 1.
        stage: Name of the stage.
        loss: Mean over the epoch's steps.
        seconds: How long the epoch took.
        learning_rate: At its last step.
    """
    k, chosen = len(codes), probabilities.argmax(axis=1)
    found = recalls(truth, chosen, k)
    return {
        "epoch": epoch,
        "stage": stage,
        "loss": round(loss, 6),
        "val_loss": round(cross_entropy(truth, probabilities), 6),
        "val_balanced_accuracy": round(balanced_accuracy(truth, chosen, k), 6),
        **{
            # A diagnosis that val lacks has no recall.
            f"recall_{code}": "" if np.isnan(value) else round(float(value), 6)
            for code, value in zip(codes, found, strict=True)
        },
        "seconds": round(seconds, 1),
        "learning_rate": float(f"{learning_rate:.4g}"),
    }


def seconds_left(rows: Sequence[Mapping[str, Any]], epochs: int) -> float:
    """Return how long the rest of a run of `epochs` will take, going by its last epochs."""
    return float(np.mean([float(row["seconds"]) for row in rows[-3:]])) * (epochs - len(rows))


def epoch_line(row: Mapping[str, Any], best: Mapping[str, Any], epochs: int, left: float) -> str:
    """Return what people read about an epoch."""
    return (
        f"Epoch {row['epoch']} of {epochs}: loss {row['loss']:.4f}, val balanced accuracy "
        f"{row['val_balanced_accuracy']:.4f} (best {best['val_balanced_accuracy']:.4f} in epoch "
        f"{best['epoch']}), {clock(row['seconds'])}; about {clock(left)} left"
    )
