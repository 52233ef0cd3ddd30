"""A map of twice the resolution: the same graph over a view of twice the size."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import isqrt
from threading import Lock
from typing import Any

import numpy as np

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.card import head_of
from lesionviewer.core.errors import EngineError
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.explain.hiding import Floats, Pixels
from lesionviewer.engine.heads import output_names
from lesionviewer.engine.networks import read_head
from lesionviewer.engine.openvino_classifier import GRAPH, WEIGHTS, open_core

SCALE = 2


class FineMaps:
    """A bundle's graph, compiled for views of twice the edge that the network was made for.

    A convolution takes a picture of any size, so that the same weights give a map of 14 × 14 for
    448 pixels (dense evaluation; Simonyan and Zisserman 2015, section 3.2). The lesion is then
    twice as large as in training: the map is one of the same network, but not of the very pass that
    gave the prediction, and its own logits are not used. It needs OpenVINO alone, whatever
    engine predicts.
    """

    def __init__(self, bundle: ModelBundle, *, device: str = "CPU") -> None:
        """Compile the graph (about a second).

        Args:
            bundle: The bundle, opened and so checked.
            device: OpenVINO's name of the device, such as `CPU` or `GPU`.

        Raises:
            BundleError: The graph's files are missing or damaged.
            EngineError: OpenVINO is missing, or the graph takes pictures of one size alone.
        """
        graph, weights, card = bundle.read(GRAPH), bundle.read(WEIGHTS), bundle.card
        self._head = read_head(bundle)
        self._outputs = output_names(head_of(card.architecture))
        self._diagnoses = len(card.codes)
        self.edge = SCALE * card.input_px
        """Edge in pixels of the view to hand over, s."""
        self._turn = Lock()
        self._closed = False
        with _failing_as_engine_error():
            core = open_core()
            model = core.read_model(model=graph, weights=weights)
            model.reshape([1, self.edge, self.edge, 3])
            settings = {"PERFORMANCE_HINT": "LATENCY"}
            if device == "CPU":
                settings["INFERENCE_PRECISION_HINT"] = "f32"
            compiled = core.compile_model(model, device, settings)
            self._request: Any = compiled.create_infer_request()

    def of(self, view: Pixels) -> Floats:
        """Return the activation maps of all diagnoses; costs about four passes.

        Several threads may call this; they wait for each other.

        Args:
            view: The square that the network saw, as `core.preprocess.cut_square` gives it with
                the same region and `size=edge`: (s, s, 3).

        Returns:
            (2 h, 2 w, k) where the coarse maps are (h, w, k), over the same region and of the same
            kind: `core.heat` takes both.

        Raises:
            EngineError: The view has another size, or OpenVINO failed.
        """
        if view.shape != (self.edge, self.edge, 3) or view.dtype != np.uint8:
            raise EngineError(
                f"The fine map got pixels {view.shape} {view.dtype}; it takes "
                f"({self.edge}, {self.edge}, 3) uint8."
            )
        with self._turn, _failing_as_engine_error():
            if self._closed:
                raise EngineError("The fine map was closed. Open the model again.")
            self._request.infer([np.ascontiguousarray(view[None])])
            arrays = [np.array(self._request.get_tensor(name).data) for name in self._outputs]
        return self._maps(RawOutput(*arrays))

    def close(self) -> None:
        """Free the graph. May be called twice."""
        with self._turn:
            self._closed = True
            self._request = None

    def _maps(self, raw: RawOutput) -> Floats:
        if self._head is not None:
            explained: Floats = self._head.explained(raw).activation_maps[0]
            return explained
        # The graph knows the rows and columns of its own size, and cuts the places of a larger
        # map, which lie one after the other, into several maps of that size.
        cells = isqrt(raw.activation_maps.size // self._diagnoses)
        maps: Floats = raw.activation_maps.reshape(cells, cells, self._diagnoses)
        return maps


@contextmanager
def _failing_as_engine_error() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise EngineError("OpenVINO is not installed. Install lesionviewer again.") from error
    except (RuntimeError, ValueError, TypeError) as error:
        raise EngineError(
            "OpenVINO cannot run this model on a view of twice the size. Use the map of the "
            "prediction."
        ) from error
