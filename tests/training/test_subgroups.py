import csv
from pathlib import Path

import numpy as np
import pytest

from training.datasets import LabelledImage
from training.subgroups import LEAST_IMAGES, age_band, subgroups, write_subgroups

CODES = ("bcc", "nv")


def some_images(counts: dict[str, int], column: str) -> list[LabelledImage]:
    """Half of each group `bcc`, half `nv`, each of its own lesion."""
    return [
        LabelledImage(Path(f"{value}{n}.jpg"), CODES[n % 2], f"{value}{n}", attributes=said)
        for value, count in counts.items()
        for n in range(count)
        for said in [{column: value} if value else {}]
    ]


def measured(images: list[LabelledImage], chosen: np.ndarray):
    truth = np.array([CODES.index(image.code) for image in images])
    return subgroups(images, truth, np.eye(2)[chosen], CODES, malignant=("bcc",), draws=50)


@pytest.mark.parametrize(
    ("age", "band"),
    [
        *(("0.0", "<30"), ("29", "<30"), ("30.0", "30-44"), ("45", "45-59"), ("59.9", "45-59")),
        *(("60", "60-74"), ("75", "75+"), ("101", "75+"), ("old", "unknown"), ("nan", "unknown")),
    ],
)
def test_ages_fall_into_bands(age: str, band: str):
    assert age_band(age) == band


def test_each_group_has_its_own_figures():
    images = some_images({"female": 40, "male": 60}, "sex")
    truth = np.array([CODES.index(image.code) for image in images])
    report = measured(images, np.where(np.arange(100) < 40, truth, 0))["sex"]
    assert (report["female"]["images"], report["male"]["images"]) == (40, 60)
    assert report["female"]["balanced_accuracy"] == 1.0
    assert report["male"]["balanced_accuracy"] == 0.5
    assert report["male"]["recall"] == {"bcc": 1.0, "nv": 0.0}
    assert (report["female"]["malignant_auc"], report["male"]["malignant_auc"]) == (1.0, 0.5)


def test_a_small_group_gets_its_counts_and_no_figures():
    images = some_images({"1": LEAST_IMAGES - 1, "2": LEAST_IMAGES}, "skin_tone_class")
    report = measured(images, np.zeros(len(images), int))["skin tone"]
    small = report["1"]
    assert small["images_per_diagnosis"] == {"bcc": 15, "nv": 14}
    assert small["balanced_accuracy"] is small["malignant_auc"] is None
    assert set(small["recall"].values()) == {None}
    assert report["2"]["balanced_accuracy"] == 0.5


def test_images_without_the_attribute_are_a_group_and_come_last():
    images = some_images({"": 30, "80": 30, "20": 30}, "age")
    report = measured(images, np.zeros(90, int))
    assert list(report) == ["age"]
    assert list(report["age"]) == ["<30", "75+", "unknown"]


def test_a_data_set_without_attributes_has_no_subgroups():
    assert measured(some_images({"": 4}, "sex"), np.zeros(4, int)) == {}


def test_the_table_has_one_row_a_group(tmp_path: Path):
    images = some_images({"face": 30, "hand": 4}, "localization")
    path = tmp_path / "subgroups.csv"
    write_subgroups(path, measured(images, np.zeros(34, int)), CODES)
    with path.open(encoding="utf-8", newline="") as file:
        face, hand = csv.DictReader(file)
    assert (face["attribute"], face["group"], face["images"]) == ("body site", "face", "30")
    assert (face["balanced_accuracy"], face["recall_nv"]) == ("0.5", "0.0")
    assert (hand["images"], hand["diagnoses"], hand["balanced_accuracy"]) == ("4", "2", "")
