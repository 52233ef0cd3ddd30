"""The default engine: the bundle's graph on CPU or Intel GPU, through OpenVINO."""

import sys
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from types import ModuleType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.card import ModelCard
from lesionviewer.core.errors import EngineError
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.devices import usable_cores

GRAPH, WEIGHTS = "openvino.xml", "openvino.bin"
OUTPUTS = ("logits", "activation_maps", "embedding")
DEFAULT_BATCH = 8
"""Enough to keep all threads busy, few enough that the open image does not wait for long."""


class OpenVinoClassifier:
    """A bundle's graph, compiled for one device.

    The graph takes one image, and several images run through it side by side. So a result depends
    neither on timing nor on other images, nothing is padded, and a single image does not wait.
    """

    def __init__(
        self, bundle: ModelBundle, *, device: str = "CPU", batch_size: int | None = None
    ) -> None:
        """Compile the graph (about a second).

        Args:
            bundle: The bundle, opened and so checked.
            device: OpenVINO's name of the device, such as `CPU` or `GPU`.
            batch_size: Images handed over at a time, 1 or more; `DEFAULT_BATCH` if None.

        Raises:
            BundleError: The graph's files are missing or damaged.
            EngineError: OpenVINO is missing, or cannot run this graph on this device.
        """
        graph, weights = bundle.read(GRAPH), bundle.read(WEIGHTS)
        self._card = bundle.card
        self._batch_size = batch_size or DEFAULT_BATCH
        self._device = device
        try:
            requests, self._precision = _compile(graph, weights, bundle.card, device)
        except ImportError as error:
            raise EngineError(
                "OpenVINO is not installed. Install lesionviewer again, or choose the engine keras."
            ) from error
        except (RuntimeError, ValueError, TypeError) as error:
            raise EngineError(
                f"OpenVINO cannot run this model on {device}. Choose another engine, or export "
                "the model again."
            ) from error
        self._requests: SimpleQueue[Any] = SimpleQueue()
        for request in requests:
            self._requests.put(request)
        self._threads = ThreadPoolExecutor(len(requests), thread_name_prefix="openvino")
        self._closed = False

    @property
    def card(self) -> ModelCard:
        """The card of the bundle that works here."""
        return self._card

    @property
    def name(self) -> str:
        """Device, engine and precision for the status bar."""
        return f"{self._device} · OpenVINO {self._precision}"

    @property
    def engine(self) -> str:
        """The engine for the CSV: `openvino-int8` or `openvino-float`."""
        return f"openvino-{self._precision}"

    @property
    def batch_size(self) -> int:
        """How many images to hand over at a time."""
        return self._batch_size

    def predict(self, batch: NDArray[np.uint8]) -> RawOutput:
        """Run one forward pass for each image."""
        if self._closed:
            raise EngineError("The engine was closed. Open the model again.")
        size = self._card.input_px
        if batch.ndim != 4 or batch.shape[1:] != (size, size, 3) or batch.dtype != np.uint8:
            raise EngineError(
                f"The engine got pixels {batch.shape} {batch.dtype}; it takes "
                f"(n, {size}, {size}, 3) uint8."
            )
        images = [np.ascontiguousarray(image[None]) for image in batch]
        try:
            rows = list(self._threads.map(self._run, images))
        except RuntimeError as error:
            raise EngineError(
                f"OpenVINO failed on {self._device} while it worked. Choose another engine."
            ) from error
        return RawOutput(*(np.concatenate(parts) for parts in zip(*rows, strict=True)))

    def _run(self, image: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        request = self._requests.get()
        try:
            request.infer([image], share_inputs=True)
            return [request.get_tensor(name).data.copy() for name in OUTPUTS]
        finally:
            self._requests.put(request)

    def close(self) -> None:
        """Free the graph. May be called twice."""
        self._closed = True
        self._threads.shutdown()
        while not self._requests.empty():
            self._requests.get()


def _compile(graph: bytes, weights: bytes, card: ModelCard, device: str) -> tuple[list[Any], str]:
    """Return as many requests as run side by side, and the precision of the graph."""
    core = open_core()
    model = core.read_model(model=graph, weights=weights)
    names = {name for output in model.outputs for name in output.get_names()}
    if len(model.inputs) != 1 or not names.issuperset(OUTPUTS):
        raise EngineError(
            f"The model's graph gives {', '.join(sorted(names)) or 'nothing by name'}; expected "
            f"{', '.join(OUTPUTS)}. Export the model again."
        )
    model.reshape([1, card.input_px, card.input_px, 3])
    if model.output("logits").shape[1] != len(card.diagnoses):
        raise EngineError("The model's graph and card differ in diagnoses. Export the model again.")
    int8 = any(node.get_type_name() == "FakeQuantize" for node in model.get_ops())
    compiled = core.compile_model(model, device, _settings(device))
    count = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    requests = [compiled.create_infer_request() for _ in range(count)]
    return requests, "int8" if int8 else "float"


def _settings(device: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"PERFORMANCE_HINT": "THROUGHPUT"}
    if device == "CPU":
        # One thread an image: threads that share an image wait for each other at every layer,
        # the more so while decoding takes turns with them.
        settings["NUM_STREAMS"] = usable_cores()
        settings["INFERENCE_NUM_THREADS"] = usable_cores()
        # What is float stays float32: newer processors would take bfloat16, and other figures.
        settings["INFERENCE_PRECISION_HINT"] = "f32"
    return settings


def openvino_devices() -> dict[str, str]:
    """Return the devices OpenVINO sees, such as `CPU` and `GPU`, with their full names.

    Raises:
        ImportError: OpenVINO is not installed.
    """
    core = open_core()
    return {
        name: str(core.get_property(name, "FULL_DEVICE_NAME")) for name in core.available_devices
    }


def open_core() -> Any:
    """Return OpenVINO's core, imported so that it cannot send usage reports.

    Raises:
        ImportError: OpenVINO is not installed.
    """
    # A name that maps to None cannot be imported; OpenVINO then takes its own stub instead.
    sys.modules.setdefault("openvino_telemetry", cast(ModuleType, None))
    import openvino

    return openvino.Core()
