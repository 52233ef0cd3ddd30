"""The data report: what a data set holds, and everything that was made wrong in this one."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image
from small_data import make_folder_set, write_image

from training.__main__ import main
from training.datasets import read_dataset

COLUMNS = ("image_id", "lesion_id", "dx", "dx_type", "age", "sex", "localization", "split")
ROWS = (
    ("a", "L1", "mel", "histo", "80.0", "male", "back", "train"),
    ("b", "L1", "mel", "histo", "", "male", "back", "test"),
    ("c", "L2", "nv", "consensus", "unknown", "female", "back", "train"),
    ("same", "L3", "nv", "consensus", "30", "", "unknown", "val"),
    ("near", "L4", "nv", "follow_up", "34", "female", "arm", "test"),
    ("torn", "L5", "nv", "follow_up", "5", "female", "arm", "train"),
    ("gone", "L6", "bcc", "histo", "60", "male", "face", "train"),
    ("bare", "L7", "", "histo", "60", "male", "face", "train"),
)


@pytest.fixture(scope="module")
def data(samples: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of which `same` is `c` again, `near` is `a` turned, and `torn` is none."""
    root = tmp_path_factory.mktemp("data")
    images = root / "images"
    images.mkdir()
    for name, sample in zip(("a", "b", "c", "bare", "nobody"), samples, strict=False):
        shutil.copy(sample, images / f"{name}.jpg")
    shutil.copy(images / "c.jpg", images / "same.jpg")
    with Image.open(images / "a.jpg") as picture:
        picture.transpose(Image.Transpose.ROTATE_90).save(images / "near.jpg", quality=90)
    (images / "torn.jpg").write_bytes(b"no picture")
    with (root / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *ROWS])
    return root / "metadata.csv"


