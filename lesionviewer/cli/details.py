"""The second CSV of `classify`: what lets a reader doubt each prediction."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from lesionviewer.cli.further_details import Further, FurtherWish, further_columns
from lesionviewer.core.card import ModelCard
from lesionviewer.core.doubt import LEVELS, Doubt
from lesionviewer.core.prediction import Prediction
from lesionviewer.engine.doubt.doubts import Doubts
from lesionviewer.engine.doubt.library import SimilarCase
from lesionviewer.engine.pipeline import Outcome

NEAREST = 5
"""How many similar cases a row names."""
_NO_DOUBT = Doubt(MappingProxyType({}))
_NOTHING_FURTHER = Further()


@dataclass(frozen=True, slots=True)
class Detailed:
    """A classified image and what its details are made from."""

    prediction: Prediction
    doubt: Doubt
    similar: Sequence[SimilarCase]
    card: ModelCard
    further: Further


Columns = tuple[tuple[str, Callable[[Detailed], str]], ...]
"""Names, and how a cell is made of a classified image; empty where the model has no such part."""


def _set(level: int, item: Detailed) -> str:
    return "+".join(item.card.codes[place] for place in item.doubt.sets.get(level, ()))


def _flag(item: Detailed) -> str:
    return {None: "", True: "yes", False: "no"}[item.doubt.flagged]


def _similar(number: int, cell: Callable[[SimilarCase], str], item: Detailed) -> str:
    return cell(item.similar[number]) if number < len(item.similar) else ""


def _similarity(case: SimilarCase) -> str:
    # A cell that begins with a minus would be quoted for spreadsheets, and be no number any more.
    return _six(max(0.0, case.similarity))


def _nearest_columns() -> Iterable[tuple[str, Callable[[Detailed], str]]]:
    for number in range(NEAREST):
        name = f"nearest_{number + 1}"
        yield name, partial(_similar, number, lambda case: case.image.id)
        yield f"{name}_diagnosis", partial(_similar, number, lambda case: case.image.diagnosis)
        yield f"{name}_similarity", partial(_similar, number, _similarity)


def _six(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"


DETAILS: Columns = (
    ("entropy", lambda item: _six(item.prediction.entropy)),
    *((f"conformal_set_{level}", partial(_set, level)) for level in LEVELS),
    ("ood_score", lambda item: _six(item.doubt.outlier)),
    ("ood_flag", _flag),
    *_nearest_columns(),
)
"""What needs nothing but the forward pass."""


def details_of(codes: Sequence[str], wish: FurtherWish) -> Columns:
    """Return the columns between `status` and `bundle` for a model of the diagnoses `codes`."""
    further = ((name, partial(_further, cell)) for name, cell in further_columns(codes, wish))
    return (*DETAILS, *further)


def _further(cell: Callable[[Further], str], item: Detailed) -> str:
    return cell(item.further)


def detail_columns(details: Columns = DETAILS) -> list[str]:
    """Return the header."""
    return ["path", "sha256", "status", *(name for name, _ in details), "bundle"]


def detail_row(
    outcome: Outcome,
    card: ModelCard,
    doubts: Doubts,
    *,
    further: Further = _NOTHING_FURTHER,
    error: str = "",
    details: Columns = DETAILS,
) -> list[str]:
    """Return the cells of `outcome`; those of an image that was not classified are empty.

    Args:
        outcome: What became of the image.
        card: Of the model that was used.
        doubts: What the model has to doubt by.
        further: What was found out beyond the forward pass.
        error: What went wrong after the prediction; empty if nothing did.
        details: The columns between `status` and `bundle`.
    """
    start, prediction = [outcome.found.shown, outcome.decoded.sha256], outcome.prediction
    if prediction is None or error:
        return [*start, "error", *([""] * len(details)), card.id]
    doubt = prediction.doubt or _NO_DOUBT
    similar: Sequence[SimilarCase] = ()
    if doubts.library is not None and doubt.reduced is not None:
        similar = doubts.library.nearest(doubt.reduced, NEAREST)
    item = Detailed(prediction, doubt, similar, card, further)
    return [*start, "ok", *(cell(item) for _, cell in details), card.id]
