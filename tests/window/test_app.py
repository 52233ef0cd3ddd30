"""The program as it is started: options, what it loads, what it prints."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from PIL import Image
from review_helpers import save_picture

from lesionviewer.ui.main_window import FULL_SIZE

HEAVY = [
    "tensorflow",
    "keras",
    "openvino",
    "pandas",
    "matplotlib",
    "scipy",
    "sklearn",
    "cv2",
    "nncf",
    "jax",
    "pydicom",
]


def run(*words: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **variables}
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, timeout=120
    )


def test_importing_the_window_loads_no_heavy_library():
    code = f"import sys, lesionviewer.app; print([m for m in {HEAVY} if m in sys.modules])"
    done = run("-c", code)
    assert done.stdout.strip() == "[]", done.stderr


def test_version_and_help_need_no_window():
    assert run("-m", "lesionviewer", "--version").stdout.startswith("lesionviewer ")
    said = run("-m", "lesionviewer", "--help").stdout
    assert "--bundle" in said
    assert "not a medical device" in said.replace("\n", " ").replace("  ", " ")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux may lack a display")
def test_a_missing_display_is_said_in_one_line():
    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    done = run("-m", "lesionviewer", **environment)
    assert done.returncode == 2
    assert done.stderr.startswith("lesionviewer: There is no display.")
    assert done.stderr.count("\n") == 1


def test_it_works_off_a_folder_without_a_person(tmp_path: Path, tiny_bundle: Path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(3):
        save_picture(pictures / f"{i}.png", 80, 60, spot=(40, 30))
    photo = tmp_path / "window.png"
    done = run(
        *("-m", "lesionviewer", "--bundle", str(tiny_bundle), "--engine", "openvino"),
        *("--screenshot", str(photo), "--quit-when-done", str(pictures)),
        LESIONVIEWER_BENCH="1",
        LESIONVIEWER_HOME=str(tmp_path / "home"),
    )
    assert done.returncode == 0, done.stderr
    assert "propagateSizeHints" not in done.stderr
    lines = {line.split()[0]: line.split()[1:] for line in done.stderr.splitlines() if line}
    assert float(lines["shown"][0]) < float(lines["explained"][0])
    assert lines["classified"][1] == "3"
    assert lines["lag"][0::2] == ["p50", "p99", "max"]
    with Image.open(photo) as image:
        assert image.size == FULL_SIZE.toTuple(), "whatever screen there is or none"
    log = (tmp_path / "home" / "log" / "lesionviewer.log").read_text(encoding="utf-8")
    assert str(tmp_path) not in log


def test_without_a_screen_only_one_sentence_of_qt_is_kept_back():
    code = (
        "from PySide6.QtCore import qWarning; from PySide6.QtWidgets import QApplication, QWidget;"
        "from lesionviewer.ui.qt_messages import quiet_offscreen; app = QApplication([]);"
        "quiet_offscreen(); window = QWidget(); window.setMinimumWidth(90); window.show();"
        "qWarning('This is a real warning.')"
    )
    assert run("-c", code).stderr == "This is a real warning.\n"


def test_a_damaged_bundle_ends_the_work_with_one_clear_line(tmp_path: Path):
    save_picture(tmp_path / "a.png", 80, 60)
    done = run(
        *("-m", "lesionviewer", "--bundle", str(tmp_path), "--quit-when-done", str(tmp_path)),
        LESIONVIEWER_HOME=str(tmp_path / "home"),
    )
    assert done.returncode == 2
    assert "is not a model bundle" in done.stderr


def test_a_second_start_hands_its_folder_to_the_window_that_is_open(tmp_path: Path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    save_picture(pictures / "one.png", 60, 40)
    home = tmp_path / "home"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "LESIONVIEWER_HOME": str(home)}
    starts = [
        psutil.Popen([sys.executable, "-m", "lesionviewer", *words], env=environment)
        for words in ((), (str(pictures),))
    ]
    gone: list[psutil.Popen] = []
    while not gone:
        gone, alive = psutil.wait_procs(starts, timeout=1)
    assert [start.returncode for start in gone] == [0]
    (window,) = alive
    window.terminate()
    assert window.wait(60) == 0
    # Whichever of them came first: the one that stayed has opened the folder.
    assert str(pictures) in (home / "config" / "window.ini").read_text("utf-8")
