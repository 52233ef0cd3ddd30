"""The float engine: the bundle's weights in Keras, on any of its backends, in a child process."""

import os
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

import lesionviewer
from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.card import ModelCard
from lesionviewer.core.children import child_command
from lesionviewer.core.errors import BundleError, EngineError
from lesionviewer.core.frames import FrameError, read_message, write_message
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.devices import keras_backends
from lesionviewer.engine.networks import WEIGHTS

DEFAULT_BATCH = 16
_START_SECONDS, _PREDICT_SECONDS, _GRACE_SECONDS = 300.0, 300.0, 5.0
_MISSING = (
    "The engine keras needs Keras with TensorFlow, JAX or PyTorch. Install lesionviewer with its "
    "extra [train], or choose the engine openvino."
)


class KerasClassifier:
    """A bundle's float weights behind a pipe.

    Importing TensorFlow takes seconds and holds the interpreter, which would stall a window; so it
    happens in a child, which ends when this side is gone.
    """

    def __init__(
        self, bundle: ModelBundle, *, batch_size: int | None = None, backend: str | None = None
    ) -> None:
        """Start the child and load the weights (ten seconds and more).

        Args:
            bundle: The bundle, opened and so checked.
            batch_size: Images in one pass, 1 or more; `DEFAULT_BATCH` if None.
            backend: Keras' backend; if None the one of `KERAS_BACKEND`, else the first installed.

        Raises:
            BundleError: The weights are missing, damaged or not of this network.
            EngineError: Keras or its backend is missing, or failed.
        """
        weights = bundle.read(WEIGHTS)
        self._card = bundle.card
        self._batch_size = batch_size or DEFAULT_BATCH
        self._turn = threading.Lock()
        name = _usable_backend(backend or os.environ.get("KERAS_BACKEND"))
        self._process: subprocess.Popen[bytes] | None = _start(name)
        try:
            ready = self._load(weights)
        except BaseException:
            self.close()
            raise
        self.backend = str(ready["backend"])
        self.device = str(ready["device"])

    @property
    def card(self) -> ModelCard:
        """The card of the bundle that works here."""
        return self._card

    @property
    def name(self) -> str:
        """Device, engine and backend for the status bar."""
        return f"{self.device} · Keras float ({self.backend})"

    @property
    def engine(self) -> str:
        """The engine for the CSV."""
        return "keras"

    @property
    def batch_size(self) -> int:
        """How many images one pass takes."""
        return self._batch_size

    def predict(self, batch: NDArray[np.uint8]) -> RawOutput:
        """Run as many forward passes as `batch` needs."""
        passes = [
            self._pass(batch[start : start + self._batch_size])
            for start in range(0, len(batch), self._batch_size)
        ]
        if len(passes) == 1:
            return passes[0]
        return RawOutput(*(np.concatenate(parts) for parts in zip(*passes, strict=True)))

    def explain(
        self, square: NDArray[np.uint8], diagnosis: int, method: str, *, seconds: float
    ) -> NDArray[np.float32]:
        """Return the heat of a diagnosis by a method that needs gradients or many passes.

        Args:
            square: RGB pixels, (s, s, 3), as the network takes them.
            diagnosis: Its place in the card, 0 to k - 1.
            method: One of `engine.explain.gradient_methods.METHODS`.
            seconds: After which the child is ended, and with it this classifier.

        Returns:
            (h, w), 0.0 and more, not scaled.

        Raises:
            EngineError: The method is unknown or cannot work here, or took too long.
        """
        request = {
            "do": "explain",
            "method": method,
            "diagnosis": diagnosis,
            "shape": square.shape,
        }
        _, arrays = self._ask(request, np.ascontiguousarray(square).tobytes(), seconds)
        return arrays["heat"]

    def kill(self) -> None:
        """End the child at once, whatever it does; who waits for it gets an `EngineError`."""
        process = self._process
        if process is not None:
            process.kill()

    @property
    def is_open(self) -> bool:
        """Whether the child was neither closed nor found dead."""
        return self._process is not None

    def close(self) -> None:
        """End the child. May be called twice."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _load(self, weights: bytes) -> Mapping[str, Any]:
        request = {
            "do": "load",
            "architecture": dict(self._card.architecture),
            "diagnoses": len(self._card.diagnoses),
            "input_px": self._card.input_px,
            "batch_size": self._batch_size,
        }
        answer, _ = self._ask(request, weights, _START_SECONDS)
        return answer

    def _pass(self, batch: NDArray[np.uint8]) -> RawOutput:
        request = {"do": "predict", "shape": batch.shape}
        _, arrays = self._ask(request, batch.tobytes(), _PREDICT_SECONDS)
        return RawOutput(**arrays)

    def _ask(
        self, request: Mapping[str, Any], payload: bytes, seconds: float
    ) -> tuple[Mapping[str, Any], dict[str, NDArray[np.float32]]]:
        process = self._process
        if process is None:
            raise EngineError("The engine was closed. Open the model again.")
        watchdog = threading.Timer(seconds, process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            with self._turn:
                return _exchange(process, request, payload)
        except (OSError, FrameError) as error:
            self.close()
            raise EngineError(
                "The process that runs Keras ended by itself or stopped answering. Memory may be "
                "full: choose a smaller batch, or the engine openvino."
            ) from error
        finally:
            watchdog.cancel()
            watchdog.join()


def _exchange(
    process: "subprocess.Popen[bytes]", request: Mapping[str, Any], payload: bytes
) -> tuple[Mapping[str, Any], dict[str, NDArray[np.float32]]]:
    """Send a request, and return the answer with the arrays that follow it."""
    requests, answers = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
    write_message(requests, {**request, "bytes": len(payload)})
    requests.write(payload)
    requests.flush()
    answer = read_message(answers)
    if answer is None:
        raise FrameError("The child ended.")
    if "error" in answer:
        raise _error_of(answer)
    arrays = {}
    for name, shape in answer.get("shapes", {}).items():
        content = answers.read(4 * int(np.prod(shape)))
        if len(content) < 4 * int(np.prod(shape)):
            raise FrameError("The child ended within an array.")
        arrays[name] = np.frombuffer(content, np.float32).reshape(shape)
    return answer, arrays


def _error_of(answer: Mapping[str, Any]) -> Exception:
    kinds = {"BundleError": BundleError, "ImportError": EngineError}
    text = _MISSING if answer.get("kind") == "ImportError" else str(answer["error"])
    return kinds.get(str(answer.get("kind")), EngineError)(text)


def _usable_backend(wanted: str | None) -> str:
    """Return the wanted backend, else one whose GPU build is installed, else the first."""
    backends = keras_backends()
    names = [backend.name for backend in backends]
    if not names:
        raise EngineError(_MISSING)
    if wanted is None:
        return max(backends, key=lambda backend: backend.gpu).name
    if wanted not in names:
        raise EngineError(
            f"Keras is to run on {wanted!r}, which is not installed. Installed: "
            f"{', '.join(names)}. Install it, or change the environment variable KERAS_BACKEND."
        )
    return wanted


def _start(backend: str) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    }
    try:
        return subprocess.Popen(
            child_command("keras-worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            # Python imports from the folder it starts in: never from the user's.
            cwd=Path(lesionviewer.__file__).parents[1],
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise EngineError(
            "The program could not start itself for Keras. Install lesionviewer again."
        ) from error


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Close the child's stdin, which ends it; kill it if it does not listen."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                continue
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
