import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bundles import make_tiny_bundle

from lesionviewer.cli import classify as classify_module
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES, Diagnosis

CODES = ["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"]
PROBABILITIES = [f"p_{code}" for code in CODES]
COLUMNS = [
    *("path", "sha256", "status", "error", "diagnosis", "probability"),
    *PROBABILITIES,
    *("malignant_probability", "bundle", "engine"),
]


def paths(result) -> list[str]:
    return [row["path"] for row in result.rows]


def test_every_sample_gets_its_row(classify, samples: list[Path]) -> None:
    result = classify(samples[0].parent)
    assert result.status == 0
    assert result.err == ""
    assert list(result.rows[0]) == COLUMNS
    assert paths(result) == [str(sample) for sample in samples]
    for row, sample in zip(result.rows, samples, strict=True):
        assert row["sha256"] == hashlib.sha256(sample.read_bytes()).hexdigest()
        assert (row["status"], row["error"], row["bundle"]) == ("ok", "", "tiny")
        assert row["engine"] == "openvino-float"


def test_the_figures_fit_together(classify, samples: list[Path]) -> None:
    for row in classify(samples[0].parent).rows:
        figures = {name: float(row[name]) for name in PROBABILITIES}
        assert sum(figures.values()) == pytest.approx(1, abs=5e-6)
        best = max(figures, key=figures.__getitem__)
        assert row["diagnosis"] == best.removeprefix("p_")
        assert row["probability"] == row[best]
        malignant = figures["p_akiec"] + figures["p_bcc"] + figures["p_mel"]
        assert float(row["malignant_probability"]) == pytest.approx(malignant, abs=5e-6)
        assert all(len(row[name].partition(".")[2]) == 6 for name in PROBABILITIES)


