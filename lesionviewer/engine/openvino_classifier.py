"""The default engine: the bundle's graph on CPU or Intel GPU, through OpenVINO."""

import sys
from types import ModuleType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.card import ModelCard
from lesionviewer.core.errors import EngineError
from lesionviewer.engine.classifier import RawOutput

GRAPH, WEIGHTS = "openvino.xml", "openvino.bin"
OUTPUTS = ("logits", "activation_maps", "embedding")
DEFAULT_BATCH = 8


class OpenVinoClassifier:
    """A bundle's graph, compiled for one device at one batch size.

    The batch size is fixed and the last batch padded, so that a result depends neither on timing
    nor on the other images of its batch.
    """

    def __init__(
        self,
        bundle: ModelBundle,
        *,
        device: str = "CPU",
        batch_size: int | None = None,
        threads: int | None = None,
    ) -> None:
        """Compile the graph (about a second).

        Args:
            bundle: The bundle, opened and so checked.
            device: OpenVINO's name of the device, such as `CPU` or `GPU`.
            batch_size: Images in one pass, 1 or more; `DEFAULT_BATCH` if None.
            threads: Threads on a CPU; OpenVINO's own choice if None.

        Raises:
            BundleError: The graph's files are missing or damaged.
            EngineError: OpenVINO is missing, or cannot run this graph on this device.
        """
        graph, weights = bundle.read(GRAPH), bundle.read(WEIGHTS)
        self._card = bundle.card
        self._batch_size = batch_size or DEFAULT_BATCH
        self._device = device
        try:
            compiled, self._precision = _compile(
                graph, weights, bundle.card, device, self._batch_size, threads
            )
            self._request = compiled.create_infer_request()
        except ImportError as error:
            raise EngineError(
                "OpenVINO is not installed. Install lesionviewer again, or choose the engine keras."
            ) from error
        except (RuntimeError, ValueError, TypeError) as error:
            raise EngineError(
                f"OpenVINO cannot run this model on {device}. Choose another engine, or export "
                "the model again."
            ) from error

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
        """How many images one pass takes."""
        return self._batch_size

    def predict(self, batch: NDArray[np.uint8]) -> RawOutput:
        """Run as many forward passes as `batch` needs."""
        if self._request is None:
            raise EngineError("The engine was closed. Open the model again.")
        size = self._card.input_px
        if batch.ndim != 4 or batch.shape[1:] != (size, size, 3) or batch.dtype != np.uint8:
            raise EngineError(
                f"The engine got pixels {batch.shape} {batch.dtype}; it takes "
                f"(n, {size}, {size}, 3) uint8."
            )
        passes = [
            self._pass(batch[start : start + self._batch_size])
            for start in range(0, len(batch), self._batch_size)
        ]
        if len(passes) == 1:
            return passes[0]
        return RawOutput(*(np.concatenate(parts) for parts in zip(*passes, strict=True)))

    def _pass(self, batch: NDArray[np.uint8]) -> RawOutput:
        count = len(batch)
        if count < self._batch_size:
            padding = np.zeros((self._batch_size - count, *batch.shape[1:]), np.uint8)
            batch = np.concatenate([batch, padding])
        try:
            self._request.infer([np.ascontiguousarray(batch)], share_inputs=True)
            values = [self._request.get_tensor(name).data[:count].copy() for name in OUTPUTS]
        except RuntimeError as error:
            raise EngineError(
                f"OpenVINO failed on {self._device} while it worked. Choose another engine."
            ) from error
        return RawOutput(*values)

    def close(self) -> None:
        """Free the graph. May be called twice."""
        self._request = None


def _compile(
    graph: bytes, weights: bytes, card: ModelCard, device: str, batch_size: int, threads: int | None
) -> tuple[Any, str]:
    core = open_core()
    model = core.read_model(model=graph, weights=weights)
    names = {name for output in model.outputs for name in output.get_names()}
    if len(model.inputs) != 1 or not names.issuperset(OUTPUTS):
        raise EngineError(
            f"The model's graph gives {', '.join(sorted(names)) or 'nothing by name'}; expected "
            f"{', '.join(OUTPUTS)}. Export the model again."
        )
    model.reshape([batch_size, card.input_px, card.input_px, 3])
    if model.output("logits").shape[1] != len(card.diagnoses):
        raise EngineError("The model's graph and card differ in diagnoses. Export the model again.")
    settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
    if device == "CPU":
        # What is float stays float32: newer processors would take bfloat16, and other figures.
        settings["INFERENCE_PRECISION_HINT"] = "f32"
    if threads is not None and device == "CPU":
        settings["INFERENCE_NUM_THREADS"] = threads
    precision = "int8" if any(n.get_type_name() == "FakeQuantize" for n in model.get_ops()) else ""
    return core.compile_model(model, device, settings), precision or "float"


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
