"""`python -m training explain`, on pictures with one bright spot and a network that sees it."""

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from bundles import tiny_bundle
from PIL import Image
from spots import spot_mask, spot_picture

from training.__main__ import main
from training.explain import study
from training.explain.page import explanation_blocks

__all__ = ["tiny_bundle"]
PLACES = [(0, 0), (32, 160), (160, 32), (128, 160), (64, 0), (160, 160)]


@pytest.fixture(scope="module")
def spots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of melanomas, each a bright spot away from the centre, with masks."""
    root = tmp_path_factory.mktemp("spots")
    (root / "images").mkdir()
    (root / "masks").mkdir()
    with (root / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image_id", "lesion_id", "dx", "split"])
        for number, (row, column) in enumerate(PLACES):
            name = f"spot_{number}"
            Image.fromarray(spot_picture(row, column)).save(root / "images" / f"{name}.png")
            mask = Image.fromarray(spot_mask(row, column))
            mask.save(root / "masks" / f"{name}_segmentation.png")
            writer.writerow([name, f"lesion_{number}", "mel", "test"])
    return root


@pytest.fixture(scope="module")
def report(tiny_bundle: Path, spots: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    out = tmp_path_factory.mktemp("study")
    words = ["explain", "--bundle", str(tiny_bundle), "--data", str(spots / "metadata.csv")]
    assert main([*words, "--out", str(out), "--images-count", "4"]) == 0
    return json.loads((out / "explanations.json").read_text("utf-8"))


def value(part: Mapping, figure: str, name: str) -> float:
    return part["figures"][figure][name]["value"]


def test_the_map_of_a_network_that_sees_the_spot_alone_points_at_it(report: dict) -> None:
    found = report["localisation"]
    assert found["images"] == found["lesions"] == len(PLACES)
    for name in ("grad_cam", "fine"):
        assert value(found, "pointing", name) == 1
        assert value(found, "energy", name) > 0.3
    assert value(found, "pointing", "centre") == 0
    assert value(found, "energy", "fine") > value(found, "energy", "grad_cam")
    assert found["lesion_area"] == pytest.approx(40**2 / 224**2, abs=1e-3)


def test_the_network_loses_its_diagnosis_faster_by_its_map_than_by_chance(report: dict) -> None:
    found = report["perturbation"]
    assert found["images"] == 4
    for name in ("grad_cam", "fine"):
        assert value(found, "deletion", name) < value(found, "deletion", "random")
        assert value(found, "deletion", name) < value(found, "deletion", "centre")
        assert value(found, "insertion", name) > value(found, "insertion", "random")
        assert value(found, "road", name) <= value(found, "road", "random")
    assert report["faithfulness"]["mean"]["value"] > 0
    assert report["differences"]["deletion"]["grad_cam - random"]["value"] < 0
    low, high = found["figures"]["deletion"]["grad_cam"]["interval"]
    assert low <= value(found, "deletion", "grad_cam") <= high


def test_a_page_is_filled_from_the_figures(report: dict, tmp_path: Path) -> None:
    (tmp_path / "explanations.json").write_text(json.dumps(report), "utf-8")
    page = tmp_path / "page.md"
    blocks = explanation_blocks(report)
    marked = "<!-- from the figures: {} -->\nold\n<!-- end -->\n"
    page.write_text("".join(marked.format(name) for name in blocks), "utf-8")
    assert main(["explain", "--out", str(tmp_path), "--page", str(page)]) == 0
    text = page.read_text("utf-8")
    assert "old" not in text
    assert all(block in text for block in blocks.values())
    assert "| Grad-CAM | " in blocks["localisation"]
    assert blocks["keras"] == blocks["randomisation"] == "Not measured.\n"


def test_methods_that_need_keras_stand_beside_the_others(
    tiny_bundle: Path, spots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def maps(model: object) -> Iterator[object]:
        yield lambda square, diagnosis: {"occlusion": (square[..., 0] > 100).astype(np.float32)}

    monkeypatch.setattr(study, "keras_maps", maps)
    words = ["explain", "--bundle", str(tiny_bundle), "--data", str(spots / "metadata.csv")]
    counts = ["--images-count", "1", "--localised-count", "1"]
    assert main([*words, *counts, "--out", str(tmp_path)]) == 0
    first = json.loads((tmp_path / "explanations.json").read_text("utf-8"))
    counts = ["--images-count", "0", "--keras-count", "2"]
    assert main([*words, *counts, "--out", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "explanations.json").read_text("utf-8"))
    assert report["keras"]["images"] == 2
    assert {**report, "keras": None} == {**first, "keras": None}
    assert value(report["keras"], "energy", "occlusion") > 0.5
    assert "| occlusion | " in explanation_blocks(report)["keras"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--out", "x"], "--data"),
        (["--out", "x", "--data", "y"], "--bundle"),
        (["--out", "x", "--data", "y", "--bundle", "z", "--localised-count", "0"], "1 or more"),
        (["--out", "nowhere", "--page", "page.md"], "No such file"),
    ],
)
def test_what_is_missing_is_said(
    words: list[str], text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", *words]) == 2
    assert text in capfd.readouterr().err


def test_a_data_set_without_masks_is_refused(
    tiny_bundle: Path, spots: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["explain", "--bundle", str(tiny_bundle), "--data", str(spots / "metadata.csv")]
    assert main([*words, "--masks", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "--masks" in capfd.readouterr().err