@pytest.fixture(scope="module")
def written(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    words = ["inspect", "--data", str(data), "--out", str(out / "report.html"), "--threads", "1"]
    assert main([*words, "--json", str(out / "report.json")]) == 0
    return out


@pytest.fixture(scope="module")
def report(written: Path) -> dict:
    return json.loads((written / "report.json").read_text("utf-8"))


def test_images_are_counted_by_diagnosis_lesion_and_split(report: dict):
    assert (report["images"], report["lesions"], report["without_lesion"]) == (6, 5, 0)
    assert report["splits"] == {"train": 3, "test": 2, "val": 1}
    assert report["diagnoses"] == {
        "mel": {"images": 2, "lesions": 1, "train": 1, "val": 0, "test": 1},
        "nv": {"images": 4, "lesions": 4, "train": 2, "val": 1, "test": 1},
    }


def test_what_the_data_does_not_say_is_counted_as_missing(report: dict):
    ages = {age: count for age, count in report["age"].items() if count}
    assert ages == {"0-9": 1, "30-39": 2, "80-89": 1, "missing": 2}
    assert report["sex"] == {"female": 3, "male": 2, "missing": 1}
    assert report["site"] == {"back": 3, "arm": 2, "missing": 1}
    assert report["confirmation"] == {"histo": 2, "consensus": 2, "follow_up": 2, "missing": 0}
    assert sum(report["sizes"].values()) == 5


def test_files_that_cannot_be_used_are_named(report: dict):
    (torn,) = report["unreadable"]
    assert torn["image"] == "images/torn.jpg"
    assert "not a picture" in torn["reason"]
    assert report["missing"] == ["gone"]
    assert report["unlabelled"] == ["images/bare.jpg", "images/nobody.jpg"]


def test_exact_and_near_duplicates_are_told_apart(report: dict):
    (exact,) = report["exact_duplicates"]
    assert exact["images"] == ["images/c.jpg", "images/same.jpg"]
    (near,) = report["near_duplicates"]
    assert near["images"] == ["images/a.jpg", "images/near.jpg"]
    assert near["places"] >= 12
    assert near["diagnoses"] == ["mel", "nv"]
    assert not near["same_lesion"]


def test_what_stands_on_two_sides_of_the_splits_is_listed(report: dict):
    torn = report["across_splits"]
    sides = {"train": ["images/a.jpg"], "test": ["images/b.jpg"]}
    assert torn["lesions"] == [{"lesion": "L1", "splits": sides}]
    assert [found["splits"] for found in torn["exact_duplicates"]] == [["train", "val"]]
    assert [found["splits"] for found in torn["near_duplicates"]] == [["test", "train"]]


def test_the_page_shows_pictures_and_names_and_needs_nothing_else(written: Path, report: dict):
    page = (written / "report.html").read_text("utf-8")
    assert page.count("data:image/png;base64,") == 6 + len(report["near_duplicates"])
    assert "http" not in page
    for words in ("images/torn.jpg", "gone", "images/nobody.jpg", "L1", "leak in 3 places"):
        assert words in page
    assert "missing for 2 images" in page


def test_a_folder_of_diagnoses_brings_its_own_splits_or_none(tmp_path: Path, capfd):
    plain = make_folder_set(tmp_path / "plain", count=2)
    write_image(plain / "loose.jpg", (90, 90, 90), seed=1)
    split = tmp_path / "split"
    for side in ("train", "test"):
        make_folder_set(split / side, count=1)
    for data in (plain, split):
        out = ["--out", str(tmp_path / "r.html"), "--json", str(tmp_path / f"{data.name}.json")]
        assert main(["inspect", "--data", str(data), *out, "--threads", "1"]) == 0
    found = json.loads((tmp_path / "plain.json").read_text("utf-8"))
    assert found["splits"] == {"none": 6}
    assert found["unlabelled"] == ["loose.jpg"]
    assert (found["lesions"], found["without_lesion"]) == (0, 6)
    other = json.loads((tmp_path / "split.json").read_text("utf-8"))
    assert other["splits"] == {"train": 3, "test": 3}
    assert len(other["across_splits"]["exact_duplicates"]) == 3


def test_a_table_of_the_isic_archive_is_read_from_several_folders(tmp_path: Path):
    for number, folder in enumerate(("one", "two", "two")):
        write_image(tmp_path / folder / f"ISIC_{number}.jpg", (90, 60, 50), seed=number)
    table = tmp_path / "metadata.csv"
    table.write_text(
        "isic_id,lesion_id,diagnosis_1,diagnosis_3,age_approx,sex,anatom_site_general,"
        "diagnosis_confirm_type\n"
        "ISIC_0,IL_1,Malignant,Melanoma Invasive,55,male,anterior torso,histopathology\n"
        "ISIC_1,,Benign,Nevus,,female,,\n"
        "ISIC_2,,,,,,,\n"
        "ISIC_3,,Benign,Nevus,,,,\n",
        "utf-8",
    )
    dataset = read_dataset(table, [tmp_path / "one", tmp_path / "two"])
    melanoma, nevus = dataset.images
    assert (melanoma.code, melanoma.lesion, melanoma.has_lesion) == ("mel", "IL_1", True)
    assert dict(melanoma.attributes) == {
        **{"age": "55", "sex": "male"},
        **{"localization": "anterior torso", "dx_type": "histopathology"},
    }
    assert (nevus.code, nevus.has_lesion, nevus.path.parent.name) == ("nv", False, "two")
    assert [name.lower() for name in dataset.missing] == ["isic_3"]
    assert [path.name for path in dataset.unlabelled] == ["ISIC_2.jpg"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: None, "There is no data set"),
        (lambda data: data.mkdir(), "holds no labelled image"),
        (lambda data: (data / "nv").mkdir(parents=True), "holds no labelled image"),
    ],
)
def test_data_that_holds_nothing_is_refused(tmp_path: Path, capfd, make, message: str):
    make(tmp_path / "data")
    out = tmp_path / "report.html"
    assert main(["inspect", "--data", str(tmp_path / "data"), "--out", str(out)]) == 2
    assert message in capfd.readouterr().err
    assert not out.exists()


def test_data_of_which_nothing_can_be_read_is_refused(tmp_path: Path, capfd):
    (tmp_path / "data" / "nv").mkdir(parents=True)
    (tmp_path / "data" / "nv" / "a.jpg").write_bytes(b"nothing")
    out = tmp_path / "report.html"
    assert main(["inspect", "--data", str(tmp_path / "data"), "--out", str(out)]) == 2
    assert "can be read" in capfd.readouterr().err
