import csv
from pathlib import Path

import numpy as np
import pytest

from lesionviewer.core.errors import DatasetError
from training.__main__ import main
from training.compare import compare, in_sentences

CODES = ("mel", "nv")


def write_predictions(
    folder: Path, truth: np.ndarray, shares: np.ndarray, *, first: int = 0, codes=CODES
) -> Path:
    folder.mkdir(parents=True)
    with (folder / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "lesion", "truth", "diagnosis", *(f"p_{c}" for c in codes)])
        for row, (t, p) in enumerate(zip(truth, shares, strict=True), start=first):
            top = codes[int(p.argmax())]
            writer.writerow([f"{row}.jpg", f"L{row // 2}", codes[t], top, *p])
    return folder


def classifier(truth: np.ndarray, right: float, *, seed: int) -> np.ndarray:
    """Probabilities of two diagnoses, right as often as said."""
    rng = np.random.default_rng(seed)
    sure = np.where(rng.random(len(truth)) < right, 0.5, 0) + rng.uniform(0, 0.5, len(truth))
    return np.where(truth[:, None] == [0, 1], sure[:, None], 1 - sure[:, None])


TRUTH = np.arange(400) % 2


def test_a_classifier_does_not_differ_from_itself(tmp_path: Path):
    shares = classifier(TRUTH, 0.8, seed=0)
    folders = [write_predictions(tmp_path / name, TRUTH, shares) for name in "ab"]
    report = compare(folders[:1], folders[1:], draws=100)
    for found in report["figures"].values():
        assert (found["difference"], found["interval"]) == (0.0, [0.0, 0.0])
    assert in_sentences(report).count("does not exclude 0") == 3


def test_a_clearly_better_one_is_called_so(tmp_path: Path, capfd):
    worse = write_predictions(tmp_path / "a", TRUTH, classifier(TRUTH, 0.6, seed=1))
    better = write_predictions(tmp_path / "b", TRUTH, classifier(TRUTH, 0.9, seed=2))
    assert main(["compare", "--first", str(worse), "--second", str(better)]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith("400 images of 200 lesions, 95 %, paired")
    assert [line.split(":")[0] for line in lines[1:]] == [
        *("balanced accuracy", "macro AUC", "melanoma recall")
    ]
    assert all("excludes 0: the second is better" in line for line in lines[1:])
    assert "excludes 0: the first is better" in in_sentences(compare([better], [worse], draws=100))


def test_pairing_sees_what_two_intervals_apart_would_not(tmp_path: Path):
    shares = classifier(TRUTH, 0.7, seed=3)
    wrong = np.flatnonzero(shares.argmax(axis=1) != TRUTH)[:30]
    mended = shares.copy()
    mended[wrong] = shares[wrong][:, ::-1]
    a, b = (write_predictions(tmp_path / n, TRUTH, s) for n, s in (("a", shares), ("b", mended)))
    found = compare([a], [b], draws=300)["figures"]["balanced_accuracy"]
    assert found["difference"] == pytest.approx(30 / 400)
    assert 0 < found["interval"][0] < found["interval"][1] < 0.13


def test_several_folders_are_taken_together_in_any_order(tmp_path: Path):
    one, other = classifier(TRUTH, 0.7, seed=4), classifier(TRUTH, 0.8, seed=5)
    whole = [write_predictions(tmp_path / n, TRUTH, s) for n, s in (("a", one), ("b", other))]
    parts = [
        [
            write_predictions(tmp_path / f"{n}{at}", TRUTH[at:][:200], s[at:][:200], first=at)
            for at in order
        ]
        for n, s, order in (("a", one, (0, 200)), ("b", other, (200, 0)))
    ]
    together, expected = compare(*parts, draws=100), compare(whole[:1], whole[1:], draws=100)
    assert together == expected


def test_other_images_or_diagnoses_cannot_be_compared(tmp_path: Path):
    shares = classifier(TRUTH, 0.7, seed=6)
    whole = write_predictions(tmp_path / "whole", TRUTH, shares)
    part = write_predictions(tmp_path / "part", TRUTH[:300], shares[:300])
    others = write_predictions(tmp_path / "others", TRUTH, shares, codes=("bcc", "nv"))
    with pytest.raises(DatasetError, match="100 stand on one side only"):
        compare([whole], [part])
    with pytest.raises(DatasetError, match="only the same diagnoses"):
        compare([whole], [others])
    with pytest.raises(DatasetError, match="stands there twice"):
        compare([whole, part], [whole])
    with pytest.raises(DatasetError, match=r"holds no predictions\. Evaluate first"):
        compare([tmp_path], [whole])
