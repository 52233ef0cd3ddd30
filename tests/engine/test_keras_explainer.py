"""The maps of tf-keras-vis, from the child that holds Keras."""

import threading
from pathlib import Path

import numpy as np
import pytest
from bundles import make_keras_bundle, seal
from safetensors.numpy import load_file, save_file

from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.errors import EngineError
from lesionviewer.core.heat import grad_cam
from lesionviewer.core.region import SquareRegion
from lesionviewer.engine.explain import keras_explainer
from lesionviewer.engine.explain.further import FurtherPasses, Subject, map_question
from lesionviewer.engine.explain.keras_explainer import EXPLANATIONS, KerasExplainer
from lesionviewer.engine.fake_classifier import FakeClassifier
from lesionviewer.engine.keras_classifier import KerasClassifier

SQUARE = np.random.default_rng(2).integers(0, 256, (64, 64, 3), np.uint8)
DIAGNOSIS = 3


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    """A bundle whose diagnoses gain from every feature: there Grad-CAM++ is Grad-CAM."""
    folder = make_keras_bundle(tmp_path_factory.mktemp("explained") / "model")
    file = folder / "weights.safetensors"
    weights = load_file(file)
    weights["logits/kernel"] = np.abs(weights["logits/kernel"])
    save_file(weights, file)
    seal(folder, open_card(folder))
    return open_bundle(folder)


def open_card(folder: Path):
    from lesionviewer.core.card import parse_card

    return parse_card((folder / "card.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def explainer(bundle: ModelBundle):
    explainer = KerasExplainer(bundle, seconds=240)
    yield explainer
    explainer.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "places"),
    [
        ("grad-cam++", 8),
        ("layercam", 16),
        ("score-cam", 8),
        ("smoothgrad", 64),
        ("occlusion", 14),
    ],
)
def test_every_method_gives_a_map_of_its_own_resolution(
    explainer: KerasExplainer, method: str, places: int
) -> None:
    heat = explainer.explain(SQUARE, DIAGNOSIS, method)
    assert heat.shape == (places, places)
    assert heat.dtype == np.float32
    assert np.isfinite(heat).all()
    assert heat.max() > heat.min() >= (-1 if method == "occlusion" else 0)
    np.testing.assert_array_equal(heat, explainer.explain(SQUARE, DIAGNOSIS, method))


@pytest.mark.slow
def test_maps_of_keras_are_answers_to_questions_and_smoothgrad_comes_in_cells(
    explainer: KerasExplainer, bundle: ModelBundle
) -> None:
    passes = FurtherPasses(FakeClassifier(bundle.card), bundle)
    region, maps = SquareRegion(0, 0, 64), np.zeros((8, 8, 7), np.float32)
    subject = Subject(0, SQUARE, region, maps)
    try:
        for method, places in (("smoothgrad", 28), ("score-cam", 8)):
            assert passes.reason_against(method) == ""
            heat = passes.answer(map_question(method, DIAGNOSIS), subject)
            assert heat.shape == (places, places)
        np.testing.assert_array_equal(heat, explainer.explain(SQUARE, DIAGNOSIS, "score-cam"))
    finally:
        passes.close()


@pytest.mark.slow
def test_grad_cam_pp_is_grad_cam_where_all_weights_are_positive(
    explainer: KerasExplainer, bundle: ModelBundle
) -> None:
    classifier = KerasClassifier(bundle, backend="tensorflow")
    try:
        maps = classifier.predict(SQUARE[None]).activation_maps[0]
    finally:
        classifier.close()
    ours = grad_cam(maps[..., DIAGNOSIS])
    theirs = explainer.explain(SQUARE, DIAGNOSIS, "grad-cam++")
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.999
    weighed = explainer.explain(SQUARE, DIAGNOSIS, "score-cam")
    assert np.corrcoef(ours.ravel(), weighed.ravel())[0, 1] > 0.3


def test_a_method_that_there_is_not_is_named(bundle: ModelBundle) -> None:
    with pytest.raises(EngineError, match="no method 'magic'; choose of grad-cam"):
        KerasExplainer(bundle).explain(SQUARE, DIAGNOSIS, "magic")


@pytest.mark.parametrize("method", EXPLANATIONS)
def test_without_the_extra_no_child_is_started(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(keras_explainer, "find_spec", lambda name: None)
    monkeypatch.setattr(keras_explainer, "KerasClassifier", None)
    with pytest.raises(EngineError, match=r"extra \[train\]"):
        KerasExplainer(bundle).explain(SQUARE, DIAGNOSIS, method)


def test_another_backend_of_keras_says_what_is_missing(bundle: ModelBundle) -> None:
    classifier = KerasClassifier(bundle, backend="jax")
    try:
        with pytest.raises(EngineError, match="tf-keras-vis with TensorFlow"):
            classifier.explain(SQUARE, DIAGNOSIS, "grad-cam++", seconds=60)
        assert classifier.predict(SQUARE[None]).logits.shape == (1, 7)
    finally:
        classifier.close()


class Busy:
    """Stands in for the child: an explanation lasts until it is killed."""

    def __init__(self, *_: object, **__: object) -> None:
        self.asked, self.killed = threading.Event(), threading.Event()
        self.is_open = True
        Busy.last = self

    def explain(self, *_: object, seconds: float) -> np.ndarray:
        self.asked.set()
        assert self.killed.wait(60)
        self.is_open = False
        raise EngineError("The process that runs Keras ended by itself.")

    def kill(self) -> None:
        self.killed.set()

    def close(self) -> None:
        self.is_open = False


def test_an_explanation_is_cancelled_from_another_thread(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = threading.Event()

    class Started(Busy):
        def __init__(self, *_: object, **__: object) -> None:
            super().__init__()
            made.set()

    monkeypatch.setattr(keras_explainer, "KerasClassifier", Started)
    explainer = KerasExplainer(bundle)

    def cancel() -> None:
        assert made.wait(60)
        assert Busy.last.asked.wait(60)
        explainer.cancel()

    other = threading.Thread(target=cancel)
    other.start()
    with pytest.raises(EngineError, match="cancelled"):
        explainer.explain(SQUARE, DIAGNOSIS, "score-cam")
    other.join()
    explainer.close()


def test_a_child_that_ends_is_told_as_too_long_or_out_of_memory(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dead(Busy):
        def __init__(self, *_: object, **__: object) -> None:
            super().__init__()
            self.killed.set()

    monkeypatch.setattr(keras_explainer, "KerasClassifier", Dead)
    with pytest.raises(EngineError, match="longer than 7 s, or memory ran out"):
        KerasExplainer(bundle, seconds=7).explain(SQUARE, DIAGNOSIS, "score-cam")
