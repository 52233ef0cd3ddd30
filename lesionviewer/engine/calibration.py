"""From logits to calibrated probabilities, and from an engine's output to predictions."""

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.doubt import Doubt
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.region import SquareRegion
from lesionviewer.engine.classifier import RawOutput


def calibrated(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return softmax(logits / temperature) over the last axis (Guo et al. 2017, section 4.2).

    Args:
        logits: Scores of any range, (…, k).
        temperature: Above 0; 1 changes nothing, more makes the model less sure.
    """
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return shares.astype(np.float32)


def prediction_of(
    raw: RawOutput,
    row: int,
    *,
    temperature: float,
    region: SquareRegion,
    chosen_region: bool = False,
    doubt: Doubt | None = None,
) -> Prediction:
    """Return what a forward pass says of the image in `row`, apart from the rest of its batch.

    Args:
        raw: Output for a batch.
        row: The image's place in the batch.
        temperature: The card's.
        region: The square of the upright picture that was shown to the network.
        chosen_region: Whether a reader chose that square.
        doubt: Of the image, where it was asked for.
    """
    return Prediction(
        probabilities=calibrated(raw.logits[row], temperature),
        activation_maps=raw.activation_maps[row].copy(),
        region=region,
        chosen_region=chosen_region,
        doubt=doubt,
    )
