"""One row of the CSV for each image."""

from collections.abc import Sequence

from lesionviewer.core.card import ModelCard
from lesionviewer.core.decoded import DecodeFailure
from lesionviewer.core.prediction import malignant_probability
from lesionviewer.engine.pipeline import Outcome

STATUS_COLUMN = 2


def columns(codes: Sequence[str]) -> list[str]:
    """Return the header for a model that knows the diagnoses `codes`."""
    return [
        *("path", "sha256", "status", "error", "diagnosis", "probability"),
        *(f"p_{code}" for code in codes),
        *("malignant_probability", "bundle", "engine"),
    ]


def row(outcome: Outcome, card: ModelCard, engine: str, *, error: str = "") -> list[str]:
    """Return the cells of `outcome`.

    Args:
        outcome: What became of the image.
        card: Of the model that was used.
        engine: The engine that was used.
        error: What went wrong after the prediction; empty if nothing did.
    """
    prediction, decoded = outcome.prediction, outcome.decoded
    if isinstance(decoded, DecodeFailure):
        error = decoded.reason
    start = [outcome.found.shown, decoded.sha256]
    end = [card.id, engine]
    if prediction is None or error:
        unknown = [""] * (len(card.codes) + 3)
        return [*start, "error", " ".join(error.split()), *unknown, *end]
    malignant = malignant_probability(prediction.probabilities, card.diagnoses)
    return [
        *start,
        *("ok", "", card.codes[prediction.top], _figure(prediction.probabilities[prediction.top])),
        *(_figure(probability) for probability in prediction.probabilities),
        "" if malignant is None else _figure(malignant),
        *end,
    ]


def _figure(value: float) -> str:
    return f"{value:.6f}"
