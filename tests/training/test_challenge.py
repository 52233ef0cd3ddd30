"""Two bundles on the same images: by how much one is better, and which images changed sides."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from bundles import make_tiny_bundle, seal
from safetensors.numpy import save_file
from small_data import write_image

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from training.__main__ import main
from training.challenge import challenge
from training.evaluation import EvaluationOptions

BRIGHT, DARK = (220, 210, 200), (20, 15, 10)
"""The tiny bundle takes bright pictures for melanomas and dark ones for naevi."""


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_bundle(tmp_path_factory.mktemp("models") / "champion")


@pytest.fixture(scope="module")
def challenger(champion: Path) -> Path:
    """A model of the same diagnoses in another order, that takes melanomas for naevi."""
    folder = make_tiny_bundle(
        champion.with_name("challenger"), diagnoses=tuple(reversed(HAM10000_DIAGNOSES))
    )
    card = json.loads((folder / "card.json").read_text("utf-8"))
    places = {d["code"]: n for n, d in enumerate(card["diagnoses"])}
    mel, nv = places["mel"], places["nv"]
    listed = card["diagnoses"]
    listed[mel], listed[nv] = listed[nv], listed[mel]
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Melanomas and naevi of which the champion knows all but one each."""
    root = tmp_path_factory.mktemp("data")
    for split, count in (("train", 2), ("val", 2), ("test", 6)):
        for number in range(count):
            colours = {"mel": BRIGHT, "nv": DARK}
            if number == 5:
                colours = {"mel": DARK, "nv": BRIGHT}
            for code, colour in colours.items():
                seed = 100 * number + len(split)
                write_image(root / split / code / f"{code}{number}.png", colour, seed=seed)
    return root


def test_the_difference_is_told_in_all_and_by_diagnosis(
    champion: Path, challenger: Path, data: Path
):
    report = challenge(champion, challenger, EvaluationOptions(data=data))
    assert (report["images"], report["split"]) == (12, "test")
    assert report["champion"]["bundle_digest"] == open_bundle(champion).digest
    assert report["challenger"]["engine"].startswith("openvino")
    found = report["figures"]["balanced_accuracy"]
    assert (found["champion"], found["challenger"]) == (
        pytest.approx(5 / 6, abs=1e-6),
        pytest.approx(1 / 6, abs=1e-6),
    )
    assert found["difference"] == pytest.approx(-2 / 3, abs=1e-6)
    assert found["interval"][1] < 0
    recall = report["by_diagnosis"]["mel"]["recall"]
    assert recall["difference"] == pytest.approx(-2 / 3, abs=1e-6)
    assert recall["interval"][0] <= recall["difference"] <= recall["interval"][1] <= 0
    assert report["by_diagnosis"]["mel"]["images"] == 6
    absent = report["by_diagnosis"]["bcc"]
    assert (absent["images"], absent["recall"]["difference"]) == (0, None)


def test_images_that_changed_sides_are_listed_the_lost_ones_first(
    champion: Path, challenger: Path, data: Path
):
    changed = challenge(champion, challenger, EvaluationOptions(data=data))["changed"]
    assert [image["became"] for image in changed] == ["wrong"] * 10 + ["right"] * 2
    for image in changed:
        assert Path(image["image"]).is_file()
        right = image["champion"] == image["truth"]
        assert right == (image["became"] == "wrong")
        assert {image["champion"], image["challenger"]} == {"mel", "nv"}


def test_a_model_does_not_differ_from_itself(champion: Path, data: Path):
    report = challenge(champion, champion, EvaluationOptions(data=data, split="all"))
    assert report["changed"] == []
    assert report["images"] == 20
    assert report["figures"]["macro_auc"]["interval"] == [0.0, 0.0]


def test_what_one_of_the_two_was_trained_on_is_left_out_for_both(
    champion: Path, challenger: Path, data: Path, tmp_path: Path
):
    import hashlib

    trained = shutil.copytree(champion, tmp_path / "trained")
    picture = data / "test" / "mel" / "mel0.png"
    seen = int(hashlib.sha256(picture.read_bytes()).hexdigest()[:16], 16)
    arrays = {"train": np.array([seen], np.uint64), "val": np.array([], np.uint64)}
    save_file(arrays, trained / "seen.safetensors")
    seal(trained, open_bundle(champion).card)
    for pair in ((trained, challenger), (challenger, trained)):
        report = challenge(*pair, EvaluationOptions(data=data))
        assert report["images"] == 11
        assert report["left_out"] == ["mel0.png: the model was trained on it"]


def test_the_command_writes_the_file_and_says_who_is_better(
    champion: Path, challenger: Path, data: Path, tmp_path: Path, capfd
):
    out = tmp_path / "comparison.json"
    words = ["compare", "--champion", str(champion), "--challenger", str(challenger)]
    assert main([*words, "--data", str(data), "--split", "test", "--out", str(out)]) == 0
    report = json.loads(out.read_text("utf-8"))
    assert {"champion", "challenger", "figures", "by_diagnosis", "changed"} <= report.keys()
    assert "excludes 0: the champion is better" in capfd.readouterr().out


def test_models_of_other_diagnoses_are_refused(champion: Path, data: Path, tmp_path: Path, capfd):
    other = make_tiny_bundle(tmp_path / "other", diagnoses=HAM10000_DIAGNOSES[:5])
    words = ["compare", "--champion", str(champion), "--challenger", str(other)]
    assert main([*words, "--data", str(data), "--out", str(tmp_path / "c.json")]) == 2
    assert "only models of the same diagnoses" in capfd.readouterr().err
    assert not (tmp_path / "c.json").exists()


@pytest.mark.parametrize(
    "words",
    [[], ["--champion", "a"], ["--champion", "a", "--challenger", "b"], ["--first", "a"]],
    ids=len,
)
def test_half_a_comparison_is_refused_with_what_is_needed(words: list[str], capfd):
    assert main(["compare", *words]) == 2
    assert "give --champion, --challenger, --data and --out" in capfd.readouterr().err
