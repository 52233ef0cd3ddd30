"""Quality, faithfulness and spread in the second CSV of `lesionviewer classify`."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.decoded import DecodeRequest
from lesionviewer.core.quality.measure import measure_square
from lesionviewer.core.quality_columns import SHOWN
from lesionviewer.engine.doubt.spread import spread
from lesionviewer.engine.explain.faithfulness import faithfulness
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier

CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


@pytest.fixture
def details(classify: Callable, tmp_path: Path) -> Callable[..., list[dict[str, str]]]:
    """Run the command with --details and read that file back."""

    def run(*words: object) -> list[dict[str, str]]:
        file = tmp_path / "details.csv"
        assert classify(*words, "--details", file).status in (0, 1)
        with file.open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))

    return run


def test_quality_is_always_there(details: Callable, samples: list[Path]) -> None:
    row = details(samples[0])[0]
    assert set(row["quality_flags"].split("+")) - {""} <= {rule.key for rule in SHOWN}
    flagged = {rule.key for rule in SHOWN if rule.flags(float(row[f"quality_{rule.key}"]))}
    assert set(row["quality_flags"].split("+")) - {""} == flagged
    assert not any(name.startswith(("faithfulness", "spread")) for name in row)


def test_the_figures_are_those_of_the_engine(
    details: Callable, samples: list[Path], tiny_bundle: Path
) -> None:
    rows = details(*samples[:3], "--faithfulness", "--spread")
    classifier = OpenVinoClassifier(open_bundle(tiny_bundle))
    with DecodePool(1) as pool:
        for row, sample in zip(rows, samples, strict=False):
            decoded = pool.submit(DecodeRequest(path=sample, input_px=224)).result()
            square = decoded.model_input
            raw = classifier.predict(square[None])
            top = int(raw.logits[0].argmax())
            test = faithfulness(classifier, square, raw.activation_maps[0][..., top], top)
            turned = spread(classifier, square)
            assert float(row["faithfulness"]) == pytest.approx(test.area, abs=2e-6)
            assert row["faithfulness_beats_all"] == ("yes" if test.beats_all else "no")
            assert int(row["spread_agreeing"]) == turned.agreeing
            for place, code in enumerate(CODES):
                for word, value in (("mean", turned.mean), ("sd", turned.deviation)):
                    cell = float(row[f"spread_{word}_{code}"])
                    assert cell == pytest.approx(value[place], abs=2e-6)
            quality = measure_square(square, decoded.region.side)
            assert float(row["quality_blur"]) == pytest.approx(
                quality.figure("blur").value, abs=2e-6
            )
    classifier.close()


def test_the_probabilities_over_flips_sum_to_one(details: Callable, samples: list[Path]) -> None:
    row = details(samples[0], "--spread")[0]
    assert sum(float(row[f"spread_mean_{code}"]) for code in CODES) == pytest.approx(1, abs=1e-5)
    assert "faithfulness" not in row


def test_a_broken_file_has_none_of_them(details: Callable, picture, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png", spot=(20, 20))
    (tmp_path / "in" / "b.jpg").write_bytes(b"no picture")
    rows = details(tmp_path / "in", "--faithfulness", "--spread")
    filled = {name for name, cell in rows[1].items() if cell}
    assert filled == {"path", "sha256", "status", "bundle"}
    assert float(rows[0]["faithfulness"]) > 0


def test_a_map_that_does_worse_than_chance_keeps_its_minus(
    details: Callable, picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hottest_last(classifier, square, heat, diagnosis):
        return faithfulness(classifier, square, -heat, diagnosis)

    monkeypatch.setattr("lesionviewer.cli.further_details.faithfulness", hottest_last)
    file = picture(tmp_path / "a.png", width=60, height=60, spot=(30, 30), spot_px=12)
    cell = details(file, "--faithfulness")[0]["faithfulness"]
    assert cell.startswith("-0.")
    assert np.isfinite(float(cell))


def test_the_first_csv_is_byte_for_byte_the_same(
    classify: Callable, details: Callable, samples: list[Path], tmp_path: Path
) -> None:
    classify(*samples[:2])
    alone = (tmp_path / "out.csv").read_bytes()
    details(*samples[:2], "--faithfulness", "--spread")
    assert (tmp_path / "out.csv").read_bytes() == alone


@pytest.mark.parametrize("option", ["--faithfulness", "--spread"])
def test_without_a_second_file_they_are_refused(classify: Callable, picture, tmp_path, option):
    result = classify(picture(tmp_path / "a.png"), option)
    assert result.status == 2
    assert "--details" in result.err
