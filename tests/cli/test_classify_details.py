"""The second CSV of `lesionviewer classify`."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from lesionviewer.cli import classify as classify_module
from lesionviewer.cli.classify import main
from lesionviewer.cli.details import DETAILS, detail_columns, detail_row
from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.decoded import DecodeFailure
from lesionviewer.core.files import FoundImage
from lesionviewer.core.quality_columns import SHOWN
from lesionviewer.engine.doubt.doubts import Doubts
from lesionviewer.engine.pipeline import Outcome

COLUMNS = [
    *("path", "sha256", "status", "entropy", "conformal_set_90", "conformal_set_95"),
    *("ood_score", "ood_flag"),
    *(
        f"nearest_{number}{part}"
        for number in range(1, 6)
        for part in ("", "_diagnosis", "_similarity")
    ),
    "quality_flags",
    *(f"quality_{rule.key}" for rule in SHOWN),
    "bundle",
]


@pytest.fixture
def detailed(classify: Callable, tmp_path: Path) -> Callable[..., tuple]:
    """Run the command with --details and read both files back."""

    def run(*words: object, **options: object) -> tuple:
        details = tmp_path / "details.csv"
        result = classify(*words, "--details", details, **options)
        if not details.exists():
            return result, []
        with details.open(encoding="utf-8", newline="") as file:
            return result, list(csv.DictReader(file))

    return run


def test_every_image_gets_a_row_of_details_in_the_same_order(
    detailed, doubtful_bundle: Path, samples: list[Path]
) -> None:
    result, rows = detailed(samples[0].parent, bundle=doubtful_bundle)
    assert result.status == 0
    assert list(rows[0]) == COLUMNS
    for row, main_row, sample in zip(rows, result.rows, samples, strict=True):
        for name in ("path", "sha256", "status", "bundle"):
            assert row[name] == main_row[name]
        smaller, larger = (row[f"conformal_set_{level}"].split("+") for level in (90, 95))
        assert smaller[0] == larger[0] == main_row["diagnosis"]
        assert set(smaller) <= set(larger)
        assert 0 <= float(row["entropy"]) <= 1
        assert row["ood_flag"] == ("yes" if float(row["ood_score"]) > 1 else "no")
        assert row["nearest_1"] == sample.stem
        similarities = [float(row[f"nearest_{number}_similarity"]) for number in range(1, 6)]
        assert similarities == sorted(similarities, reverse=True)


def test_the_first_csv_is_byte_for_byte_the_same(
    classify, detailed, doubtful_bundle: Path, samples: list[Path], tmp_path: Path
) -> None:
    classify(*samples[:3], bundle=doubtful_bundle)
    alone = (tmp_path / "out.csv").read_bytes()
    detailed(*samples[:3], bundle=doubtful_bundle)
    assert (tmp_path / "out.csv").read_bytes() == alone


def test_a_bundle_without_these_parts_leaves_their_cells_empty(
    detailed, samples: list[Path]
) -> None:
    result, rows = detailed(samples[0])
    assert result.status == 0
    assert rows[0].pop("entropy")
    filled = {name for name, cell in rows[0].items() if cell and "quality" not in name}
    assert filled == {"path", "sha256", "status", "bundle"}


def test_a_broken_file_has_a_row_without_details(
    detailed, doubtful_bundle: Path, picture, tmp_path: Path
) -> None:
    picture(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "b.jpg").write_bytes(b"no picture")
    result, rows = detailed(tmp_path / "in", bundle=doubtful_bundle)
    assert result.status == 1
    assert [row["status"] for row in rows] == ["ok", "error"]
    filled = {name for name, cell in rows[1].items() if cell}
    assert filled == {"path", "sha256", "status", "bundle"}


def test_a_cell_that_a_spreadsheet_would_run_is_quoted_there_too(
    detailed, picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture(tmp_path / "=1+1.png")
    monkeypatch.chdir(tmp_path)
    assert detailed("=1+1.png")[1][0]["path"] == "'=1+1.png"


def test_ctrl_c_leaves_neither_file(
    detailed, picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_, **__):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(classify_module, "classify_files", interrupted)
    assert detailed(picture(tmp_path / "a.png"))[0].status == 130
    assert list(tmp_path.glob("*.csv*")) + list(tmp_path.glob(".*.csv*")) == []


@pytest.mark.parametrize(
    ("details", "line"),
    [
        ("{image}", "--details"),
        ("{out}", "give each a file of its own"),
        ("{empty}/no/details.csv", "Cannot write"),
        ("{empty}", "is a folder"),
    ],
)
def test_a_place_that_cannot_be_written_does_nothing(
    picture, tiny_bundle: Path, tmp_path: Path, capsys, details: str, line: str
) -> None:
    image, empty, out = picture(tmp_path / "a.png"), tmp_path / "empty", tmp_path / "out.csv"
    empty.mkdir()
    place = details.format(image=image, empty=empty, out=out)
    words = [str(image), "--out", str(out), "--details", place, "--bundle", str(tiny_bundle)]
    assert main(words) == 2
    captured = capsys.readouterr().err
    assert line in captured
    assert captured.count("\n") == 1
    assert list(tmp_path.rglob("*.csv*")) == []


def test_further_columns_stand_before_the_bundle(tiny_bundle: Path) -> None:
    more = (*DETAILS, ("sharpness", lambda item: item.card.id))
    card = open_bundle(tiny_bundle).card
    assert detail_columns(more)[-2:] == ["sharpness", "bundle"]
    outcome = Outcome(
        FoundImage(Path("x"), "x", "x"),
        DecodeFailure(path=Path("x"), sha256="", reason="no picture"),
        None,
    )
    row = detail_row(outcome, card, Doubts(), details=more)
    assert len(row) == len(detail_columns(more))
