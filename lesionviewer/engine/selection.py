"""Which engine works for a bundle on this machine, and why not a faster one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.errors import EngineError, LesionViewerError
from lesionviewer.engine import devices
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.doubt.doubts import Doubts
from lesionviewer.engine.doubt.library import ReferenceLibrary
from lesionviewer.engine.keras_classifier import KerasClassifier
from lesionviewer.engine.networks import WEIGHTS as KERAS_WEIGHTS
from lesionviewer.engine.openvino_classifier import GRAPH, OpenVinoClassifier, openvino_devices

ENGINES = ("auto", "openvino", "keras")
UNTRIED = {
    "NVIDIA GPU": "Computing on an NVIDIA GPU was written, but not tried on one by its makers.",
    "Intel GPU": "Computing on an Intel GPU was written, but not tried on one by its makers.",
}
_BUILDS = (
    "Install TensorFlow with CUDA (lesionviewer's extra [gpu], Linux), or JAX or PyTorch with CUDA."
)


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A faster engine that was passed over.

    Attributes:
        name: The engine, such as `NVIDIA GPU`.
        reason: Why it was not taken, one sentence.
        remedy: What would change that, one sentence; empty if nothing would.
    """

    name: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.reason} {self.remedy}".strip()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A classifier that is ready, and what belongs to it.

    Attributes:
        classifier: Ready.
        not_taken: The faster ones, with the reasons.
        untried: A warning if this one was never tried by its makers.
        doubts: What its bundle has to doubt predictions by.
        own: The reader's own confirmed images that were made with this model.
        opened: The bundle that it was made of, for maps that need another graph or Keras.
    """

    classifier: Classifier
    not_taken: tuple[NotTaken, ...] = ()
    untried: str = ""
    doubts: Doubts = field(default_factory=Doubts)
    own: tuple[ReferenceLibrary, ...] = ()
    opened: ModelBundle | None = None

    @property
    def bundle(self) -> str:
        """Digest of the bundle; empty where the classifier comes from none."""
        return self.opened.digest if self.opened is not None else ""

    @property
    def libraries(self) -> tuple[ReferenceLibrary, ...]:
        """Everything that similar cases are looked for in."""
        return (*((self.doubts.library,) if self.doubts.library else ()), *self.own)

    @property
    def reasons(self) -> list[str]:
        """One line for each engine that was passed over, and a warning if this one is untried."""
        return [str(item) for item in self.not_taken] + ([self.untried] if self.untried else [])


def choose_engine(
    bundle: ModelBundle, wanted: str = "auto", *, batch_size: int | None = None
) -> Chosen:
    """Return the fastest engine that works, or the one that was asked for.

    Args:
        bundle: The bundle, opened and so checked.
        wanted: `auto` tries an NVIDIA GPU through Keras, an Intel GPU and the processor through
            OpenVINO, in this order; `openvino` the latter two; `keras` takes whatever Keras has.
        batch_size: Images in one pass; the engine's own choice if None.

    Raises:
        BundleError: The bundle lacks what the engine needs.
        EngineError: The engine that was asked for, or every one, does not work here.
    """
    if wanted not in ENGINES:
        raise EngineError(f"There is no engine {wanted!r}; choose one of {', '.join(ENGINES)}.")
    if wanted == "keras":
        keras = KerasClassifier(bundle, batch_size=batch_size)
        return Chosen(keras, untried=UNTRIED["NVIDIA GPU"] if keras.device == "GPU" else "")
    passed: list[NotTaken] = []
    tries: list[tuple[str, Callable[[], Classifier]]] = [
        ("NVIDIA GPU", lambda: _keras_on_gpu(bundle, batch_size)),
        ("Intel GPU", lambda: _openvino_on_gpu(bundle, batch_size)),
    ]
    for name, start in tries[wanted == "openvino" :]:
        try:
            return Chosen(start(), tuple(passed), UNTRIED[name])
        except _Unfit as unfit:
            passed.append(NotTaken(name, unfit.reason, unfit.remedy))
        except LesionViewerError as error:
            passed.append(NotTaken(name, "It was found, but did not work.", str(error)))
    return Chosen(OpenVinoClassifier(bundle, batch_size=batch_size), tuple(passed))


class _Unfit(Exception):  # noqa: N818 - no error: most machines have no such device
    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


def _keras_on_gpu(bundle: ModelBundle, batch_size: int | None) -> Classifier:
    if not devices.nvidia_gpus():
        if devices.nvidia_hardware():
            raise _Unfit(
                "One is there, but its driver does not answer.",
                "Install NVIDIA's driver; the command nvidia-smi must list the GPU.",
            )
        raise _Unfit("None found.")
    if not bundle.has(KERAS_WEIGHTS):
        raise _Unfit("This model comes without float weights.", "Export the model again.")
    backends = devices.keras_backends()
    if not backends:
        raise _Unfit("Keras is not installed.", _BUILDS)
    usable = next((backend for backend in backends if backend.gpu), None)
    if usable is None:
        names = ", ".join(backend.name for backend in backends)
        raise _Unfit(f"Keras has only builds without CUDA ({names}).", _BUILDS)
    classifier = KerasClassifier(bundle, backend=usable.name, batch_size=batch_size)
    if classifier.device != "GPU":
        classifier.close()
        raise _Unfit(
            f"{usable.name} does not see the GPU.",
            "Its CUDA libraries and the driver must fit each other: update both.",
        )
    return classifier


def _openvino_on_gpu(bundle: ModelBundle, batch_size: int | None) -> Classifier:
    if not bundle.has(GRAPH):
        raise _Unfit("This model comes without a graph for OpenVINO.", "Export the model again.")
    try:
        found = [name for name in openvino_devices() if name.startswith("GPU")]
    except ImportError:
        raise _Unfit("OpenVINO is not installed.", "Install lesionviewer again.") from None
    if found:
        return OpenVinoClassifier(bundle, device=found[0], batch_size=batch_size)
    if devices.intel_graphics():
        raise _Unfit(
            "One is there, but OpenVINO does not see it.",
            "Install Intel's compute runtime (intel-opencl-icd).",
        )
    raise _Unfit("None found.")
