"""The default engine: the bundle's graph on CPU or Intel GPU, through OpenVINO."""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock
from types import ModuleType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.card import ModelCard, head_of
from lesionviewer.core.errors import EngineError
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.heads import output_names
from lesionviewer.engine.networks import read_head

GRAPH, WEIGHTS = "openvino.xml", "openvino.bin"
DEFAULT_BATCH = 8
"""Few enough that the open image does not wait for long behind them."""


class OpenVinoClassifier:
    """A bundle's graph, compiled for one device.

    The graph takes one image; several images run through it side by side. So a result depends
    neither on timing nor on other images, and nothing is padded. A single image, such as the open
    one, gets all threads.
    """

    def __init__(
        self, bundle: ModelBundle, *, device: str = "CPU", batch_size: int | None = None
    ) -> None:
        """Compile the graph for single images (about a second).

        Args:
            bundle: The bundle, opened and so checked.
            device: OpenVINO's name of the device, such as `CPU` or `GPU`.
            batch_size: Images to be handed over at a time, 1 or more; `DEFAULT_BATCH` if None.

        Raises:
            BundleError: The graph's files are missing or damaged.
            EngineError: OpenVINO is missing, or cannot run this graph on this device.
        """
        graph, weights = bundle.read(GRAPH), bundle.read(WEIGHTS)
        self._card = bundle.card
        self._head = read_head(bundle)
        self._outputs = output_names(head_of(bundle.card.architecture))
        self._device = device
        self._batch_size = batch_size or DEFAULT_BATCH
        self._compiling = Lock()
        self._closed = False
        with self._failing_as_engine_error():
            self._core = open_core()
            self._model, self._precision = _read_model(self._core, graph, weights, bundle.card)
            self._single = _Lanes(self._compile("LATENCY"), self._outputs)
        self._many: _Lanes | None = None

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
        with self._failing_as_engine_error():
            lanes = self._single if len(batch) == 1 else self._lanes_for_many()
            raw = lanes.run(batch)
        return self._head.explained(raw) if self._head else raw

    def close(self) -> None:
        """Free the graph. May be called twice."""
        self._closed = True
        with self._compiling:
            for lanes in (self._single, self._many):
                if lanes is not None:
                    lanes.close()
            self._model = self._core = None

    def _lanes_for_many(self) -> "_Lanes":
        with self._compiling:
            if self._many is None:
                # Twice as many as run at once: the next image lies ready when one is done.
                self._many = _Lanes(self._compile("THROUGHPUT"), self._outputs, times=2)
            return self._many

    def _compile(self, hint: str) -> Any:
        settings = {"PERFORMANCE_HINT": hint}
        if self._device == "CPU":
            # What is float stays float32: newer processors would take bfloat16, and other figures.
            settings["INFERENCE_PRECISION_HINT"] = "f32"
        return self._core.compile_model(self._model, self._device, settings)

    @contextmanager
    def _failing_as_engine_error(self) -> Iterator[None]:
        try:
            yield
        except ImportError as error:
            raise EngineError(
                "OpenVINO is not installed. Install lesionviewer again, or choose the engine keras."
            ) from error
        except (RuntimeError, ValueError, TypeError) as error:
            raise EngineError(
                f"OpenVINO cannot run this model on {self._device}. Choose another engine, or "
                "export the model again."
            ) from error


class _Lanes:
    """A compiled graph with as many requests side by side as suit the device."""

    def __init__(self, compiled: Any, outputs: Sequence[str], *, times: int = 1) -> None:
        count = times * int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._free: SimpleQueue[_Lane] = SimpleQueue()
        for _ in range(count):
            self._free.put(_Lane(compiled, outputs))
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="openvino")

    def run(self, batch: NDArray[np.uint8]) -> RawOutput:
        # One image alone is not worth another thread's waking up.
        run = map if len(batch) == 1 else self._threads.map
        rows = list(run(self._run_one, batch))
        return RawOutput(*(np.stack(parts) for parts in zip(*rows, strict=True)))

    def _run_one(self, image: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        lane = self._free.get()
        try:
            return lane.run(image)
        finally:
            self._free.put(lane)

    def close(self) -> None:
        self._threads.shutdown()
        while not self._free.empty():
            self._free.get()


class _Lane:
    """One request with memory of its own.

    Its tensors are made here, by one thread, and kept: OpenVINO's Python binding can deadlock when
    two threads make their first tensors at once.
    """

    def __init__(self, compiled: Any, outputs: Sequence[str]) -> None:
        import openvino

        self._request = compiled.create_infer_request()
        self._image = np.zeros(list(compiled.input(0).shape), np.uint8)
        self._request.set_input_tensor(openvino.Tensor(self._image, shared_memory=True))
        self._outputs: list[NDArray[np.float32]] = []
        for name in outputs:
            values = np.zeros(list(compiled.output(name).shape), np.float32)
            self._request.set_tensor(name, openvino.Tensor(values, shared_memory=True))
            self._outputs.append(values)

    def run(self, image: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        self._image[0] = image
        self._request.start_async()
        self._request.wait()
        return [values[0].copy() for values in self._outputs]


def _read_model(core: Any, graph: bytes, weights: bytes, card: ModelCard) -> tuple[Any, str]:
    """Return the graph for one image, and its precision."""
    model = core.read_model(model=graph, weights=weights)
    names = {name for output in model.outputs for name in output.get_names()}
    expected = output_names(head_of(card.architecture))
    if len(model.inputs) != 1 or not names.issuperset(expected):
        raise EngineError(
            f"The model's graph gives {', '.join(sorted(names)) or 'nothing by name'}; expected "
            f"{', '.join(expected)}. Export the model again."
        )
    model.reshape([1, card.input_px, card.input_px, 3])
    if model.output("logits").shape[1] != len(card.diagnoses):
        raise EngineError("The model's graph and card differ in diagnoses. Export the model again.")
    int8 = any(node.get_type_name() == "FakeQuantize" for node in model.get_ops())
    return model, "int8" if int8 else "float"


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
