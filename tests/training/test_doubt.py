"""What a bundle can be doubted by: fitted, chosen and measured."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from bundles import make_tiny_bundle
from doubting import CODES, doubtful_bundle, sample_data
from small_data import make_csv_set, write_image

from lesionviewer.core.bundle import open_bundle
from lesionviewer.engine.doubt.conformal import read_conformal
from lesionviewer.engine.doubt.doubts import read_doubts
from lesionviewer.engine.doubt.library import ReferenceImage, ReferenceLibrary
from lesionviewer.engine.doubt.nearest import NearestRows
from lesionviewer.engine.doubt.operating import OperatingCurve
from lesionviewer.engine.doubt.reading import read_reduction, read_spread
from lesionviewer.engine.doubt.reduction import Reduction, to_unit
from training.__main__ import main
from training.config import TrainingConfig
from training.datasets import LabelledImage
from training.doubt.cases import precision_at_5
from training.doubt.drawings import screen
from training.doubt.fit import add_doubt
from training.doubt.gather import gathered_data
from training.doubt.measured import Measured
from training.doubt.outliers import outlier_sets
from training.doubt.reference import fit_spread, pack_library
from training.doubt.scores import Candidates, auroc, ceil_to_six, choose_score, report_scores
from training.doubt.sets import coverage, exact_interval, fit_sets
from training.doubt.thresholds import operating_arrays
from training.operating import curve

__all__ = ["doubtful_bundle"]
WIDTH = 40


def labelled(count: int, truth: np.ndarray, codes=("a", "b", "c")) -> tuple[LabelledImage, ...]:
    return tuple(
        LabelledImage(Path("set") / f"{number}.jpg", codes[truth[number]], str(number // 2))
        for number in range(count)
    )


def made_up(rng: np.random.Generator, count: int, *, away: float = 0.0) -> Measured:
    """Images of three diagnoses, in few of many directions; `away` moves them into another one."""
    truth = rng.integers(0, 3, count)
    embedding = rng.normal(0, 0.02, (count, WIDTH))
    embedding[:, :4] += rng.normal(0, 0.3, (count, 4))
    embedding[np.arange(count), 5 + truth] += 3
    embedding[:, 20] += away
    logits = np.eye(3)[truth] * 4 + rng.normal(0, 1, (count, 3))
    return Measured(logits.astype(np.float32), embedding.astype(np.float32), labelled(count, truth))


@pytest.fixture(scope="module")
def candidates() -> Candidates:
    train = made_up(np.random.default_rng(1), 600)
    arrays = fit_spread(train.embedding, train.truth("abc"), 3)
    reduction = read_reduction(arrays)
    library = NearestRows(reduction.reduce(train.embedding))
    return Candidates(read_spread(arrays), library, train)


def test_the_spread_is_the_pooled_covariance_within_diagnoses():
    rng = np.random.default_rng(2)
    scale = np.linspace(1, 3, 6)
    groups = np.repeat([0, 1], 4000)
    embedding = rng.normal(0, 0.001, (8000, 6)) * scale
    embedding[:, 0] += 1
    embedding[groups == 1, 1] += 0.5
    arrays = fit_spread(embedding.astype(np.float32), groups, 2)
    unit = to_unit(embedding)
    apart = unit - np.stack([unit[groups == group].mean(axis=0) for group in (0, 1)])[groups]
    expected = np.sort(np.linalg.eigvalsh(apart.T @ apart / 8000))[::-1]
    assert arrays["variances"][:5] == pytest.approx(expected[:5], rel=0.01)
    directions = arrays["directions"].astype(np.float32)
    assert directions @ directions.T == pytest.approx(np.eye(5), abs=2e-3)


def test_the_score_that_finds_the_outliers_is_chosen(candidates: Candidates):
    rng = np.random.default_rng(3)
    val = made_up(rng, 300)
    far = made_up(rng, 200, away=1.0)
    rule, entry = choose_score(candidates, val, {"moved": far})
    assert rule.score == "mahalanobis"
    # The logits know nothing of the direction that the outliers moved in.
    assert entry["choosing_auroc"]["mahalanobis"]["moved"] > 0.99
    assert abs(entry["choosing_auroc"]["energy"]["moved"] - 0.5) < 0.15
    report = report_scores(
        candidates, rule, {"val": val, "test": made_up(rng, 300)}, {"moved": far}
    )
    assert report["auroc_against_test"]["moved"] > 0.99
    assert report["flagged"]["moved"] > 0.9


def test_a_score_of_the_logits_is_chosen_where_only_they_tell(candidates: Candidates):
    rng = np.random.default_rng(4)
    val, unsure = made_up(rng, 300), made_up(rng, 200)
    unsure = Measured(np.zeros_like(unsure.logits), unsure.embedding)
    assert choose_score(candidates, val, {"unsure": unsure})[0].score in ("energy", "max logit")


def test_the_threshold_keeps_its_share_of_val_and_of_the_sets_own_val(candidates: Candidates):
    rng = np.random.default_rng(5)
    usual, odd = made_up(rng, 200), made_up(rng, 100, away=0.2)
    val = Measured(
        np.concatenate([usual.logits, odd.logits]),
        np.concatenate([usual.embedding, odd.embedding]),
        usual.images + odd.images,
    )
    own = np.arange(300) >= 200
    for marks in (None, own):
        rule, entry = choose_score(candidates, val, {}, own_val=marks)
        flagged = rule.outlyingness(val.logits, val.embedding) > 1
        assert entry["kept"] == pytest.approx(1 - flagged.mean(), abs=1e-6)
        assert flagged.mean() <= 0.05
    assert flagged[own].mean() <= 0.05


def test_a_threshold_is_rounded_upwards():
    assert ceil_to_six(123.4567) == 123.457
    assert ceil_to_six(0.0012345601) == 0.00123457
    assert ceil_to_six(2.0) == 2.0


def test_the_area_counts_pairs_and_ties_half():
    assert auroc(np.array([1.0, 2.0]), np.array([2.0, 3.0])) == pytest.approx(3.5 / 4)


def test_precision_at_5_is_that_of_known_neighbours():
    rng = np.random.default_rng(6)
    reduction = Reduction(np.zeros(3, np.float32), np.eye(3, dtype=np.float32))
    directions = np.eye(3, dtype=np.float32)
    known = np.repeat([0, 1, 2], 20)
    vectors = directions[known] + rng.normal(0, 0.01, (60, 3)).astype(np.float32)
    # Of diagnosis c, four in five references lie among those of b.
    vectors[44:] = directions[1] + rng.normal(0, 0.01, (16, 3))
    images = [ReferenceImage(str(n), "abc"[code]) for n, code in enumerate(known)]
    library = ReferenceLibrary(images, reduction.reduce(vectors))
    truth = np.repeat([0, 2], 10)
    queries = Measured(np.zeros((20, 3), np.float32), directions[truth], labelled(20, truth))
    found = precision_at_5(library, reduction, queries, "abc")
    assert found["by_diagnosis"] == {"a": 1.0, "c": pytest.approx(0.8)}
    assert found["precision_at_5"] == found["mean_over_diagnoses"] == pytest.approx(0.9)
    assert found["interval"][0] < 0.9 < found["interval"][1]
    assert found["by_chance"] == pytest.approx(1 / 3, abs=1e-6)


def test_a_library_that_would_grow_too_large_is_thinned_out(monkeypatch):
    monkeypatch.setattr("training.doubt.reference.LIBRARY_BYTES", 20 * (3 + 32))
    reduction = Reduction(np.zeros(3, np.float32), np.eye(3, dtype=np.float32))
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 3, 50)
    arrays, said = pack_library(
        rng.normal(size=(50, 3)).astype(np.float32),
        labelled(50, truth),
        reduction,
        "abc",
        {"set": "mine"},
    )
    assert said["images"] == len(arrays["library"]) == 20
    assert said["sources"] == ["mine"]


def test_coverage_is_counted_with_exact_intervals():
    truth = np.array([0, 0, 1, 1])
    shares = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]], np.float32)
    levels = {
        level: {code: {"least": 0.35, "images": 9, "guaranteed": 0.9} for code in "ab"}
        for level in ("90", "95")
    }
    sets = read_conformal({"levels": levels}, "ab")
    assert sets is not None
    found = coverage(sets, shares, truth, "ab", 90)
    assert (found["covered"], found["mean_size"], found["of_one"]) == (1.0, 1.25, 0.75)
    # Zero misses in two: the lower end is the square root of 0.025.
    assert found["by_diagnosis"]["a"]["interval"] == [pytest.approx(0.025**0.5, abs=1e-6), 1.0]
    assert exact_interval(0, 2) == [0.0, pytest.approx(1 - 0.025**0.5, abs=1e-6)]


def test_thresholds_in_the_card_let_in_the_images_they_were_taken_from():
    rng = np.random.default_rng(8)
    truth = np.repeat([0, 1, 2], [40, 40, 6])
    shares = rng.dirichlet([1, 1, 1], len(truth)).astype(np.float32)
    entry = fit_sets({"val": (shares, truth), "test": (shares, truth)}, "abc")
    found = entry["coverage"]["test"]["95"]["by_diagnosis"]
    assert found["c"]["covered"] == 1.0
    assert all(side["covered"] >= 0.95 for side in found.values())
    assert entry["levels"]["95"]["c"]["guaranteed"] == pytest.approx(6 / 7, abs=1e-6)


def test_the_operating_curve_is_that_of_the_evaluation():
    rng = np.random.default_rng(9)
    shares = rng.dirichlet([1, 1, 1], 300).astype(np.float32)
    truth = rng.integers(0, 3, 300)
    arrays = operating_arrays(shares, truth, "abc", "ac")
    points = OperatingCurve(arrays["operating_malignant"], arrays["operating_others"])
    scores = np.floor(shares[:, [0, 2]].astype(np.float64).sum(axis=1) * 1e6) / 1e6
    thresholds = np.array([0.0, 0.25, 0.5, float(scores[7]), 1.0])
    sensitivity, specificity = curve(truth != 1, scores, thresholds)
    for number, threshold in enumerate(thresholds):
        point = points.at(threshold)
        assert point.sensitivity.value == pytest.approx(sensitivity[number])
        assert point.specificity.value == pytest.approx(specificity[number])
        assert point.flagged == (scores >= threshold).sum()
    assert not len(operating_arrays(shares, truth, "abc", ())["operating_malignant"])


def test_outliers_are_the_same_every_time_and_in_two_halves(tmp_path: Path):
    for number in range(6):
        write_image(tmp_path / "odd" / f"{number}.jpg", (10, 200, 30), seed=number)
    sets = outlier_sets(96, {"odd": tmp_path / "odd"})
    assert {"textures", "noise", "drawn screens", "everyday", "odd"} <= set(sets)
    again = outlier_sets(96, {"odd": tmp_path / "odd"})
    for name, some in sets.items():
        assert some.choosing
        assert some.reporting
        for square in (*some.choosing, *some.reporting):
            assert (square.shape, square.dtype) == ((96, 96, 3), np.uint8)
        assert all(map(np.array_equal, some.reporting, again[name].reporting))
        shown = {square.tobytes() for square in some.choosing}
        assert not name.startswith("odd") or not shown & {s.tobytes() for s in some.reporting}


def test_a_bundle_gets_everything_and_stays_small(doubtful_bundle: Path, samples: list[Path]):
    bundle = open_bundle(doubtful_bundle)
    doubts = read_doubts(bundle)
    assert doubts.library is not None
    assert {(image.id, image.confirmation, image.source) for image in doubts.library.images} == {
        (path.stem, "histo", "samples") for path in samples
    }
    assert bundle.card.similar_cases["retrieval"]["test"]["images"] == len(samples)
    assert set(bundle.card.calibration["conformal"]["coverage"]) == {"test"}
    assert bundle.card.out_of_distribution["kept"] >= 0.95
    assert str(samples[0].parent) not in bundle.card.to_json()


def test_fitting_anew_gives_the_same_bundle(
    doubtful_bundle: Path, samples: list[Path], tmp_path: Path
):
    copy = Path(shutil.copytree(doubtful_bundle, tmp_path / doubtful_bundle.name))
    add_doubt(copy, sample_data(samples))
    for name in ("card.json", "reference.safetensors"):
        assert (copy / name).read_bytes() == (doubtful_bundle / name).read_bytes()


def test_data_without_a_test_side_or_malignant_diagnoses_is_enough(
    samples: list[Path], tmp_path: Path
):
    folder = make_tiny_bundle(tmp_path / "tiny")
    data = sample_data(samples[:8])
    card = add_doubt(
        folder,
        type(data)(
            train=data.train,
            sides={"val": data.sides["val"]},
            own_val=data.own_val,
            sources=data.sources,
        ),
    )
    assert card.similar_cases["retrieval"] == {}
    assert read_doubts(open_bundle(folder)).operating is None


def csv_data(folder: Path) -> Path:
    rows = [
        {
            "image_id": f"I{number}",
            "dx": "" if number == 20 else "scar" if number == 21 else CODES[number % 7],
            "lesion_id": f"L{number}",
            "split": ("train", "val", "test")[number % 3],
            "dx_type": "histo",
        }
        for number in range(22)
    ]
    return make_csv_set(folder, rows)


def test_images_without_a_known_diagnosis_are_found_and_measured_apart(tmp_path: Path):
    data = csv_data(tmp_path / "mine")
    bundle = open_bundle(make_tiny_bundle(tmp_path / "tiny"))
    found = gathered_data(TrainingConfig(data=data), bundle.card, {})
    assert [path.stem for path in found.unknown["mine"]] == ["I20", "I21"]


def test_the_command_fits_a_bundle_and_writes_its_page(tmp_path: Path, capfd):
    bundle = make_tiny_bundle(tmp_path / "tiny")
    text = csv_data(tmp_path / "mine").read_text("utf-8").replace("scar", "nv")
    data = tmp_path / "mine" / "metadata.csv"
    data.write_text(text, "utf-8")
    write_image(tmp_path / "odd" / "1.jpg", (10, 200, 30), seed=1)
    write_image(tmp_path / "odd" / "2.jpg", (10, 20, 230), seed=2)
    page = tmp_path / "doubt.md"
    page.write_text(
        "Before\n<!-- from the card: doubt -->\noutdated\n<!-- end -->\nAfter\n", "utf-8"
    )
    words = ["doubt", "--bundle", str(bundle), "--page", str(page)]
    fit = ["--data", str(data), "--outliers", f"odd={tmp_path / 'odd'}"]
    assert main([*words, *fit]) == 0
    written = page.read_text("utf-8")
    assert written.startswith("Before\n")
    assert written.endswith("\nAfter\n")
    assert "outdated" not in written
    assert "| odd |" in written
    assert main(words) == 0
    assert page.read_text("utf-8") == written
    flagged = open_bundle(bundle).card.out_of_distribution["flagged"]
    assert {"val", "test", "odd", "mine, other diagnoses"} <= set(flagged)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "say what to fit to"),
        (["--run", "{empty}"], "no run folder"),
        (["--run", "{empty}", "--data", "{empty}"], "not both"),
        (["--page", "{empty}/none.md"], "No such file"),
    ],
)
def test_the_command_says_what_is_missing(tmp_path: Path, capfd, words: list[str], line: str):
    bundle = make_tiny_bundle(tmp_path / "tiny")
    (tmp_path / "empty").mkdir()
    given = [word.format(empty=tmp_path / "empty") for word in words]
    assert main(["doubt", "--bundle", str(bundle), *given]) == 2
    assert line in capfd.readouterr().err


@pytest.mark.parametrize("size", [32, 75, 224])
def test_screens_are_drawn_for_every_size_of_input(size: int):
    rng = np.random.default_rng(0)
    for _ in range(5):
        picture = screen(rng, size)
        assert picture.shape == (size, size, 3)
        assert np.ptp(picture) > 40
