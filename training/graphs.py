"""OpenVINO graphs of a network: converted from Keras, quantised to int8 by NNCF."""

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import BundleError
from lesionviewer.engine.heads import output_names
from lesionviewer.engine.networks import architecture_of, build_explaining_network
from lesionviewer.engine.openvino_classifier import open_core
from training.moments import input_moments
from training.surgery import keep_pixels, round_convolution, take_pixels

_SAME = 1e-3
ROUNDING_IMAGES = 150
"""How many images, about, the rounding of weights looks at; the ranges look at all."""

if TYPE_CHECKING:
    import keras


def float_graph(model: "keras.Model") -> Any:
    """Return the graph uint8 (n, s, s, 3) → logits, activation maps, embedding, in float32.

    For a head of several layers it gives the features in the place of the maps.
    """
    open_core()
    import openvino
    import tensorflow as tf

    network = build_explaining_network(model)
    size, names = model.input_shape[1], output_names(architecture_of(model)["head"])

    def explain(image: Any) -> list[Any]:
        outputs = network(image, training=False)
        return [outputs[name] for name in names]

    signature = tf.TensorSpec((None, size, size, 3), tf.uint8)
    concrete = tf.function(explain, autograph=False).get_concrete_function(signature)
    # Swish keeps its input for its gradient: unless named, that would be an output too.
    graph = openvino.convert_model(concrete, output=[out.name for out in concrete.outputs])
    graph.reshape([-1, size, size, 3])
    graph.inputs[0].get_tensor().set_names({"image"})
    for output, name in zip(graph.outputs, names, strict=True):
        output.get_tensor().set_names({name})
    return graph


def check_graph(graph: Any, model: "keras.Model", squares: Sequence[NDArray[np.uint8]]) -> None:
    """Make sure that a float graph computes what Keras computes.

    Raises:
        BundleError: It does not: the conversion went wrong.
    """
    batch = np.stack(squares)
    expected = build_explaining_network(model).predict_on_batch(batch)
    compiled = open_core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = compiled(batch)
    for name in expected:
        exact = np.asarray(expected[name])
        gap = float(np.abs(found[name] - exact).max() / max(1.0, float(np.abs(exact).max())))
        if not gap <= _SAME:
            raise BundleError(
                f"OpenVINO computes other {name} than Keras (by {gap:.3g} of their range, up to "
                f"{_SAME} is fine), so nothing was exported. Try another version of OpenVINO."
            )


def int8_graph(graph: Any, squares: Sequence[NDArray[np.uint8]]) -> Any:
    """Return `graph` with its convolutions in int8, calibrated on `squares`.

    The pooling and the products that make logits and maps stay in float: they cost nothing.
    Ranges come from histograms: the maps of a ResNet have few large values, and ranges that hold
    them all are too coarse for the rest. docs/model.md has the figures.

    Args:
        graph: As `float_graph` makes it.
        squares: What ranges and roundings are taken from.
    """
    # NNCF takes a stub in the place of its usage reports when it believes itself in a CI job.
    os.environ.setdefault("NNCF_CI", "1")
    open_core()
    import nncf
    from nncf.quantization.range_estimator import RangeEstimatorParametersSet

    nncf.set_log_level(logging.ERROR)
    direct = graph.clone()
    take_pixels(direct)
    # NNCF reads its samples more than once; every one is a batch of its own.
    samples = nncf.Dataset([square[None] for square in squares])
    # The overflow fix, 7 bits a weight, is for kernels that are not rounded anew below.
    quantised = nncf.quantize(
        direct,
        samples,
        subset_size=len(squares),
        preset=nncf.QuantizationPreset.MIXED,
        target_device=nncf.TargetDevice.CPU,
        ignored_scope=nncf.IgnoredScope(types=["MatMul", "ReduceMean"]),
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            overflow_fix=nncf.OverflowFix.ENABLE,
            activations_range_estimator_params=RangeEstimatorParametersSet.HISTOGRAM,
            disable_bias_correction=True,
        ),
    )
    keep_pixels(quantised)
    some = squares[:: max(1, len(squares) // ROUNDING_IMAGES)]
    for name, moments in input_moments(direct, some):
        round_convolution(direct, quantised, name, moments)
    return quantised
