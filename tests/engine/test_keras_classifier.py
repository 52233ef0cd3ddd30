import sys
from pathlib import Path

import numpy as np
import pytest
from bundles import make_keras_bundle, seal, tiny_card
from safetensors.numpy import load_file

from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.errors import BundleError, EngineError
from lesionviewer.engine import keras_classifier
from lesionviewer.engine.keras_classifier import KerasClassifier

PIXELS = np.random.default_rng(2).integers(0, 256, (5, 64, 64, 3), np.uint8)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    return open_bundle(make_keras_bundle(tmp_path_factory.mktemp("keras") / "model"))


@pytest.fixture(scope="module")
def on_jax(bundle: ModelBundle):
    classifier = KerasClassifier(bundle, batch_size=4, backend="jax")
    yield classifier
    classifier.close()


def child_that(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(
        keras_classifier, "child_command", lambda entry: [sys.executable, "-c", code]
    )


def test_one_pass_gives_logits_maps_and_embedding(on_jax: KerasClassifier) -> None:
    raw = on_jax.predict(PIXELS)
    assert raw.logits.shape == (5, 7)
    assert raw.activation_maps.shape == (5, 8, 8, 7)
    assert raw.embedding.shape == (5, 16)
    assert {array.dtype for array in raw} == {np.dtype(np.float32)}


def test_the_maps_are_those_of_the_logits(on_jax: KerasClassifier, bundle: ModelBundle) -> None:
    bias = load_file(bundle.folder / "weights.safetensors")["logits/bias"]
    raw = on_jax.predict(PIXELS)
    np.testing.assert_allclose(raw.activation_maps.mean((1, 2)) + bias, raw.logits, atol=1e-4)


def test_a_result_does_not_depend_on_the_rest_of_its_batch(on_jax: KerasClassifier) -> None:
    alone = on_jax.predict(PIXELS[4:])
    together = on_jax.predict(PIXELS[[1, 4, 2, 3]])
    np.testing.assert_array_equal(alone.logits[0], together.logits[1])


def test_the_device_and_backend_are_named(on_jax: KerasClassifier) -> None:
    assert on_jax.name == f"{on_jax.device} · Keras float (jax)"
    assert on_jax.engine == "keras"


@pytest.mark.slow
def test_tensorflow_and_jax_give_the_same(on_jax: KerasClassifier, bundle: ModelBundle) -> None:
    on_tensorflow = KerasClassifier(bundle, batch_size=4, backend="tensorflow")
    try:
        pairs = zip(on_jax.predict(PIXELS), on_tensorflow.predict(PIXELS), strict=True)
    finally:
        on_tensorflow.close()
    for one, other in pairs:
        np.testing.assert_allclose(one, other, atol=1e-3)


def test_a_backend_that_is_missing_is_named_with_the_remedy(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "magic")
    with pytest.raises(EngineError, match=r"'magic'.*KERAS_BACKEND"):
        KerasClassifier(bundle)


def test_a_machine_without_keras_starts_no_process(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setattr(keras_classifier, "keras_backends", list)
    child_that(monkeypatch, "raise SystemExit")
    with pytest.raises(EngineError, match=r"extra \[train\]"):
        KerasClassifier(bundle)


def answering(answer: str) -> str:
    """Return the code of a child that gives one answer and waits for its end."""
    return (
        "import sys\n"
        "from lesionviewer.core.frames import read_message, write_message\n"
        "message = read_message(sys.stdin.buffer)\n"
        "sys.stdin.buffer.read(message['bytes'])\n"
        f"write_message(sys.stdout.buffer, {answer})\n"
        "sys.stdin.buffer.read()\n"
    )


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("{'error': 'Of another network.', 'kind': 'BundleError'}", BundleError, "Of another"),
        ("{'error': 'No memory.', 'kind': 'EngineError'}", EngineError, "No memory"),
        ("{'error': '', 'kind': 'ImportError'}", EngineError, r"extra \[train\]"),
    ],
)
def test_what_goes_wrong_in_the_child_is_told_here(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch, answer: str, kind: type, words: str
) -> None:
    child_that(monkeypatch, answering(answer))
    with pytest.raises(kind, match=words):
        KerasClassifier(bundle, backend="jax")


def test_a_bundle_without_weights_is_reported(tmp_path: Path) -> None:
    seal(tmp_path, tiny_card())
    with pytest.raises(BundleError, match=r"weights\.safetensors, which is needed"):
        KerasClassifier(open_bundle(tmp_path))


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(3)",
        "print('Loading…')",
        "import sys; sys.stdout.buffer.write(b'\\xff' * 9)",
        "import sys; sys.stdout.buffer.write(b'\\4\\0\\0\\0nope')",
    ],
)
def test_a_child_that_dies_or_babbles_is_one_error(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    child_that(monkeypatch, code)
    with pytest.raises(EngineError, match="ended by itself"):
        KerasClassifier(bundle, backend="jax")


def test_a_child_that_hangs_is_ended(bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_classifier, "_START_SECONDS", 0.2)
    child_that(monkeypatch, "import sys, threading; threading.Event().wait()")
    with pytest.raises(EngineError, match="stopped answering"):
        KerasClassifier(bundle, backend="jax")


def test_a_closed_engine_says_so_and_closes_twice(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    child_that(monkeypatch, answering("{'ready': True, 'backend': 'jax', 'device': 'CPU'}"))
    classifier = KerasClassifier(bundle, backend="jax")
    classifier.close()
    classifier.close()
    with pytest.raises(EngineError, match="closed"):
        classifier.predict(PIXELS)
