"""The shipped network as a measure of likeness that crops do not disturb much."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import CARD, open_bundle
from lesionviewer.engine.openvino_classifier import open_core

Embed = Callable[[Iterable[NDArray[np.uint8]]], NDArray[np.float32]]
"""From squares to their embeddings as unit vectors, (n, d)."""

_EDGE, _STRIDE = 112, 8
"""Edge of what the graph is given, half of the network's, and how far its maps are reduced."""


def shipped_embed(threads: int) -> Embed | None:
    """Return the embedding by the shipped bundle's graph; None where OpenVINO or it is missing.

    Raises:
        BundleError: The shipped bundle is damaged.
    """
    try:
        core = open_core()
    except ImportError:
        return None
    import openvino

    if not (default_bundle_dir() / CARD).is_file():
        return None
    bundle = open_bundle(default_bundle_dir())
    model = core.read_model(model=bundle.read("openvino.xml"), weights=bundle.read("openvino.bin"))
    # Higher maps tell diagnoses apart instead of photographs: of a trained network's embedding,
    # thousands of pairs of naevi are more alike than two crops of one picture.
    edge = bundle.card.input_px // _STRIDE
    maps = [
        op.output(0)
        for op in model.get_ordered_ops()
        if op.get_type_name() == "Relu" and list(op.output(0).partial_shape)[2:] == [edge, edge]
    ]
    if not maps:
        return None
    lower = openvino.Model([maps[-1]], model.get_parameters())
    lower.reshape([1, _EDGE, _EDGE, 3])
    settings: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
    }
    compiled = core.compile_model(lower, "CPU", settings)
    return lambda squares: _standardised(_pooled(compiled, squares))


def _pooled(compiled: Any, squares: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Return the mean of each channel of the maps, (n, d).

    One request at a time, on all threads: an asynchronous queue of OpenVINO 2026.4 can wait for its
    own callbacks for ever when it is taken down.
    """
    import cv2

    request = compiled.create_infer_request()
    rows = []
    for square in squares:
        small = cv2.resize(square, (_EDGE, _EDGE), interpolation=cv2.INTER_AREA)
        request.infer({0: small[None]})
        rows.append(request.get_output_tensor(0).data[0].mean(axis=(1, 2)))
    return np.stack(rows) if rows else np.zeros((0, compiled.output(0).shape[1]), np.float32)


def _standardised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rows with each number centred and scaled over all rows, then of length 1."""
    centred = rows - rows.mean(axis=0) if len(rows) else rows
    scaled = centred / (centred.std(axis=0) + 1e-6) if len(rows) else centred
    return np.asarray(scaled / np.maximum(np.linalg.norm(scaled, axis=1, keepdims=True), 1e-6))
