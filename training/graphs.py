"""OpenVINO graphs of a network: converted from Keras, quantised to int8 by NNCF."""

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import BundleError
from lesionviewer.engine.networks import build_explaining_network
from lesionviewer.engine.openvino_classifier import OUTPUTS, open_core

_SAME = 1e-3
FLOAT_CONVOLUTIONS = {"resnet50": 5}
"""By backbone: `conv1` and `conv2_block1`, whose weights lose more than all others in 7 bits."""

if TYPE_CHECKING:
    import keras


def float_graph(model: "keras.Model") -> Any:
    """Return the graph uint8 (n, s, s, 3) → logits, activation maps, embedding, in float32."""
    open_core()
    import openvino
    import tensorflow as tf

    network = build_explaining_network(model)
    size = model.input_shape[1]

    def explain(image: Any) -> list[Any]:
        outputs = network(image, training=False)
        return [outputs[name] for name in OUTPUTS]

    signature = tf.TensorSpec((None, size, size, 3), tf.uint8)
    concrete = tf.function(explain, autograph=False).get_concrete_function(signature)
    graph = openvino.convert_model(concrete)
    graph.reshape([-1, size, size, 3])
    graph.inputs[0].get_tensor().set_names({"image"})
    for output, name in zip(graph.outputs, OUTPUTS, strict=True):
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
    for name in OUTPUTS:
        exact = np.asarray(expected[name])
        gap = float(np.abs(found[name] - exact).max() / max(1.0, float(np.abs(exact).max())))
        if not gap <= _SAME:
            raise BundleError(
                f"OpenVINO computes other {name} than Keras (by {gap:.3g} of their range, up to "
                f"{_SAME} is fine), so nothing was exported. Try another version of OpenVINO."
            )


def int8_graph(
    graph: Any, squares: Sequence[NDArray[np.uint8]], *, float_convolutions: int = 0
) -> Any:
    """Return `graph` with its convolutions in int8, calibrated on `squares`.

    The pooling and the products that make logits and maps stay in float: they cost nothing. The
    overflow fix keeps weights to 7 bits, since processors without VNNI add products of 8 bits in
    16 bits, and would saturate. Ranges come from histograms: the maps of a ResNet have few large
    values, and ranges that hold them all are too coarse for the rest. NNCF's bias correction gained
    nothing then (docs/model.md has the figures).

    Args:
        graph: As `float_graph` makes it.
        squares: What the ranges are taken from.
        float_convolutions: How many convolutions stay in float, from the input on.
    """
    # NNCF takes a stub in the place of its usage reports when it believes itself in a CI job.
    os.environ.setdefault("NNCF_CI", "1")
    open_core()
    import nncf
    from nncf.quantization.range_estimator import RangeEstimatorParametersSet

    nncf.set_log_level(logging.ERROR)

    convolutions = [
        node.get_friendly_name()
        for node in graph.get_ordered_ops()
        if node.get_type_name() == "Convolution"
    ]
    # NNCF reads its samples more than once; every one is a batch of its own.
    samples = nncf.Dataset([square[None] for square in squares])
    return nncf.quantize(
        graph,
        samples,
        subset_size=len(squares),
        preset=nncf.QuantizationPreset.MIXED,
        target_device=nncf.TargetDevice.CPU,
        ignored_scope=nncf.IgnoredScope(
            names=convolutions[:float_convolutions], types=["MatMul", "ReduceMean"]
        ),
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            overflow_fix=nncf.OverflowFix.ENABLE,
            activations_range_estimator_params=RangeEstimatorParametersSet.HISTOGRAM,
            disable_bias_correction=True,
        ),
    )
