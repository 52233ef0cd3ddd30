"""What needs further passes over one image, and is asked for: other maps, their test, the spread.

The maps of tf-keras-vis explain the float network in a process of its own; everything else asks
the engine that predicts.
"""

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

import numpy as np

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.errors import EngineError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.core.region import SquareRegion
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.doubt.spread import Spread, spread
from lesionviewer.engine.explain.faithfulness import Faithfulness, faithfulness
from lesionviewer.engine.explain.fine import FineMaps
from lesionviewer.engine.explain.gradient_methods import (
    GRAD_CAM_PP,
    METHODS,
    MISSING,
    SCORE_CAM,
    SMOOTHGRAD,
)
from lesionviewer.engine.explain.hiding import Floats, Pixels, Progress, nothing
from lesionviewer.engine.explain.keras_explainer import OCCLUSION, KerasExplainer, can_explain
from lesionviewer.engine.explain.occlusion import occlusion
from lesionviewer.engine.networks import WEIGHTS
from lesionviewer.engine.openvino_classifier import GRAPH

GRAD_CAM, FINE = "grad-cam", "fine"
EVERY_METHOD = (GRAD_CAM, FINE, OCCLUSION, GRAD_CAM_PP, SCORE_CAM, SMOOTHGRAD)
"""What a reader can choose of. Not LayerCAM: the last stage of a ResNet50 takes every second place
of the map before it, so that its map is a grid of dots."""
OF_ALL_DIAGNOSES = frozenset((GRAD_CAM, FINE))
"""One pass of these gives the maps of all diagnoses, so that two of them can be compared."""
_SMOOTH_CELLS = 28
"""SmoothGrad speaks of single pixels; what is shown is their mean over cells of 8 × 8."""
_NO_GRAPH = "The fine map needs a model with a graph for OpenVINO."
_NO_WEIGHTS = "This map needs a model with its float weights."


class Kind(StrEnum):
    """What can be asked."""

    MAP = "map"
    FAITHFULNESS = "faithfulness"
    SPREAD = "spread"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of an image.

    Attributes:
        kind: What kind of answer is wanted.
        method: One of `EVERY_METHOD`: the map that is wanted or tested.
        diagnosis: Its place in the card; -1 where the answer is of all diagnoses.
    """

    kind: Kind
    method: str = GRAD_CAM
    diagnosis: int = -1

    @property
    def by_keras(self) -> bool:
        """Whether the child process that holds Keras answers."""
        return self.kind is Kind.MAP and self.method in METHODS


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The image that is asked about.

    Attributes:
        image: Its position in the set.
        pixels: Upright RGB picture, (height, width, 3), 0 to 255.
        region: The square that the network saw.
        maps: Class activation maps over that square, (h, w, k).
    """

    image: int
    pixels: Pixels
    region: SquareRegion
    maps: Floats


Answer = Floats | Faithfulness | Spread


def map_question(method: str, diagnosis: int) -> Question:
    """Return the question for a map of `diagnosis`, which may be the one for all of them."""
    return Question(Kind.MAP, method, -1 if method in OF_ALL_DIAGNOSES else diagnosis)


class FurtherPasses:
    """Answers about one model's predictions. Several threads may ask at once."""

    def __init__(self, classifier: Classifier, bundle: ModelBundle | None) -> None:
        """Take note of what to ask; nothing is started yet.

        Args:
            classifier: The engine that predicts; the caller closes it, after this.
            bundle: What it was made of; None where there is none, as in tests.
        """
        self._classifier, self._bundle = classifier, bundle
        self._turn = Lock()
        self._fine: FineMaps | None = None
        self._keras = KerasExplainer(bundle) if bundle is not None else None

    def reason_against(self, method: str) -> str:
        """Return why a method cannot be had here, one or two sentences; empty if it can."""
        if method == FINE:
            return "" if self._has(GRAPH) else _NO_GRAPH
        if method in METHODS:
            if not self._has(WEIGHTS):
                return _NO_WEIGHTS
            return "" if can_explain() else MISSING
        return ""

    def answer(
        self,
        question: Question,
        subject: Subject,
        *,
        heat: Floats | None = None,
        progress: Progress = nothing,
    ) -> Answer:
        """Return the answer; takes from a tenth of a second to a minute.

        Args:
            question: What is asked.
            subject: Of which image.
            heat: The map that is tested, (h, w), for `Kind.FAITHFULNESS`.
            progress: As for `faithfulness`; not called by every method.

        Returns:
            A `Faithfulness`, a `Spread`, or a map: (h, w, k) before the ReLU if it is of all
            diagnoses, else (h, w), not scaled.

        Raises:
            BundleError: The bundle lacks what the method needs.
            EngineError: The engine failed, or the method cannot be had here.
        """
        edge = self._classifier.card.input_px
        if question.kind is Kind.MAP:
            if question.method == GRAD_CAM:
                return subject.maps
            if question.method == FINE:
                graph = self._fine_maps()
                return graph.of(cut_square(subject.pixels, region=subject.region, size=graph.edge))
        square = cut_square(subject.pixels, region=subject.region, size=edge)
        if question.kind is Kind.SPREAD:
            return spread(self._classifier, square, progress=progress)
        if question.kind is Kind.FAITHFULNESS:
            if heat is None:
                raise ValueError("a map is tested, and none was given")
            return faithfulness(
                self._classifier, square, heat, question.diagnosis, progress=progress
            )
        if question.method == OCCLUSION:
            return occlusion(self._classifier, square, question.diagnosis, progress=progress)
        return self._by_keras(square, question)

    def close(self) -> None:
        """End the child process and free the fine graph. May be called twice."""
        if self._keras is not None:
            self._keras.close()
        with self._turn:
            if self._fine is not None:
                self._fine.close()

    def _by_keras(self, square: Pixels, question: Question) -> Floats:
        reason = self.reason_against(question.method)
        if reason or self._keras is None:
            raise EngineError(reason or _NO_WEIGHTS)
        heat = self._keras.explain(square, question.diagnosis, question.method)
        if question.method == SMOOTHGRAD:
            import cv2

            cells = (_SMOOTH_CELLS, _SMOOTH_CELLS)
            return np.asarray(cv2.resize(heat, cells, interpolation=cv2.INTER_AREA), np.float32)
        return heat

    def _fine_maps(self) -> FineMaps:
        with self._turn:
            if self._fine is None:
                if self._bundle is None or not self._has(GRAPH):
                    raise EngineError(_NO_GRAPH)
                self._fine = FineMaps(self._bundle)
            return self._fine

    def _has(self, name: str) -> bool:
        return self._bundle is not None and self._bundle.has(name)
