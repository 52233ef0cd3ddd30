"""Finding images in the background."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_S, found

from lesionviewer.core.errors import ImageError
from lesionviewer.jobs.folder_scan import FolderScan


@pytest.fixture
def start_scan(clean_end: None) -> Iterator:
    scans: list[FolderScan] = []

    def start(finder=None) -> FolderScan:
        scan = FolderScan(finder=finder) if finder else FolderScan()
        scans.append(scan)
        return scan

    yield start
    for scan in scans:
        assert scan.close(grace_ms=5000)


def test_real_folders_are_searched_in_natural_order(qtbot: QtBot, start_scan, tmp_path: Path):
    for name in ("b10.jpg", "b9.jpg", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.png").touch()
    scan, names = start_scan(), []
    scan.found.connect(lambda images: names.extend(image.relative for image in images))
    with qtbot.waitSignal(scan.finished):
        scan.start([tmp_path])
    assert [name.replace("\\", "/") for name in names] == ["b9.jpg", "b10.jpg", "sub/c.png"]
    names.clear()
    with qtbot.waitSignal(scan.finished):
        scan.start([tmp_path], recursive=False)
    assert names == ["b9.jpg", "b10.jpg"]


def test_the_first_images_come_while_the_search_goes_on(qtbot: QtBot, start_scan):
    go_on = threading.Event()

    def finder(paths, *, recursive):
        yield from found(*(f"{i}.jpg" for i in range(100)))
        go_on.wait(WAIT_S)
        yield from found("last.jpg")

    scan = start_scan(finder)
    with qtbot.waitSignal(scan.found) as first:
        scan.start([Path("x")])
    assert scan.running
    assert first.args[0][0].relative == "0.jpg"
    with qtbot.waitSignal(scan.finished):
        go_on.set()
    assert not scan.running


def test_nothing_of_an_older_search_arrives_once_another_began(qtbot: QtBot, start_scan):
    inside, go_on = threading.Event(), threading.Event()

    def finder(paths, *, recursive):
        if paths == [Path("old")]:
            for i in range(100_000):
                yield from found(f"old{i}.jpg")
                inside.set()
                go_on.wait(WAIT_S)
        else:
            yield from found("new.jpg")

    scan, names = start_scan(finder), []
    scan.found.connect(lambda images: names.extend(image.relative for image in images))
    scan.start([Path("old")])
    assert inside.wait(WAIT_S)
    with qtbot.waitSignal(scan.finished):
        scan.start([Path("new")])
        go_on.set()
    assert names == ["new.jpg"]


def test_an_expected_error_reaches_the_reader_as_it_stands(qtbot: QtBot, start_scan):
    def finder(paths, *, recursive):
        raise ImageError("This disk is gone.")

    scan = start_scan(finder)
    with qtbot.waitSignal(scan.failed) as failure:
        scan.start([Path("x")])
    assert failure.args == ["This disk is gone."]
    assert not scan.running


def test_an_unexpected_error_becomes_one_plain_sentence(qtbot: QtBot, start_scan):
    def finder(paths, *, recursive):
        raise OSError("/home/someone/Jane Doe")

    scan = start_scan(finder)
    with qtbot.waitSignal(scan.failed) as failure:
        scan.start([Path("x")])
    assert "log file" in failure.args[0]
    assert "Jane" not in failure.args[0]
