"""A bundle knows the images that it was trained on and chosen by."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.errors import BundleError
from training.__main__ import main
from training.manifest import read_manifest
from training.sealing import seal
from training.seen import NAME, read_seen, sides_of


@pytest.fixture(scope="module")
def bundle(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundles") / "seen"
    command = ["export", "--run", str(finished_run), "--out", str(out), "--precision", "float"]
    assert main(command) == 0
    return out


def predicted(folder: Path) -> set[str]:
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
        return {row["image"] for row in csv.DictReader(file)}


def test_the_sides_of_a_run_are_known_again_by_content(bundle: Path, finished_run: Path):
    images = read_manifest(finished_run)
    sides = sides_of(images, read_seen(open_bundle(bundle)))
    expected = [image.split if image.split != "test" else "" for image in images]
    assert sides == expected
    assert {"train", "val", ""} == set(sides)


def test_what_was_trained_on_is_no_test_image_under_another_name(
    bundle: Path, finished_run: Path, tmp_path: Path
):
    fresh = tmp_path / "fresh"
    for number, image in enumerate(read_manifest(finished_run)):
        (fresh / image.code).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(image.path, fresh / image.code / f"renamed {number}.png")
    out = tmp_path / "out"
    command = ["evaluate", "--bundle", str(bundle), "--data", str(fresh), "--out", str(out)]
    assert main([*command, "--split", "all"]) == 0
    tested = sum(image.split == "test" for image in read_manifest(finished_run))
    assert len(predicted(out)) == tested
    left_out = json.loads((out / "metrics.json").read_text("utf-8"))["left_out"]
    assert sum("was trained on it" in line for line in left_out) > 0
    assert sum("was chosen by it" in line for line in left_out) > 0


def test_val_of_the_same_data_is_what_the_run_chose_by(
    bundle: Path, folder_set: Path, finished_run: Path, tmp_path: Path
):
    command = ["evaluate", "--bundle", str(bundle), "--data", str(folder_set), "--split", "val"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    chosen = {i.path.name for i in read_manifest(finished_run) if i.split == "val"}
    assert predicted(tmp_path / "out") == chosen


def test_a_bundle_that_does_not_say_is_measured_as_before(bundle: Path, tmp_path: Path):
    silent = tmp_path / "silent"
    shutil.copytree(bundle, silent)
    (silent / NAME).unlink()
    seal(silent, open_bundle(bundle).card)
    assert read_seen(open_bundle(silent)) == {}


def test_a_damaged_list_is_a_bundle_error(bundle: Path, tmp_path: Path):
    damaged = tmp_path / "damaged"
    shutil.copytree(bundle, damaged)
    (damaged / NAME).write_bytes(b"nothing")
    seal(damaged, open_bundle(bundle).card)
    with pytest.raises(BundleError, match="damaged"):
        read_seen(open_bundle(damaged))
