"""The window does what a reader expects of it."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS, GatedClassifier, save_picture

from lesionviewer.core import intended_use
from lesionviewer.core.errors import EngineError
from lesionviewer.core.review_images import ImageState
from lesionviewer.ui.drop_frame import DropFrame


def test_it_opens_a_folder_and_shows_the_first_image_explained(
    qtbot: QtBot, open_window, finished, folder: Path
):
    window = open_window(folder)
    finished(window)
    page = window.page
    assert page.list.model.rowCount() == 5
    assert page.caption.words.startswith("image0.png · 1 of 5 · 120×90 · 1:1")
    assert page.view.region is not None
    assert window.windowTitle() == "pictures – lesionviewer"
    qtbot.waitUntil(lambda: window.top.progress.words == "5 done", timeout=WAIT_MS)


def test_the_open_image_is_in_the_first_batch(
    qtbot: QtBot, open_window, finished, folder: Path, classifier: GatedClassifier
):
    window = open_window(folder, start=False)
    page = window.page
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 5, timeout=WAIT_MS)
    page.open(4)
    qtbot.waitUntil(lambda: page.open_image.has_picture, timeout=WAIT_MS)
    order = []
    page.service.changed.connect(order.extend)
    page.service.start_engine()
    finished(window)
    qtbot.waitUntil(lambda: len(order) == 5)
    assert 4 in order[: classifier.batches[0]]


def test_a_bad_image_is_shown_in_its_tile_and_the_rest_go_on(
    qtbot: QtBot, open_window, finished, folder: Path
):
    (folder / "broken.jpg").write_bytes(b"<!doctype html><html></html>")
    window = open_window(folder)
    finished_page = window.page
    qtbot.waitUntil(lambda: finished_page.service.images.counts.done == 6, timeout=WAIT_MS)
    images = finished_page.service.images
    assert images.counts.failed == 1
    assert images.state(0) is ImageState.FAILED
    index = finished_page.list.model.index(0)
    assert images.reason(0) in index.data(Qt.ItemDataRole.ToolTipRole)
    assert images.reason(0) in finished_page.view.accessibleDescription()


def test_opening_another_folder_replaces_the_first(
    qtbot: QtBot, open_window, finished, folder: Path, tmp_path: Path
):
    other = tmp_path / "other"
    other.mkdir()
    save_picture(other / "one.png", 60, 60)
    window = open_window(folder)
    window.open_paths([other])
    finished(window)
    assert window.page.caption.words.startswith("one.png · 1 of 1")
    assert [path.name for path in window.state.recent] == ["other", "pictures"]


def test_a_folder_that_is_done_gives_way_to_another_without_a_failure(
    open_window, finished, folder: Path, tmp_path: Path
):
    other = tmp_path / "other"
    other.mkdir()
    save_picture(other / "one.png", 60, 60)
    window = open_window(folder)
    finished(window)
    window.page.open(4)
    window.open_paths([other])
    assert not window.page.caption.words
    finished(window)
    assert window.page.caption.words.startswith("one.png · 1 of 1")


def test_files_over_the_filter_are_for_the_window(open_window, finished, folder: Path):
    window = open_window(folder)
    finished(window)
    assert not window.top.filter.acceptDrops()


def test_what_hangs_on_the_pointer_is_answered_over_an_open_folder_too(
    open_window, finished, folder: Path
):
    window = open_window(folder)
    finished(window)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    where, none = QPoint(10, 10), Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(where, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none)
    window.dragEnterEvent(enter)
    frame = window.findChild(DropFrame)
    assert frame.isVisible()
    assert frame.size() == window.page.size()
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not frame.isVisible()


def test_a_recent_folder_keeps_its_name_in_the_menu(open_window, finished, tmp_path: Path):
    folder = tmp_path / "Skin & hair"
    folder.mkdir()
    save_picture(folder / "one.png", 60, 60)
    window = open_window(folder)
    finished(window)
    menu = window.top.open_button.menu()
    menu.aboutToShow.emit()
    (entry,) = (action for action in menu.actions() if "Skin" in action.text())
    name, place = entry.text().split("\t")
    assert name == "Skin && hair", "one & would be the sign of a key"
    assert place.startswith(str(tmp_path)[:4])


def test_dropped_files_and_folders_are_opened(open_window, finished, folder: Path):
    window = open_window()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder / f"image{i}.png")) for i in (3, 1)])
    drop = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(drop)
    finished(window)
    assert window.page.list.model.rowCount() == 2


def test_a_folder_without_images_says_so_and_shows_the_welcome_page(
    qtbot: QtBot, open_window, tmp_path: Path
):
    empty = tmp_path / "empty"
    empty.mkdir()
    window = open_window(empty)
    qtbot.waitUntil(lambda: bool(window.notice.words), timeout=WAIT_MS)
    assert "No image was found" in window.notice.words
    assert window.welcome.isVisible()


def test_an_engine_that_does_not_start_is_explained_where_it_matters(
    qtbot: QtBot, open_window, folder: Path
):
    def broken():
        raise EngineError("OpenVINO is not installed. Install lesionviewer again.")

    window = open_window(folder, engine=broken)
    qtbot.waitUntil(lambda: "OpenVINO" in window.status.words, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.page.open_image.has_picture, timeout=WAIT_MS)


def test_the_intended_use_is_always_in_sight(open_window, folder: Path):
    window = open_window(folder)
    assert intended_use.SHORT in window.status.purpose
    window.page.set_panels_shown(False)
    assert window.status.isVisible()


def test_work_can_be_stopped_and_resumed(
    qtbot: QtBot, open_window, finished, folder: Path, classifier: GatedClassifier
):
    classifier.gate.clear()
    window = open_window(folder)
    qtbot.waitUntil(lambda: window.page.list.model.rowCount() == 5, timeout=WAIT_MS)
    window.top.progress.pause_requested.emit(True)
    assert "Stopped at" in window.top.progress.words
    classifier.gate.set()
    window.top.progress.pause_requested.emit(False)
    finished(window)
    assert window.page.service.images.counts.classified == 5


def test_an_unexpected_failure_is_one_sentence_in_the_window(open_window):
    window = open_window()
    window.report("Something in the program failed. Details are in the log file.")
    assert "log file" in window.notice.words
    window.notice.put_away()
    assert not window.notice.words


def test_the_open_image_stays_open_when_the_filter_hides_it(
    qtbot: QtBot, open_window, finished, folder: Path
):
    window = open_window(folder)
    finished(window)
    with qtbot.waitSignal(window.page.list.model.modelReset):
        window.top.filter.setText("image3")
    assert window.page.list.model.rowCount() == 1
    assert window.page.open_image.image == 0
    window.page.step(1)
    assert window.page.open_image.image == 3


def test_what_the_reader_set_is_remembered(open_window, finished, folder: Path):
    first = open_window(folder)
    finished(first)
    first.actions_.overlay.trigger()
    first.actions_.recursive.setChecked(False)
    first.close()
    second = open_window()
    assert not second.page.explanation.state.visible
    assert not second.actions_.recursive.isChecked()
    assert [path.name for path in second.state.recent] == ["pictures"]
