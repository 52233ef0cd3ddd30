import json
from pathlib import Path

import pytest
from bundles import make_tiny_bundle, seal, tiny_card

from lesionviewer.cli.doctor import main
from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.decode_pool import DecodePool, DecodeRequest
from lesionviewer.engine.golden import GOLDEN
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier


def bundle_that_recorded(folder: Path, sample: Path, *, off_by: float) -> Path:
    make_tiny_bundle(folder)
    classifier = OpenVinoClassifier(open_bundle(folder))
    with DecodePool(1) as pool:
        decoded = pool.submit(DecodeRequest(path=sample)).result()
    logits = classifier.predict(decoded.model_input[None]).logits[0]
    logits[logits.argmin()] += off_by
    image = {"file": sample.name, "sha256": decoded.sha256, "float": {"logits": logits.tolist()}}
    document = {"tolerance": {"float": 0.01}, "images": [image]}
    (folder / GOLDEN).write_text(json.dumps(document), encoding="utf-8")
    seal(folder, tiny_card())
    return folder


def test_a_sound_machine_is_status_0_and_says_what_was_chosen_and_why(
    samples: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = bundle_that_recorded(tmp_path / "model", samples[0], off_by=0)
    assert main(["--bundle", str(bundle), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["chosen"]["engine"] == "openvino-float"
    assert [item["name"] for item in report["not_taken"]] == ["NVIDIA GPU", "Intel GPU"]
    assert report["golden"]["reproduced"] is True
    assert report["golden"]["images"] == 1
    assert report["processor"]["cores"] >= 1
    assert "CPU" in report["openvino_devices"]
    assert report["problem"] == ""


def test_other_values_than_recorded_are_status_1(
    samples: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = bundle_that_recorded(tmp_path / "model", samples[0], off_by=2000)
    assert main(["--bundle", str(bundle)]) == 1
    assert "NOT REPRODUCED" in capsys.readouterr().out


def test_the_report_for_people_names_engine_reason_and_self_test(
    samples: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = bundle_that_recorded(tmp_path / "model", samples[0], off_by=0)
    assert main(["--bundle", str(bundle), "--engine", "auto"]) == 0
    text = capsys.readouterr().out
    for words in ("Chosen      CPU · OpenVINO float", "Not taken   NVIDIA GPU:", "reproduced"):
        assert words in text


def test_a_model_without_recorded_values_cannot_be_trusted(
    tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--bundle", str(tiny_bundle)]) == 1
    assert "has no golden.json" in capsys.readouterr().out


def test_a_broken_model_is_status_2_and_the_machine_is_still_described(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--bundle", str(tmp_path), "--json"]) == 2
    captured = capsys.readouterr()
    assert "not a model bundle" in json.loads(captured.out)["problem"]
    assert captured.err.count("\n") == 1


def test_wrong_words_are_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nonsense"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
