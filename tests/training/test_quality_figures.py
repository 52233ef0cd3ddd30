"""The areas of quality figures, on small data whose truth is known."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionviewer.core.errors import DatasetError
from training.__main__ import main
from training.quality_bubbles import ring_widths
from training.quality_damage import DAMAGES
from training.quality_truth import (
    MONET,
    cut_truth,
    outline_of,
    read_rows,
    score_truth,
    small_truth,
    thinned,
)

SPLITS = ("train", "train", "val", "test")


def write_rows(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def lesion(radius: float, centre: tuple[int, int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a frame of 200 × 150 with a brown disc, and its mask."""
    rows, columns = np.mgrid[:150, :200]
    mask = np.hypot(columns - centre[0], rows - centre[1]) < radius
    noise = np.random.default_rng(seed).normal(0, 6, (150, 200, 1))
    colours = np.where(mask[..., None], [110, 65, 45], [220, 175, 160]) + noise
    return np.clip(colours, 0, 255).astype(np.uint8), mask


@pytest.fixture(scope="module")
def ham(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set like HAM10000: whole, cut and small lesions in turn, in every split."""
    root = tmp_path_factory.mktemp("ham")
    (root / "images").mkdir()
    (root / "masks").mkdir()
    places = ((40, (100, 75)), (45, (40, 75)), (11, (100, 75)))
    rows = []
    for number in range(24):
        pixels, mask = lesion(*places[number % 3], number)
        Image.fromarray(pixels).save(root / "images" / f"H{number}.png")
        Image.fromarray(mask).save(root / "masks" / f"H{number}_segmentation.png")
        split = SPLITS[number // 3 % 4]
        rows.append({"image_id": f"H{number}", "lesion_id": f"L{number}", "split": split})
    return write_rows(root / "metadata.csv", rows)


@pytest.fixture(scope="module")
def milk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set like MILK10k, whose high hair scores are of pictures with drawn hair."""
    root = tmp_path_factory.mktemp("milk")
    (root / "images").mkdir()
    rows = []
    for number in range(32):
        pixels = lesion(40, (100, 75), number)[0]
        hairy = number % 8 in (0, 5)
        if hairy:
            for column in range(30, 170, 12):
                pixels[20:130, column] = 20
        Image.fromarray(pixels).save(root / "images" / f"M{number}.png")
        scores = {column: str(number % 16 / 16) for column in MONET.values()}
        scores["MONET_hair"] = "0.9" if hairy else "0.1"
        split = SPLITS[number // 8]
        entry = {"image_id": f"M{number}", "lesion_id": f"L{number}", "split": split}
        rows.append(entry | {"skin_tone_class": "3"} | scores)
    return write_rows(root / "metadata.csv", rows)


def test_the_command_finds_what_was_made_to_be_found(
    ham: Path, milk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    given = ("quality", "--data", str(ham), "--scores", str(milk), "--out", str(out))
    assert main(given) == 0
    report = json.loads((out / "quality.json").read_text("utf-8"))
    figures = report["figures"]
    assert set(figures) == {*DAMAGES, *MONET, "cut", "small_lesion"}
    assert figures["cut"]["auc"] == 1
    assert figures["cut"]["positives"] == 4
    assert figures["small_lesion"]["auc"] == 1
    assert figures["hair"]["auc"] == 1
    assert figures["hair"]["positives"] == 4
    assert figures["too_dark"]["auc"] == 1
    assert figures["too_dark"]["positives"] == figures["too_dark"]["negatives"] == 6
    assert figures["bubbles"]["truth"] == f"{MONET['bubbles']} of MILK10k"
    assert set(report["drawn_too"]) == {"bubbles"}
    assert report["flagged"]["MILK10k skin tone 3"]["images"] == 32
    assert "| `cut` | HAM10000 masks | 1.000 (1.000 to 1.000) | 4 |" in capsys.readouterr().out


def test_masks_are_taken_where_the_square_lies(ham: Path) -> None:
    whole, cut, small = (outline_of(row) for row in read_rows(ham)[:3])
    assert whole.shape == (150, 150)
    assert whole[75, 75]
    assert not whole[75, 10]
    assert [cut_truth(o) for o in (whole, cut, small)] == [0, 1, 0]
    assert [small_truth(o) for o in (whole, cut, small)] == [0, 0, 1]


def test_what_lies_between_counts_on_neither_side() -> None:
    outline = np.zeros((150, 150), np.bool_)
    outline[60:82, 60:100] = True
    assert small_truth(outline) is None
    outline[60:82, 0] = True
    assert cut_truth(outline) is None


def test_limits_of_scores_come_from_the_training_side(milk: Path) -> None:
    rows = read_rows(milk)
    column = MONET["ink"]
    marks = score_truth(rows, column)
    train = np.array([float(row.columns[column]) for row in rows if row.split == "train"])
    for row, mark in zip(rows, marks, strict=True):
        score = float(row.columns[column])
        assert (mark == 1) == (score >= np.quantile(train, 0.9))
        assert (mark == 0) == (score <= np.quantile(train, 0.25))


def test_only_the_training_side_is_thinned(ham: Path) -> None:
    splits = [row.split for row in thinned(read_rows(ham), 4)]
    assert (splits.count("train"), splits.count("val"), splits.count("test")) == (3, 6, 6)


def test_a_missing_column_or_mask_is_named(ham: Path, milk: Path) -> None:
    with pytest.raises(DatasetError, match="MONET_hair"):
        read_rows(ham, ("MONET_hair",))
    with pytest.raises(DatasetError, match="M0_segmentation"):
        outline_of(read_rows(milk)[0])


def test_drawn_rings_are_measured_and_a_plain_picture_has_none() -> None:
    plain = np.full((224, 224, 3), 150, np.uint8)
    assert ring_widths(plain) == 0
    assert ring_widths(DAMAGES["bubbles"](plain, np.random.default_rng(2))) > 20


@pytest.mark.parametrize(
    ("change", "message"),
    [({"--every": "0"}, "every: expected 1"), ({"--data": "no.csv"}, "cannot be read")],
)
def test_wrong_use_ends_with_2_and_one_line(
    ham: Path, milk: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], change, message: str
) -> None:
    given = {"--data": str(ham), "--scores": str(milk), "--out": str(tmp_path / "o")} | change
    assert main(["quality", *(word for pair in given.items() for word in pair)]) == 2
    errors = capfd.readouterr().err
    assert message in errors
    assert errors.count("\n") == 1
