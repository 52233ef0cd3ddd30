"""`lesionviewer replay`: an export's predictions come out the same, or it is said what does not."""

import json
from pathlib import Path

import pytest

from lesionviewer.cli.export import main as export
from lesionviewer.cli.replay import main


@pytest.fixture
def folder(tmp_path: Path, picture, monkeypatch) -> Path:
    monkeypatch.setenv("LESIONVIEWER_HOME", str(tmp_path / "home"))
    picture(tmp_path / "images" / "a.png", spot=(40, 30))
    picture(tmp_path / "images" / "b.png")
    return tmp_path / "images"


@pytest.fixture
def document(folder: Path, tiny_bundle: Path) -> Path:
    file = folder.parent / "x.json"
    words = ["--format", "json", "--out", str(file), "--bundle", str(tiny_bundle)]
    assert export([str(folder), *words, "--engine", "openvino"]) == 0
    return file


@pytest.fixture
def replay(tiny_bundle: Path, capsys):
    def run(file: Path, *words: str) -> tuple[int, str]:
        status = main([str(file), "--bundle", str(tiny_bundle), *words])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


def alter(document: Path, change) -> None:
    content = json.loads(document.read_text("ascii"))
    change(content)
    document.write_text(json.dumps(content), encoding="ascii")


def test_the_same_files_give_the_same(document, replay):
    status, text = replay(document)
    assert status == 0
    assert text.startswith("same: 2 images, largest difference 0.000000; tolerance 0.0001")
    assert "the same engine, openvino" in text


def test_folder_and_document_may_be_moved_together(document, folder, replay, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    folder.rename(tmp_path / "elsewhere" / "images")
    assert replay(document.rename(tmp_path / "elsewhere" / "x.json"))[0] == 0


def test_a_chosen_region_is_cut_again(document, replay):
    def choose(content: dict) -> None:
        content["images"][0] |= {"region": [0, 0, 20], "chosen_region": True}

    alter(document, choose)
    status, text = replay(document)
    assert status == 1
    assert "differs: 1 of 2 images" in text
    assert "a.png: 0." in text


def test_a_probability_that_was_altered_is_named(document, replay):
    def raise_it(content: dict) -> None:
        content["images"][1]["probabilities"]["nv"] -= 2e-4

    alter(document, raise_it)
    status, text = replay(document)
    assert (status, "b.png: 0.000200 off" in text) == (1, True)


def test_a_file_that_changed_is_named(document, folder, replay, picture):
    picture(folder / "b.png", width=90)
    status, text = replay(document)
    assert (status, "b.png: The file is another one than then." in text) == (1, True)


def test_a_file_that_is_gone_leaves_nothing_to_compare(document, folder, replay):
    (folder / "b.png").unlink()
    status, text = replay(document)
    assert (status, "1 of 2 images cannot be read" in text) == (2, True)


def test_another_engine_is_held_to_the_golden_tolerance_or_refused(document, replay):
    alter(document, lambda content: content["model"].update(engine="keras"))
    status, text = replay(document)  # the bundle of these tests has no golden images
    assert (status, "golden.json" in text) == (2, True)


def test_the_golden_tolerance_is_told(document, tiny_bundle, monkeypatch, replay):
    from lesionviewer.core.bundle import ModelBundle

    read = ModelBundle.read
    golden = b'{"tolerance": {"openvino-int8": 0.03, "float": 0.02}}'
    monkeypatch.setattr(
        ModelBundle,
        "read",
        lambda bundle, name: golden if name == "golden.json" else read(bundle, name),
    )
    alter(document, lambda content: content["model"].update(engine="keras"))
    status, text = replay(document)
    assert status == 0
    assert "tolerance 0.0" in text
    assert "as keras predicted and openvino" in text


def test_another_model_cannot_be_held_against_it(document, capsys):
    assert main([str(document)]) == 2
    assert "which is not here. Name its folder with --bundle" in capsys.readouterr().err


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(version=2),
        lambda content: content.pop("model"),
        lambda content: content["images"][0].update(region=[-1, 0, 5]),
        lambda content: content["images"][0].update(region=[1, 0]),
        lambda content: content["images"][0]["probabilities"].update(nv=float("nan")),
        lambda content: content["images"][0].update(probabilities={}),
        lambda content: content["images"][0]["probabilities"].pop("nv"),
        lambda content: content.update(images=[]),
        lambda content: content.update(images=[[]]),
    ],
)
def test_what_is_no_export_is_refused_in_one_line(document, replay, change):
    alter(document, change)
    status, text = replay(document)
    assert status == 2
    assert text.count("\n") == 1
    assert "xport" in text


def test_a_file_that_is_not_there_is_named(replay, tmp_path):
    status, text = replay(tmp_path / "none.json")
    assert (status, "Cannot read" in text) == (2, True)
