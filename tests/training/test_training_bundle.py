"""From a run to a bundle, and from a bundle to figures."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from bundles import make_tiny_bundle
from small_data import make_folder_set

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.errors import BundleError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.doubt.doubts import read_doubts
from lesionviewer.engine.networks import build_explaining_network, build_network, read_weights
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from training.__main__ import main
from training.calibration import fit_temperature
from training.graphs import check_graph, float_graph
from training.manifest import fingerprint
from training.metrics import softmax
from training.pixels import read_pixels
from training.starting import initialise


@pytest.fixture(scope="module")
def float_bundle(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundles") / "small-float"
    assert (
        main(["export", "--run", str(finished_run), "--out", str(out), "--precision", "float"]) == 0
    )
    return out


@pytest.fixture(scope="module")
def int8_bundle(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundles") / "small-int8"
    licence = out.parent / "LICENSE-WEIGHTS.md"
    licence.write_text("Mine.\n", "utf-8")
    options = ["--licence", "mine", "--licence-file", str(licence)]
    assert main(["export", "--run", str(finished_run), "--out", str(out), *options]) == 0
    return out


def squares(samples: list[Path]) -> np.ndarray:
    return np.stack([cut_square(read_pixels(path)[0]) for path in samples[:4]])


def test_the_float_graph_gives_what_keras_gives(float_bundle: Path, samples: list[Path]):
    bundle = open_bundle(float_bundle)
    model = build_network(bundle.card.architecture, diagnoses=3)
    read_weights(bundle.read("weights.safetensors"), model)
    expected = build_explaining_network(model).predict_on_batch(squares(samples))
    classifier = OpenVinoClassifier(bundle)
    found = classifier.predict(squares(samples))
    assert classifier.engine == "openvino-float"
    for name in ("logits", "activation_maps", "embedding"):
        assert np.abs(getattr(found, name) - np.asarray(expected[name])).max() <= 1e-3


@pytest.mark.slow
def test_the_graph_of_the_shipped_architecture_gives_what_keras_gives(samples: list[Path]):
    model = build_network({"backbone": "resnet50"}, diagnoses=7)
    initialise(model, {}, seed=0)
    check_graph(float_graph(model), model, list(squares(samples)))


def test_a_graph_that_computes_something_else_is_refused(samples: list[Path]):
    models = [build_network({"backbone": "tiny_cnn"}, diagnoses=3) for _ in range(2)]
    for seed, model in enumerate(models):
        initialise(model, {}, seed=seed)
    with pytest.raises(BundleError, match="nothing was exported"):
        check_graph(float_graph(models[0]), models[1], list(squares(samples)))


def test_the_int8_graph_stays_close_to_the_float_graph(
    int8_bundle: Path, float_bundle: Path, samples: list[Path]
):
    graphs = [OpenVinoClassifier(open_bundle(path)) for path in (int8_bundle, float_bundle)]
    assert graphs[0].engine == "openvino-int8"
    int8, exact = (softmax(graph.predict(squares(samples)).logits) for graph in graphs)
    assert np.abs(int8 - exact).mean() <= 0.02
    metrics = open_bundle(int8_bundle).card.metrics
    assert metrics["int8_against_float"]["splits"] == ["val", "test"]


def test_the_card_says_what_the_model_is_and_comes_from(int8_bundle: Path, finished_run: Path):
    card = open_bundle(int8_bundle).card
    assert card.id == "small-int8"
    assert card.architecture["backbone"] == "tiny_cnn"
    assert card.codes == ("angioma", "melanoma_in_situ", "nevus")
    assert [d.malignant for d in card.diagnoses] == [False, True, False]
    assert set(card.files) == {
        *("weights.safetensors", "openvino.xml", "openvino.bin", "golden.json"),
        *("LICENSE-WEIGHTS.md", "reference.safetensors", "seen.safetensors"),
    }
    assert card.training["dataset_fingerprint"] == fingerprint(finished_run)
    assert card.training["config"]["epochs"] == 3
    assert str(finished_run.parent) not in card.to_json()


def test_an_exported_bundle_can_be_doubted(int8_bundle: Path, folder_set: Path):
    bundle = open_bundle(int8_bundle)
    doubts = read_doubts(bundle)
    assert doubts.sets is not None
    assert doubts.rule is not None
    assert doubts.operating is not None
    assert doubts.library is not None
    trained = bundle.card.training["images"]["train"]
    assert len(doubts.library) == trained
    assert {image.source for image in doubts.library.images} == {folder_set.name}
    assert str(folder_set.parent) not in bundle.card.to_json()


def test_golden_values_name_the_engines(int8_bundle: Path, float_bundle: Path):
    for bundle, engines in ((int8_bundle, {"float", "openvino-int8"}), (float_bundle, {"float"})):
        golden = json.loads((bundle / "golden.json").read_text("utf-8"))
        for image in golden["images"]:
            assert engines == set(image) - {"file", "sha256", "probabilities"}
        assert engines <= set(golden["tolerance"])


def test_a_bundle_is_not_overwritten_unless_asked(finished_run: Path, float_bundle: Path, capfd):
    before = (float_bundle / "card.json").read_bytes()
    assert main(["export", "--run", str(finished_run), "--out", str(float_bundle)]) == 2
    assert "exists already" in capfd.readouterr().err
    assert (float_bundle / "card.json").read_bytes() == before


def test_a_folder_that_is_no_run_cannot_be_exported(tmp_path: Path, capfd):
    assert main(["export", "--run", str(tmp_path), "--out", str(tmp_path / "b")]) == 2
    assert "is no run folder" in capfd.readouterr().err


def test_evaluation_gives_the_figures_of_the_card(
    int8_bundle: Path, folder_set: Path, tmp_path: Path
):
    out = tmp_path / "report"
    arguments = ["evaluate", "--bundle", str(int8_bundle), "--data", str(folder_set)]
    assert main([*arguments, "--out", str(out)]) == 0
    report = json.loads((out / "metrics.json").read_text("utf-8"))
    card = open_bundle(int8_bundle).card
    assert {name: report[name] for name in card.metrics["test"] if name != "data"} == {
        name: value for name, value in card.metrics["test"].items() if name != "data"
    }
    with (out / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == report["images"]
    for row in rows:
        shares = {code: float(row[f"p_{code}"]) for code in card.codes}
        assert row["diagnosis"] == max(shares, key=shares.__getitem__)
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    with (out / "confusion.csv").open(encoding="utf-8", newline="") as file:
        counts = [list(map(int, line[1:])) for line in list(csv.reader(file))[1:]]
    assert np.sum(counts) == len(rows)
    assert all((out / name).stat().st_size > 1000 for name in ("confusion.png", "roc.png"))


def test_evaluation_refuses_diagnoses_that_the_model_does_not_know(tmp_path: Path, capfd):
    bundle = make_tiny_bundle(tmp_path / "tiny")
    data = make_folder_set(tmp_path / "data", count=2)
    arguments = ["evaluate", "--bundle", str(bundle), "--data", str(data), "--split", "all"]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 2
    assert "has the diagnoses angioma" in capfd.readouterr().err


def test_a_bundle_is_a_start_for_other_diagnoses(
    int8_bundle: Path, folder_set: Path, tmp_path: Path
):
    data = tmp_path / "two"
    for name in ("nevus", "angioma"):
        shutil.copytree(folder_set / name, data / name)
    arguments = ["train", "--data", str(data), "--out", str(tmp_path / "run"), "--epochs", "1"]
    options = ["--backbone", "tiny_cnn", "--init", str(int8_bundle), "--threads", "1"]
    assert main([*arguments, *options, "--views", "1", "--bundle", "none"]) == 0
    events = (tmp_path / "run" / "events.jsonl").read_text("utf-8")
    assert "18 of 20 weights come from" in events


def test_the_temperature_undoes_a_known_overconfidence():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (4000, 4))
    truth = np.array([rng.choice(4, p=row) for row in softmax(logits)])
    assert fit_temperature((3 * logits).astype(np.float32), truth) == pytest.approx(3, rel=0.1)
