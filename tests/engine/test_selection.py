from pathlib import Path

import pytest
from bundles import tiny_card

from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.errors import BundleError, EngineError
from lesionviewer.engine import devices, selection
from lesionviewer.engine.devices import KerasBackend
from lesionviewer.engine.fake_classifier import FakeClassifier
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from lesionviewer.engine.selection import choose_engine


class FakeKeras(FakeClassifier):
    device = "GPU"
    closed = False

    def __init__(self, bundle, *, batch_size=None, backend=None) -> None:
        super().__init__(bundle.card)

    def close(self) -> None:
        type(self).closed = True


@pytest.fixture
def bundle(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> ModelBundle:
    """A bundle on a machine without any GPU."""
    monkeypatch.setattr(devices, "nvidia_gpus", list)
    monkeypatch.setattr(devices, "nvidia_hardware", lambda: False)
    monkeypatch.setattr(devices, "intel_graphics", lambda: False)
    monkeypatch.setattr(selection, "openvino_devices", lambda: {"CPU": "A processor"})
    return open_bundle(tiny_bundle)


@pytest.fixture
def nvidia(bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch) -> ModelBundle:
    """The same with an NVIDIA GPU that works, in a child that is made up."""
    monkeypatch.setattr(devices, "nvidia_gpus", lambda: ["NVIDIA A"])
    monkeypatch.setattr(devices, "keras_backends", lambda: [KerasBackend("jax", True)])
    monkeypatch.setattr(ModelBundle, "has", lambda self, name: True)
    monkeypatch.setattr(selection, "KerasClassifier", type("K", (FakeKeras,), {}))
    return bundle


def test_a_machine_without_gpu_takes_the_processor_and_says_why(bundle: ModelBundle) -> None:
    chosen = choose_engine(bundle)
    assert isinstance(chosen.classifier, OpenVinoClassifier)
    assert chosen.classifier.engine == "openvino-float"
    assert chosen.reasons == ["NVIDIA GPU: None found.", "Intel GPU: None found."]


def test_an_nvidia_gpu_comes_first_and_is_named_as_untried(nvidia: ModelBundle) -> None:
    chosen = choose_engine(nvidia)
    assert isinstance(chosen.classifier, FakeKeras)
    assert chosen.not_taken == ()
    assert "not tried" in chosen.reasons[0]


def test_a_driver_that_does_not_answer_is_told_with_its_remedy(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "nvidia_hardware", lambda: True)
    reason = choose_engine(bundle).reasons[0]
    assert "driver does not answer" in reason
    assert "nvidia-smi" in reason


@pytest.mark.parametrize(
    ("backends", "words"),
    [([], "Keras is not installed"), ([KerasBackend("tensorflow", False)], "without CUDA")],
)
def test_a_gpu_that_keras_cannot_use_is_told_with_its_remedy(
    nvidia: ModelBundle, monkeypatch: pytest.MonkeyPatch, backends: list, words: str
) -> None:
    monkeypatch.setattr(devices, "keras_backends", lambda: backends)
    chosen = choose_engine(nvidia)
    assert words in chosen.reasons[0]
    assert "[gpu]" in chosen.not_taken[0].remedy
    assert chosen.classifier.engine == "openvino-float"


def test_a_backend_that_sees_no_gpu_is_closed_again(
    nvidia: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection.KerasClassifier, "device", "CPU")
    chosen = choose_engine(nvidia)
    assert "does not see the GPU" in chosen.reasons[0]
    assert selection.KerasClassifier.closed


def test_a_gpu_that_fails_at_work_gives_way_and_its_error_is_told(
    nvidia: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(bundle, **_):
        raise EngineError("Memory is full.")

    monkeypatch.setattr(selection, "KerasClassifier", fail)
    chosen = choose_engine(nvidia)
    assert isinstance(chosen.classifier, OpenVinoClassifier)
    assert "Memory is full." in chosen.reasons[0]


def test_an_intel_gpu_comes_before_the_processor(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []

    def start(bundle, *, device="CPU", batch_size=None):
        used.append(device)
        return FakeClassifier(tiny_card())

    monkeypatch.setattr(selection, "openvino_devices", lambda: {"CPU": "", "GPU.0": "Arc"})
    monkeypatch.setattr(selection, "OpenVinoClassifier", start)
    chosen = choose_engine(bundle, "openvino")
    assert used == ["GPU.0"]
    assert [item.name for item in chosen.not_taken] == []
    assert "Intel GPU was written" in chosen.untried


def test_an_intel_gpu_without_its_runtime_is_told(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "intel_graphics", lambda: True)
    assert "compute runtime" in choose_engine(bundle).reasons[1]


def test_an_engine_that_was_asked_for_is_not_replaced(bundle: ModelBundle) -> None:
    with pytest.raises(BundleError, match=r"weights\.safetensors"):
        choose_engine(bundle, "keras")


def test_an_unknown_engine_is_refused(bundle: ModelBundle) -> None:
    with pytest.raises(EngineError, match="choose one of auto, openvino, keras"):
        choose_engine(bundle, "magic")


def test_the_batch_size_is_passed_on(bundle: ModelBundle) -> None:
    assert choose_engine(bundle, batch_size=3).classifier.batch_size == 3
