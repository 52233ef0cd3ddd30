import json
from pathlib import Path

import pytest
from bundles import make_tiny_bundle, seal, tiny_card

from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.decode_pool import DecodePool, DecodeRequest
from lesionviewer.core.errors import BundleError
from lesionviewer.engine.golden import GOLDEN, GoldenReport, check_golden
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier


@pytest.fixture(scope="module")
def pool():
    with DecodePool(1) as pool:
        yield pool


@pytest.fixture
def recorded(tmp_path: Path, samples: list[Path], pool: DecodePool) -> dict:
    """What a sound golden.json of the tiny bundle holds."""
    classifier = OpenVinoClassifier(open_bundle(make_tiny_bundle(tmp_path / "first")))
    images = []
    for sample in samples[:2]:
        decoded = pool.submit(DecodeRequest(path=sample)).result()
        logits = classifier.predict(decoded.model_input[None]).logits[0].tolist()
        images.append({"file": sample.name, "sha256": decoded.sha256, "float": {"logits": logits}})
    return {"tolerance": {"float": 0.005}, "images": images}


def bundle_with(folder: Path, document: object) -> ModelBundle:
    make_tiny_bundle(folder)
    (folder / GOLDEN).write_text(json.dumps(document), encoding="utf-8")
    seal(folder, tiny_card())
    return open_bundle(folder)


def report_on(bundle: ModelBundle, pool: DecodePool, samples: Path) -> GoldenReport:
    classifier = OpenVinoClassifier(bundle)
    try:
        return check_golden(bundle, classifier, pool, samples)
    finally:
        classifier.close()


def test_the_recorded_values_are_reproduced(tmp_path, samples, pool, recorded) -> None:
    bundle = bundle_with(tmp_path / "model", recorded)
    report = report_on(bundle, pool, samples[0].parent)
    assert report.reproduced
    assert report.images == 2
    assert report.largest <= 1e-6


def test_a_value_that_is_off_is_named_with_its_picture(tmp_path, samples, pool, recorded) -> None:
    logits = recorded["images"][1]["float"]["logits"]
    logits[:] = [0.0] * len(logits)
    bundle = bundle_with(tmp_path / "model", recorded)
    report = report_on(bundle, pool, samples[0].parent)
    assert not report.reproduced
    assert report.largest > 0.005
    assert [problem.partition(":")[0] for problem in report.problems] == [samples[1].name]


def test_another_picture_of_the_same_name_is_no_golden_image(
    tmp_path, samples, pool, recorded
) -> None:
    recorded["images"][0]["sha256"] = "0" * 64
    report = report_on(bundle_with(tmp_path / "model", recorded), pool, samples[0].parent)
    assert "not the one that was recorded" in report.problems[0]


def test_pictures_are_looked_for_among_the_samples_only(tmp_path, samples, pool, recorded) -> None:
    recorded["images"][0]["file"] = f"../{samples[0].parent.name}/{samples[0].name}"
    report = report_on(bundle_with(tmp_path / "model", recorded), pool, tmp_path)
    assert not report.reproduced
    assert all("cannot be read" in problem for problem in report.problems)


def test_nothing_recorded_is_not_reproduced(tmp_path, samples, pool) -> None:
    bundle = bundle_with(tmp_path / "model", {"tolerance": {"float": 0.1}, "images": []})
    assert not report_on(bundle, pool, samples[0].parent).reproduced


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"tolerance": {}, "images": []},
        {"tolerance": {"float": 1}, "images": [{}]},
        {
            "tolerance": {"float": 1},
            "images": [{"file": "a.jpg", "sha256": "", "float": {"logits": [1.0, 2.0]}}],
        },
    ],
)
def test_a_golden_file_without_values_for_the_engine_is_reported(
    tmp_path, samples, pool, document
) -> None:
    with pytest.raises(BundleError, match="has no values for float"):
        report_on(bundle_with(tmp_path / "model", document), pool, samples[0].parent)