def test_paths_are_the_arguments_joined_with_what_lies_below(
    classify, picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture(tmp_path / "in" / "sub" / "b.png")
    picture(tmp_path / "in" / "a.png")
    monkeypatch.chdir(tmp_path)
    assert paths(classify("in")) == [
        f"in{os.sep}a.png",
        f"in{os.sep}sub{os.sep}b.png",
    ]
    assert paths(classify("./in/a.png")) == ["./in/a.png"]
    assert paths(classify(".")) == [
        f".{os.sep}in{os.sep}a.png",
        f".{os.sep}in{os.sep}sub{os.sep}b.png",
    ]


def test_rows_come_in_natural_order_of_their_paths(classify, picture, tmp_path: Path) -> None:
    for name in ("b.png", "a10.png", "a2.png", "A3.png"):
        picture(tmp_path / "in" / name)
    result = classify(tmp_path / "in" / "b.png", tmp_path / "in")
    assert [Path(path).name for path in paths(result)] == ["a2.png", "A3.png", "a10.png", "b.png"]


def test_sub_folders_can_be_left_out(classify, picture, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png")
    picture(tmp_path / "in" / "sub" / "b.png")
    assert len(classify(tmp_path / "in", "--no-recursive").rows) == 1


def test_a_broken_file_gets_a_row_that_says_why(classify, picture, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "b.jpg").write_bytes(b"no picture\nat all")
    result = classify(tmp_path / "in")
    assert result.status == 1
    assert [row["status"] for row in result.rows] == ["ok", "error"]
    bad = result.rows[1]
    assert bad["sha256"] == hashlib.sha256(b"no picture\nat all").hexdigest()
    assert bad["error"]
    assert "\n" not in bad["error"]
    assert {bad[name] for name in [*PROBABILITIES, "diagnosis", "probability"]} == {""}


def test_a_named_file_always_gets_a_row(classify, picture, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("text", encoding="utf-8")
    picture(tmp_path / "odd.name", format="PNG")
    result = classify(tmp_path / "notes.txt", tmp_path / "missing.jpg", tmp_path / "odd.name")
    assert result.status == 1
    assert {Path(row["path"]).name: row["status"] for row in result.rows} == {
        "notes.txt": "error",
        "missing.jpg": "error",
        "odd.name": "ok",
    }


def test_a_cell_that_a_spreadsheet_would_run_is_quoted(
    classify, picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["=1+1.png", "+1.png", "@a.png"]
    for name in names:
        picture(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert sorted(paths(classify(*names))) == sorted(f"'{name}" for name in names)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such file names")
def test_a_name_that_is_no_text_gets_a_row(classify, picture, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "a.png").rename(os.fsdecode(os.fsencode(tmp_path) + b"/in/\xe9.png"))
    result = classify(tmp_path / "in", "--maps", tmp_path / "maps")
    assert result.status == 0
    assert paths(result)[0].endswith("\\udce9.png")


def test_a_model_without_malignant_diagnoses_leaves_the_cell_empty(
    classify, picture, tmp_path: Path
) -> None:
    harmless = [Diagnosis(d.code, d.name, malignant=False) for d in HAM10000_DIAGNOSES]
    bundle = make_tiny_bundle(tmp_path / "bundle", diagnoses=harmless)
    result = classify(picture(tmp_path / "a.png"), bundle=bundle)
    assert result.rows[0]["malignant_probability"] == ""
    assert result.status == 0


def test_the_batch_size_changes_no_figure(classify, samples: list[Path]) -> None:
    folder = samples[0].parent
    assert classify(folder, "--batch-size", 1).rows == classify(folder, "--batch-size", 5).rows


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "required: PATH"),
        (["{empty}"], "no image found in"),
        (["{image}", "--batch-size", "0"], "expected 1 to 256"),
        (["{image}", "--engine", "magic"], "invalid choice"),
        (["{image}", "--bundle", "{empty}"], "not a model bundle"),
        (["{image}", "--out", "{empty}"], "is a folder"),
        (["{image}", "--out", "{empty}/no/out.csv"], "Cannot write"),
        (["{image}", "--out", "{image}"], "would overwrite an image"),
        (["{image}", "--maps", "{image}"], "Cannot write to"),
    ],
)
def test_nothing_done_is_status_2_and_one_line(
    picture, tiny_bundle: Path, tmp_path: Path, capsys, words: list[str], line: str
) -> None:
    image = picture(tmp_path / "a.png")
    empty = tmp_path / "empty"
    empty.mkdir()
    defaults = ["--out", str(tmp_path / "x.csv"), "--bundle", str(tiny_bundle)]
    given = [word.format(image=image, empty=empty) for word in words]
    before = image.read_bytes()
    # argparse takes the last of an option that is given twice.
    status = classify_module.main([*defaults, *given])
    error = capsys.readouterr().err
    assert status == 2
    assert line in error
    assert error.count("\n") == 1
    assert image.read_bytes() == before
    assert not list(tmp_path.rglob("*.csv")) + list(tmp_path.rglob("*.part"))


def test_a_damaged_bundle_is_status_2(classify, picture, tmp_path: Path) -> None:
    bundle = make_tiny_bundle(tmp_path / "bundle")
    graph = bundle / "openvino.xml"
    graph.write_bytes(graph.read_bytes().replace(b"Multiply", b"Subtract", 1) + b" ")
    result = classify(picture(tmp_path / "a.png"), bundle=bundle)
    assert result.status == 2
    assert "damaged" in result.err
    assert result.rows == []


def test_ctrl_c_leaves_no_csv(
    classify, picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_, **__):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(classify_module, "classify_files", interrupted)
    result = classify(picture(tmp_path / "a.png"))
    assert result.status == 130
    assert result.err.count("\n") == 1
    assert list(tmp_path.glob("*out.csv*")) == []


def test_an_existing_csv_is_replaced_as_a_whole(classify, picture, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old\n" * 1000, encoding="utf-8")
    assert len(classify(picture(tmp_path / "a.png")).rows) == 1


def test_a_folder_that_cannot_be_listed_is_told(
    classify, picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture(tmp_path / "in" / "a.png")
    closed = tmp_path / "in" / "closed"
    closed.mkdir()
    real = os.scandir

    def refusing(folder):
        if Path(folder) == closed:
            raise PermissionError
        return real(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    result = classify(tmp_path / "in")
    assert result.status == 1
    assert str(closed) in result.err
    assert len(result.rows) == 1


def test_it_runs_as_a_program(samples: list[Path], tiny_bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    command = [sys.executable, "-m", "lesionviewer", "classify", str(samples[0])]
    ended = subprocess.run(
        [*command, "--out", str(out), "--bundle", str(tiny_bundle)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert out.read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)


def test_every_hostile_file_gives_what_its_manifest_says(classify, shared: Path) -> None:
    import csv

    with (shared / "hostile" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        expected = {entry["file"]: entry["expected"] for entry in csv.DictReader(file)}
    result = classify(shared / "hostile")
    assert result.status == 1
    got = {Path(row["path"]).name: row["status"] for row in result.rows}
    assert got.keys() == expected.keys()
    allowed = {"opens": {"ok"}, "clear error": {"error"}, "opens or clear error": {"ok", "error"}}
    wrong = {name: got[name] for name, what in expected.items() if got[name] not in allowed[what]}
    assert wrong == {}
    assert all(row["error"] for row in result.rows if row["status"] == "error")
