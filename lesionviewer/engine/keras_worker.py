"""The child process of the Keras engine: weights and pixels in, float outputs out.

Each message is a frame of `core.frames`, followed by as many raw bytes as it announces. Raw bytes,
because what a program unpickles can run code.
"""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.card import head_of
from lesionviewer.core.errors import LesionViewerError
from lesionviewer.core.frames import FrameError, read_message, write_message
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.heads import DenseHead, output_names

_FAILED = (
    "Keras failed while it worked. The GPU's memory may be full: close other programs, choose a "
    "smaller batch, or choose the engine openvino."
)

Predict = Callable[[NDArray[np.uint8]], RawOutput]
Explain = Callable[[NDArray[np.uint8], int, str], NDArray[np.float32]]


class _Served(NamedTuple):
    """What the loaded network can be asked for."""

    predict: Predict
    explain: Explain


def main(arguments: Sequence[str]) -> int:
    """Serve requests on stdin until it ends. Returns the exit status."""
    del arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = _channel()
    served: _Served | None = None
    try:
        while (message := read_message(requests)) is not None:
            payload = requests.read(int(message["bytes"]))
            if message["do"] == "load":
                served = _load(message, payload, answers)
            elif served is not None:
                _answer(served, message, payload, answers)
    except (FrameError, OSError):
        return 1
    return 0


def _channel() -> tuple[BinaryIO, BinaryIO]:
    """Return the real stdin and stdout, and keep libraries that print or ask away from them."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, answers


def _load(message: Mapping[str, Any], weights: bytes, answers: BinaryIO) -> _Served | None:
    try:
        served, ready = _build(message, weights)
    except LesionViewerError as error:
        write_message(answers, {"error": str(error), "kind": type(error).__name__})
        return None
    except ImportError:
        write_message(answers, {"error": "", "kind": "ImportError"})
        return None
    except Exception:  # noqa: BLE001 - whatever a backend raises must reach the other side
        write_message(answers, {"error": _FAILED, "kind": "EngineError"})
        return None
    write_message(answers, ready)
    return served


def _build(message: Mapping[str, Any], weights: bytes) -> tuple[_Served, dict[str, Any]]:
    import keras

    from lesionviewer.engine.networks import (
        build_explaining_network,
        build_network,
        read_arrays,
        read_weights,
    )

    backend = str(keras.backend.backend())
    device = _device(backend)
    px, batch_size = int(message["input_px"]), int(message["batch_size"])
    network = build_network(message["architecture"], diagnoses=message["diagnoses"], input_px=px)
    read_weights(weights, network)
    explaining = build_explaining_network(network)
    sizes = head_of(message["architecture"])
    head = DenseHead.read(read_arrays(weights), sizes, message["diagnoses"]) if sizes else None

    def predict(batch: NDArray[np.uint8]) -> RawOutput:
        padded = np.zeros((batch_size, px, px, 3), np.uint8)
        padded[: len(batch)] = batch
        outputs = explaining.predict_on_batch(padded)
        names = output_names(sizes)
        raw = RawOutput(*(np.asarray(outputs[n], np.float32)[: len(batch)] for n in names))
        return head.explained(raw) if head else raw

    predict(np.zeros((1, px, px, 3), np.uint8))
    ready = {"ready": True, "backend": backend, "device": device}
    return _Served(predict, _explaining(network)), ready


def _explaining(network: Any) -> Explain:
    """Return what explains `network`, made when first asked: it takes memory of its own."""
    methods: Any = None

    def explain(square: NDArray[np.uint8], diagnosis: int, method: str) -> NDArray[np.float32]:
        nonlocal methods
        if methods is None:
            from lesionviewer.engine.explain.gradient_methods import GradientMethods

            methods = GradientMethods(network)
        return np.asarray(methods.explain(square, diagnosis, method), np.float32)

    return explain


def _device(backend: str) -> str:
    """Return `GPU` or `CPU`, and keep the backend from taking all of a GPU's memory."""
    if backend == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
        return "GPU" if gpus else "CPU"
    if backend == "jax":
        import jax

        return "GPU" if jax.default_backend() in ("gpu", "cuda", "rocm") else "CPU"
    if backend == "torch":
        import torch  # type: ignore[import-not-found, unused-ignore]

        return "GPU" if torch.cuda.is_available() else "CPU"
    return "CPU"


def _answer(served: _Served, message: Mapping[str, Any], payload: bytes, answers: BinaryIO) -> None:
    try:
        pixels = np.frombuffer(payload, np.uint8).reshape(message["shape"])
        if message["do"] == "explain":
            heat = served.explain(pixels, int(message["diagnosis"]), str(message["method"]))
            arrays = {"heat": heat}
        else:
            arrays = served.predict(pixels)._asdict()
    except LesionViewerError as error:
        write_message(answers, {"error": str(error), "kind": type(error).__name__})
        return
    except Exception:  # noqa: BLE001 - whatever a backend raises must reach the other side
        write_message(answers, {"error": _FAILED, "kind": "EngineError"})
        return
    write_message(answers, {"shapes": {name: values.shape for name, values in arrays.items()}})
    for values in arrays.values():
        answers.write(np.ascontiguousarray(values).tobytes())
    answers.flush()
