"""Fixtures for tests of the whole window: real decode processes, an engine that tests can hold."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bundles import make_tiny_bundle
from leftovers import nothing_left_behind
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS, GatedClassifier, chosen, save_picture

from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.store.store import SessionStore
from lesionviewer.jobs.export_service import ExportService
from lesionviewer.jobs.folder_scan import FolderScan
from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.ui.main_window import MainWindow
from lesionviewer.ui.picture import prepare_picture
from lesionviewer.ui.skipped_folders import SkippedFolders
from lesionviewer.ui.theme import apply_theme
from lesionviewer.ui.window_state import WindowState

Opener = Callable[..., MainWindow]


@pytest.fixture(scope="session")
def pool() -> Iterator[DecodePool]:
    with DecodePool(2) as pool:
        pool.warm_up()
        yield pool


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(autouse=True)
def clean_end(qapp: QApplication, pool: DecodePool) -> Iterator[None]:
    apply_theme(qapp, "light")
    with nothing_left_behind(lambda: pool.pids):
        yield
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def classifier() -> GatedClassifier:
    return GatedClassifier()


@pytest.fixture
def open_window(
    clean_end: None,
    qtbot: QtBot,
    qapp: QApplication,
    pool: DecodePool,
    classifier: GatedClassifier,
    tmp_path: Path,
) -> Iterator[Opener]:
    """Open windows on what a test wants; they are closed at the end."""
    opened: list[tuple[MainWindow, ReviewService, SessionService, ExportService]] = []

    def open_it(*paths: Path, engine=None, start=True, cache=None) -> MainWindow:
        skipped = SkippedFolders()
        service = ReviewService(
            pool,
            engine or chosen(classifier),
            prepare=prepare_picture,
            workers=pool.size,
            scan=FolderScan(finder=skipped.find),
            cache=cache,
        )
        state = WindowState(tmp_path / "home" / "window.ini")
        theme = apply_theme(qapp, "light")
        data = tmp_path / "home" / "data"
        sessions = SessionService(
            open_store=lambda: SessionStore.open(data),
            look_into=lambda: SessionStore.look_into(data),
        )
        exports = ExportService(pool)
        window = MainWindow(
            service,
            state,
            theme,
            sessions=sessions,
            exports=exports,
            samples=tmp_path / "samples",
            version="1",
        )
        skipped.told.connect(window.report_skipped)
        skipped.setParent(window)
        opened.append((window, service, sessions, exports))
        window.resize(1200, 800)
        window.show()
        qtbot.waitExposed(window)
        if start:
            service.start_engine()
        window.open_paths(paths)
        return window

    yield open_it
    classifier.gate.set()
    for window, service, sessions, exports in opened:
        window.close()
        assert sessions.close(grace_ms=WAIT_MS)
        exports.close()
        assert service.close(grace_ms=5000)
        window.deleteLater()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five pictures, from dark to bright."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(5):
        save_picture(folder / f"image{i}.png", 120, 90, grey=20 + 50 * i)
    return folder


@pytest.fixture
def finished(qtbot: QtBot) -> Callable[[MainWindow], None]:
    """Wait until every image of a window is done and shown."""

    def wait(window: MainWindow) -> None:
        service = window.page.service
        qtbot.waitUntil(lambda: service.progress.complete, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: window.page.open_image.has_picture, timeout=WAIT_MS)

    return wait
