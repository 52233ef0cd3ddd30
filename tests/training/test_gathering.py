import csv
from pathlib import Path

import pytest
from PIL import Image

from lesionviewer.core.assets import samples_dir
from training.__main__ import main


@pytest.fixture
def leaking_set(tmp_path: Path) -> Path:
    """Eight CC0 pictures of two diagnoses, of which a mirrored one stands in val and in train."""
    folder = tmp_path / "set" / "images"
    folder.mkdir(parents=True)
    rows = []
    for number, path in enumerate(sorted(samples_dir().glob("*.jpg"))[:8]):
        Image.open(path).convert("RGB").save(folder / f"p{number}.png")
        split = "val" if number in (0, 1) else "train"
        rows.append([f"p{number}", ("mel", "nv")[number % 2], f"lesion{number}", split])
    turned = Image.open(folder / "p0.png").transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turned.resize([edge * 3 // 4 for edge in turned.size]).save(folder / "copy.png")
    rows.append(["copy", "mel", "another lesion", "train"])
    with (tmp_path / "set" / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["image_id", "dx", "lesion_id", "split"], *rows])
    return tmp_path / "set" / "metadata.csv"


def test_a_run_leaves_out_and_lists_a_training_image_that_val_shows_too(
    leaking_set: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    words = f"train --data {leaking_set} --out {run} --backbone tiny_cnn --init none"
    assert main([*words.split(), "--epochs", "1", "--bundle", "none"]) == 0

    with (run / "images.csv").open(encoding="utf-8", newline="") as file:
        used = {Path(row["path"]).name: row["split"] for row in csv.DictReader(file)}
    assert "copy.png" not in used
    assert used["p0.png"] == "val"
    assert len(used) == 8
    assert "copy.png" in (run / "skipped.txt").read_text("utf-8")
    assert main(["train", "--resume", str(run)]) == 0
