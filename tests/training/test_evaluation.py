"""A bundle measured on images: what is written, and that it is what the figures say."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from bundles import make_tiny_bundle
from small_data import make_csv_set

from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from training.__main__ import main
from training.pixels import read_pixels

FILES = {
    *("metrics.json", "predictions.csv", "confusion.csv", "subgroups.csv", "report.html"),
    *("confusion.png", "roc.png", "reliability.png", "malignant.png"),
}


def rows(count: int = 24, **more: str) -> list[dict[str, str]]:
    return [
        {
            **{"image_id": f"i{n}", "dx": ("mel", "nv", "")[n % 3], "lesion_id": f"L{n // 2}"},
            **{"sex": "male" if n < 20 else "", "split": "test", **more},
        }
        for n in range(count)
    ]


def evaluate(bundle: Path, data: Path, out: Path, *options: str) -> dict:
    words = ["evaluate", "--bundle", str(bundle), "--data", str(data), "--out", str(out), *options]
    assert main(words) == 0
    return json.loads((out / "metrics.json").read_text("utf-8"))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluation")
    bundle = make_tiny_bundle(folder / "tiny")
    evaluate(bundle, make_csv_set(folder / "data", rows()), folder / "out", "--flips")
    return folder / "out"


def test_an_evaluation_writes_figures_tables_pictures_and_a_page(evaluation: Path):
    assert {path.name for path in evaluation.iterdir()} == {*FILES, "flips"}
    report = json.loads((evaluation / "metrics.json").read_text("utf-8"))
    assert (report["images"], report["views"]) == (16, 1)
    assert len(report["left_out"]) == 8
    assert "i2 has no diagnosis" in report["left_out"][0]
    assert report["images_per_diagnosis"]["df"] == 0
    assert report["recall"]["df"] is None
    groups = table(evaluation / "subgroups.csv")
    assert [(row["attribute"], row["group"], row["images"]) for row in groups] == [
        *(("sex", "male", "14"), ("sex", "unknown", "2"))
    ]


def test_the_page_needs_nothing_else(evaluation: Path):
    page = (evaluation / "report.html").read_text("utf-8")
    assert page.count('src="data:image/png;base64,') == page.count("src=") == 4
    assert "href=" not in page
    assert "http" not in page
    assert "i2 has no diagnosis" in page


def test_flips_and_turns_are_reported_apart(evaluation: Path):
    flips = evaluation / "flips"
    assert {path.name for path in flips.iterdir()} == FILES
    assert json.loads((flips / "metrics.json").read_text("utf-8"))["views"] == 8
    plain, turned = (table(folder / "predictions.csv") for folder in (evaluation, flips))
    assert [row["image"] for row in plain] == [row["image"] for row in turned]


def test_real_images_in_wide_pictures_are_cut_as_the_viewer_cuts_them(shared: Path, tmp_path: Path):
    source = shared / "data" / "milk10k"
    some = [row for row in table(source / "metadata.csv") if row["split"] == "test"][:24]
    data = tmp_path / "metadata.csv"
    with data.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(some[0]))
        writer.writeheader()
        writer.writerows(some)
    bundle = open_bundle(default_bundle_dir())
    images = str(source / "images")
    report = evaluate(bundle.folder, data, tmp_path / "out", "--images", images)
    assert report["images"] + len(report["left_out"]) == 24
    assert {"sex", "age", "skin tone", "confirmation"} <= set(report["subgroups"])
    found = table(tmp_path / "out" / "predictions.csv")
    pixels = [read_pixels(source / "images" / row["image"])[0] for row in found]
    assert any(height != width for height, width, _ in (p.shape for p in pixels))
    classifier = OpenVinoClassifier(bundle)
    try:
        raw = classifier.predict(np.stack([cut_square(picture) for picture in pixels]))
    finally:
        classifier.close()
    expected = calibrated(raw.logits, bundle.card.temperature)
    shares = [[float(row[f"p_{code}"]) for code in bundle.card.codes] for row in found]
    assert np.abs(np.array(shares) - expected).max() < 1e-5
