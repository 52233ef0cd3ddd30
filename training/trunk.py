"""The frozen lower part of a network: pixels to maps, by the fastest engine at hand."""

import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.engine.openvino_classifier import open_core

if TYPE_CHECKING:
    import keras

Batch = NDArray[np.uint8]
Maps = NDArray[np.float16]


def build_trunk(
    model: "keras.Model", cut: str, *, batch_size: int, threads: int, bfloat16: bool
) -> Callable[[Batch], Maps]:
    """Return a function from pixels (n, s, s, 3), n ≤ `batch_size`, to the maps of layer `cut`.

    OpenVINO computes them where TensorFlow has no GPU (about five times as fast there), Keras else.
    """
    import keras

    trunk = keras.Model(model.input, model.get_layer(cut).output)
    if keras.backend.backend() == "tensorflow" and importlib.util.find_spec("openvino"):
        import tensorflow as tf

        if not tf.config.list_physical_devices("GPU"):
            run = _compile(trunk, batch_size, threads, "bf16" if bfloat16 else "f32")
            return lambda batch: run(_padded(batch, batch_size))[: len(batch)].astype(np.float16)

    def predict(batch: Batch) -> Maps:
        maps = np.asarray(trunk.predict_on_batch(_padded(batch, batch_size)))
        return maps[: len(batch)].astype(np.float16)

    return predict


def _compile(
    trunk: "keras.Model", batch_size: int, threads: int, precision: str
) -> Callable[[Batch], NDArray[np.float32]]:
    core = open_core()
    import openvino
    import tensorflow as tf

    shape = (batch_size, *trunk.input_shape[1:])
    function = tf.function(lambda image: trunk(image, training=False), autograph=False)
    concrete = function.get_concrete_function(tf.TensorSpec(shape, tf.uint8))
    # Swish keeps its input for its gradient: unless named, that would be an output too.
    graph = openvino.convert_model(concrete, output=[out.name for out in concrete.outputs])
    settings: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = core.compile_model(graph, "CPU", settings)
    return lambda batch: np.asarray(compiled(batch)[0])


def _padded(batch: Batch, size: int) -> Batch:
    missing = size - len(batch)
    return np.pad(batch, ((0, missing), (0, 0), (0, 0), (0, 0))) if missing else batch
