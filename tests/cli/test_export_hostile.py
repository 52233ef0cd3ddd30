"""Exports of files whose names no program expects, and exports that are stopped."""

import os
import signal
from pathlib import Path

import pandas as pd
import pytest
from pypdf import PdfReader

from lesionviewer.cli.export import main
from lesionviewer.cli.replay import main as replay
from lesionviewer.cli.stopping import INTERRUPTED, TERMINATED

NAMES = (b"-rf.png", b"@x.png", b"a\nb.png", b"no\xfftext.png", "漢字 \u202e.png".encode())

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")


@pytest.fixture
def folder(tmp_path: Path, picture, monkeypatch) -> Path:
    monkeypatch.setenv("LESIONVIEWER_HOME", str(tmp_path / "home"))
    made = picture(tmp_path / "x.png")
    (tmp_path / "images").mkdir()
    for name in NAMES:
        (tmp_path / "images" / os.fsdecode(name)).write_bytes(made.read_bytes())
    return tmp_path / "images"


@pytest.fixture
def export(folder: Path, tiny_bundle: Path, tmp_path: Path):
    def run(kind: str) -> int:
        options = ["--format", kind, "--out", str(tmp_path / "out"), "--bundle", str(tiny_bundle)]
        return main([str(folder), *options, "--engine", "openvino"])

    return run


@pytest.mark.parametrize("kind", ["csv", "isic2018"])
def test_tables_keep_one_row_an_image(export, tmp_path, kind):
    assert export(kind) == 0
    table = pd.read_csv(tmp_path / "out")
    assert len(table) == 5
    assert not table.iloc[:, 0].str.match(r"[=+\-@]").any()


def test_a_json_of_them_can_be_replayed(export, tmp_path, tiny_bundle, capsys):
    assert export("json") == 0
    assert replay([str(tmp_path / "out"), "--bundle", str(tiny_bundle)]) == 0
    assert capsys.readouterr().out.startswith("same: 5 images")


def test_a_report_has_a_page_for_each(export, tmp_path):
    assert export("pdf") == 0
    pages = [page.extract_text() for page in PdfReader(tmp_path / "out").pages]
    assert len(pages) == 6
    assert any("no\\udcfftext.png" in page for page in pages)


@pytest.mark.parametrize("kind", ["folders", "dicom-sr"])
def test_folders_hold_a_file_for_each(export, tmp_path, kind):
    assert export(kind) == 0
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(files) == {"folders": 6, "dicom-sr": 16}[kind]


@pytest.mark.parametrize(("how", "status"), [("key", INTERRUPTED), ("signal", TERMINATED)])
def test_an_export_that_is_stopped_leaves_nothing(
    export, tmp_path, monkeypatch, capsys, how, status
):
    def stop(*_: object, **__: object) -> None:
        if how == "key":
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("lesionviewer.core.export.folders.encoded", stop)
    before = signal.getsignal(signal.SIGTERM)
    assert export("folders") == status
    assert "Stopped; nothing was written." in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"home", "images", "x.png"}
    assert signal.getsignal(signal.SIGTERM) is before
