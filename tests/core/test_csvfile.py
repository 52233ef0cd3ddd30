import csv
from pathlib import Path

import pytest

from lesionviewer.core.csvfile import CsvFile, safe_cell
from lesionviewer.core.errors import StoreError


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "0.5", "naevus", "'=1"])
def test_other_cells_are_kept(text: str) -> None:
    assert safe_cell(text) == text


def test_a_file_is_utf8_without_bom_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    cells = ["Nävus, „a“", 'with "quotes"', "two\nlines", ""]
    with CsvFile(path, ["w", "x", "y", "z"]) as file:
        file.write(cells)
    assert path.read_bytes().startswith(b"w,x,y,z\n")
    assert read(path) == [["w", "x", "y", "z"], cells]


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("before", encoding="utf-8")
    with CsvFile(path, ["x"]) as file:
        file.write(["1"])
        assert path.read_text(encoding="utf-8") == "before"
    assert read(path) == [["x"], ["1"]]
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_file_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), CsvFile(tmp_path / "a.csv", ["x"]):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_text_is_written_as_escapes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with CsvFile(path, ["x"]) as file:
        file.write([b"caf\xe9.jpg".decode("utf-8", "surrogateescape")])
    assert read(path)[1] == ["caf\\udce9.jpg"]


def test_an_unwritable_place_is_reported_before_work_begins(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Choose another place"):
        CsvFile(tmp_path / "missing" / "a.csv", ["x"])
    with pytest.raises(StoreError, match="is a folder"):
        CsvFile(tmp_path, ["x"])
