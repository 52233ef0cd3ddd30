"""Columns of `classify --details` that are not of the forward pass: quality, and further passes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from lesionviewer.core.csvfile import Number
from lesionviewer.core.decoded import DecodedFile
from lesionviewer.core.quality.measure import measure_square
from lesionviewer.core.quality.result import PictureQuality
from lesionviewer.core.quality_columns import SHOWN
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.doubt.spread import Spread, spread
from lesionviewer.engine.explain.faithfulness import Faithfulness, faithfulness
from lesionviewer.engine.pipeline import Outcome


@dataclass(frozen=True, slots=True)
class Further:
    """What was found out about one image beyond its forward pass; None where it was not asked."""

    quality: PictureQuality | None = None
    faithfulness: Faithfulness | None = None
    spread: Spread | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherWish:
    """What to find out that takes further passes.

    Attributes:
        faithfulness: Whether the map of the named diagnosis is tested: 38 passes an image.
        spread: Whether the picture is flipped and turned: eight passes an image.
    """

    faithfulness: bool = False
    spread: bool = False

    def find_out(self, outcome: Outcome, classifier: Classifier) -> Further:
        """Measure a classified image; an outcome without a prediction gives nothing.

        Raises:
            EngineError: The engine failed.
        """
        decoded, prediction = outcome.decoded, outcome.prediction
        if not isinstance(decoded, DecodedFile) or prediction is None:
            return Further()
        square = decoded.model_input
        if square is None:
            return Further()
        top = prediction.top
        tested = turned = None
        if self.faithfulness:
            heat = prediction.activation_maps[..., top]
            tested = faithfulness(classifier, square, heat, top)
        if self.spread:
            turned = spread(classifier, square)
        return Further(measure_square(square, prediction.region.side), tested, turned)


FurtherColumns = tuple[tuple[str, Callable[[Further], str]], ...]


def further_columns(codes: Sequence[str], wish: FurtherWish) -> FurtherColumns:
    """Return names and cells of what `wish` asks for, for a model of the diagnoses `codes`."""
    columns: list[tuple[str, Callable[[Further], str]]] = [
        ("quality_flags", _flags),
        *((f"quality_{rule.key}", partial(_quality, rule.key)) for rule in SHOWN),
    ]
    if wish.faithfulness:
        columns += [("faithfulness", _area), ("faithfulness_beats_all", _beats_all)]
    if wish.spread:
        columns += [("spread_agreeing", _agreeing)]
        for place, code in enumerate(codes):
            columns.append((f"spread_mean_{code}", partial(_mean, place)))
            columns.append((f"spread_sd_{code}", partial(_deviation, place)))
    return tuple(columns)


def _flags(found: Further) -> str:
    return "+".join(figure.key for figure in found.quality.flags) if found.quality else ""


def _quality(key: str, found: Further) -> str:
    return _six(found.quality.figure(key).value) if found.quality else ""


def _area(found: Further) -> str:
    return _six(found.faithfulness.area) if found.faithfulness else ""


def _beats_all(found: Further) -> str:
    return {True: "yes", False: "no"}[found.faithfulness.beats_all] if found.faithfulness else ""


def _agreeing(found: Further) -> str:
    return str(found.spread.agreeing) if found.spread else ""


def _mean(place: int, found: Further) -> str:
    return _six(float(found.spread.mean[place])) if found.spread else ""


def _deviation(place: int, found: Further) -> str:
    return _six(float(found.spread.deviation[place])) if found.spread else ""


def _six(value: float) -> str:
    return Number(f"{value:.6f}")
