"""Exports from the window say what the window shows."""

import csv
import io
import json
from pathlib import Path

import pypdf
import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS

from lesionviewer.core.arranging import Show
from lesionviewer.jobs.export_service import ExportFormat
from lesionviewer.ui.export_dialog import ExportDialog
from lesionviewer.ui.main_window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, open_window, finished, folder: Path) -> MainWindow:
    """Five images, the first decided for melanoma."""
    (folder / "image4.png").write_bytes(b"no picture")
    window = open_window(folder)
    finished(window)
    qtbot.waitUntil(lambda: window.parts.deciding.is_ready, timeout=WAIT_MS)
    window.page.open(0)
    window.actions_.decide[4].trigger()
    qtbot.waitUntil(lambda: window.page.decision.saved_words == "Saved", timeout=WAIT_MS)
    return window


@pytest.fixture
def export(qtbot: QtBot, window: MainWindow):
    """Export through the dialog and return what it says at the end."""

    def work(kind: ExportFormat, out: Path, scope: str = "All") -> str:
        window.actions_.export.trigger()
        (dialog,) = [d for d in window.findChildren(ExportDialog) if d.isVisible()]
        dialog.format.setCurrentIndex(dialog.format.findData(kind))
        dialog.scope.setCurrentIndex(dialog.scope.findData(scope))
        dialog.wish(out)
        qtbot.waitUntil(lambda: bool(dialog.words.text()), timeout=WAIT_MS)
        said = dialog.words.text()
        (leave,) = [b for b in dialog.findChildren(QPushButton) if b.text() == "Close"]
        leave.click()
        return said

    return work


def test_a_table_has_every_image_and_decision(export, tmp_path):
    said = export(ExportFormat.CSV, tmp_path / "all.csv")
    assert said == f"Written to {tmp_path / 'all.csv'}."
    text = (tmp_path / "all.csv").read_text(encoding="utf-8")
    by_name = {row["path"]: row for row in csv.DictReader(io.StringIO(text))}
    assert len(by_name) == 5
    assert "mel" in by_name["image0.png"].values()
    assert by_name["image4.png"]["status"] == "error"


def test_only_what_is_listed_or_decided_goes_out_if_so_wanted(export, window, tmp_path):
    export(ExportFormat.JSON, tmp_path / "decided.json", "Decided")
    window.page.list.bar.show_chosen.emit(Show.FAILED)
    export(ExportFormat.JSON, tmp_path / "listed.json", "Listed")
    for name, images in (("decided", ["image0.png"]), ("listed", ["image4.png"])):
        told = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
        assert [image["path"] for image in told["images"]] == images


def test_a_report_has_a_page_for_each_image(export, tmp_path):
    said = export(ExportFormat.PDF, tmp_path / "report.pdf", "Open image")
    assert said.startswith("Written to")
    assert len(pypdf.PdfReader(tmp_path / "report.pdf").pages) == 1


def test_folders_by_decision_leave_out_what_cannot_be_read(export, tmp_path):
    said = export(ExportFormat.FOLDERS, tmp_path / "sorted")
    assert said.endswith("The pictures of 1 image could not be read.")
    sorted_out = {folder.name: len(list(folder.iterdir())) for folder in folders(tmp_path)}
    assert sorted_out == {"mel": 1, "undecided": 3}


def test_a_place_that_cannot_be_written_is_named(export, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()
    assert "new or an empty folder" in export(ExportFormat.FOLDERS, tmp_path / "full")


def folders(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "sorted").iterdir() if path.is_dir()]
