"""What an export measures: the run's own val and test, and those of its extra data."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bundles import tiny_card
from small_data import make_csv_set

from lesionviewer.core.card import parse_card
from training.cards import measured_card
from training.config import TrainingConfig
from training.datasets import LabelledImage
from training.judged import judged_images

CODES = tiny_card().codes


@pytest.fixture
def sides(tmp_path: Path) -> dict[str, list[LabelledImage]]:
    rows = [
        {
            **{"image_id": f"{split}{n}", "dx": code, "lesion_id": f"{split}{n}", "split": split},
            "sex": "female" if n % 2 else "male",
        }
        for split in ("train", "val", "test")
        for n, code in enumerate(CODES)
    ]
    own = make_csv_set(tmp_path / "own", rows)
    extra = make_csv_set(tmp_path / "MILK", [*rows, {**rows[-1], "image_id": "x", "dx": "wart"}])
    config = TrainingConfig(data=own, extra_data=(extra,))
    # As a manifest has them: without attributes.
    images = [
        LabelledImage(own.parent / "images" / f"{r['image_id']}.jpg", r["dx"], "L", r["split"])
        for r in rows
    ]
    return judged_images(config, images, CODES)


def test_extra_data_brings_sides_of_its_own(sides: dict[str, list[LabelledImage]]):
    assert {name: len(side) for name, side in sides.items()} == {
        **{"val": 7, "test": 7, "milk_val": 7, "milk_test": 7}
    }
    assert {image.attributes["sex"] for side in sides.values() for image in side} == {
        *("female", "male")
    }


def test_the_card_sets_int8_against_float_on_every_data_set(sides: dict[str, list[LabelledImage]]):
    rng = np.random.default_rng(0)
    exact = {name: rng.normal(0, 2, (7, 7)).astype(np.float32) for name in sides}
    logits = {"float": exact, "int8": {name: 1.01 * found for name, found in exact.items()}}
    card = replace(tiny_card(), architecture={"backbone": "brightness", "graph": "int8"})
    metrics = measured_card(card, logits, sides, "own").metrics
    against = {name: part["splits"] for name, part in metrics.items() if "against" in name}
    assert against == {
        "int8_against_float": ["val", "test"],
        "int8_against_float_milk": ["milk_val", "milk_test"],
        "int8_against_float_all": ["val", "test", "milk_val", "milk_test"],
    }
    assert metrics["int8_against_float_all"]["images"] == 28
    assert metrics["int8_against_float_milk"]["same_diagnosis"] == 1.0
    assert 0 < metrics["int8_against_float_milk"]["mean_difference"] < 0.01
    assert (metrics["test"]["data"], metrics["milk_test"]["data"]) == ("own", "milk")
    assert "malignant_auc" in metrics["milk_test"]
    assert list(metrics["milk_test"]["subgroups"]) == ["sex"]


def test_the_card_says_which_prior_its_probabilities_assume(sides: dict[str, list[LabelledImage]]):
    logits = {name: np.eye(7, dtype=np.float32) for name in sides}
    card = replace(tiny_card(), architecture={"backbone": "brightness", "graph": "float"})
    measured = measured_card(card, {"float": logits}, sides, "own")
    assert measured.calibration["prior"].startswith("All diagnoses equally frequent")
    # Val has one image of each diagnosis.
    assert set(measured.calibration["frequencies"].values()) == {0.142857}
    assert parse_card(measured.to_json()).calibration == measured.calibration
    test = measured.metrics["test"]
    weighted, plain = test["at_frequencies_of_val"], test["expected_calibration_error"]
    assert weighted["expected_calibration_error"] == pytest.approx(plain, abs=1e-5)
