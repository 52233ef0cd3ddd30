"""The window: bars, pages, keys, what is dropped on it, what it remembers."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from lesionviewer.core.card import ModelCard
from lesionviewer.core.files import IMAGE_SUFFIXES
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.export_service import ExportService
from lesionviewer.jobs.progress import Progress
from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.ui.actions import SHORTCUTS, Actions
from lesionviewer.ui.doubt_dialogs import DoubtDialogs
from lesionviewer.ui.drop_frame import DropFrame
from lesionviewer.ui.held_key import HeldKey
from lesionviewer.ui.menus import OpenMenu, main_menu
from lesionviewer.ui.notice_bar import NoticeBar
from lesionviewer.ui.reader_parts import ReaderParts
from lesionviewer.ui.review_page import ReviewPage
from lesionviewer.ui.shortcuts_dialog import ShortcutsDialog
from lesionviewer.ui.status_bar import StatusBar
from lesionviewer.ui.theme import Theme, ThemeMode
from lesionviewer.ui.top_bar import TopBar
from lesionviewer.ui.welcome import WelcomePage
from lesionviewer.ui.widgets_scroll import within_screen
from lesionviewer.ui.window_state import WindowState

FULL_SIZE = QSize(1360, 860)
_AGREES = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_STEPS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Space: 1, Qt.Key.Key_Left: -1}


class MainWindow(QMainWindow):
    """One window, one set of images."""

    closing = Signal()

    def __init__(
        self,
        service: ReviewService,
        state: WindowState,
        theme: Theme,
        *,
        sessions: SessionService,
        exports: ExportService,
        samples: Path,
        version: str,
    ) -> None:
        """Build the window; nothing is opened yet.

        Args:
            service: Does the work.
            state: What the window remembers.
            theme: Dresses the application.
            sessions: Keeps what the reader decides.
            exports: Writes it for others.
            samples: Folder of the pictures that ship with the program.
            version: Of the program.
        """
        super().__init__()
        self._service, self.state, self._theme, self._samples = service, state, theme, samples
        self._version, self.sessions = version, sessions
        self._card: ModelCard | None = None
        self._opened: list[Path] = []
        self.setWindowTitle("lesionviewer")
        self.setAcceptDrops(True)
        self.actions_ = Actions(self)
        self.page = ReviewPage(service, self.actions_, state)
        self.welcome = WelcomePage()
        self.notice = NoticeBar()
        self.status = StatusBar()
        recent = OpenMenu(
            self.actions_,
            self,
            recent=lambda: state.recent,
            open_folder=lambda folder: self.open_paths([folder]),
        )
        sides = [self.actions_.images, self.actions_.figures]
        self.top = TopBar(recent, main_menu(self.actions_, self), tools=sides)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.page)
        self._lay_out()
        self._connect()
        self.parts = ReaderParts(
            self,
            sessions,
            exports,
            state,
            page=self.page,
            actions=self.actions_,
            open_paths=self.open_paths,
        )
        self.parts.connect_to(top=self.top, notice=self.notice, welcome=self.welcome)
        DoubtDialogs(self, service, actions=self.actions_, page=self.page, notice=self.notice)
        self._restore()

    def _lay_out(self) -> None:
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.notice)
        column.addWidget(self._pages, 1)
        column.addWidget(self.status)
        self.setCentralWidget(central)
        self._drop = DropFrame(self._pages)

    def _connect(self) -> None:
        service, actions, page = self._service, self.actions_, self.page
        service.engine_started.connect(self._on_engine)
        service.engine_failed.connect(self.status.show_failure)
        service.scan_failed.connect(self.notice.say)
        service.scanned.connect(self._on_scanned)
        service.progressed.connect(self._on_progress)
        self.status.retry_requested.connect(self._retry)
        self.status.card_requested.connect(lambda: self._show_about(model=True))
        self.top.text_changed.connect(page.list.set_text)
        self.top.filter_left.connect(page.take_focus)
        self.top.progress.pause_requested.connect(self._pause)
        self.welcome.open_images_requested.connect(self._ask_images)
        self.welcome.open_folder_requested.connect(self._ask_folder)
        self.welcome.samples_requested.connect(self._open_samples)
        actions.open_images.triggered.connect(self._ask_images)
        actions.open_folder.triggered.connect(self._ask_folder)
        actions.open_samples.triggered.connect(self._open_samples)
        actions.recursive.toggled.connect(lambda on: self.state.set_flag("recursive", on))
        actions.clear_recent.triggered.connect(lambda: self.parts.recent.forget())
        actions.find.triggered.connect(self._find)
        HeldKey(Qt.Key.Key_H, actions.overlay, self).let_go.connect(actions.overlay.trigger)
        actions.full_screen.triggered.connect(self._set_full_screen)
        actions.theme_group.triggered.connect(lambda action: self._set_theme(action.data()))
        actions.card.triggered.connect(lambda: self._show_about(model=True))
        actions.about.triggered.connect(lambda: self._show_about())
        actions.keys.triggered.connect(self._show_keys)
        actions.quit.triggered.connect(self.close)

    def _restore(self) -> None:
        state = self.state
        if not self.restoreGeometry(state.bytes_of("window/geometry")):
            self.resize(FULL_SIZE.boundedTo(self.screen().availableSize()))
            if within_screen(self, FULL_SIZE) != FULL_SIZE:
                self.setWindowState(Qt.WindowState.WindowMaximized)
        self.actions_.recursive.setChecked(state.flag("recursive", default=True))
        self.actions_.themes[self._theme.mode].setChecked(True)
        self.actions_.full_screen.setChecked(self.isFullScreen())
        self._show_review(False)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open images and folders in place of what is open."""
        if not paths:
            return
        folders = [path for path in paths if path.is_dir() and path != self._samples]
        for folder in reversed(folders):
            self.state.add_recent(folder.absolute())
        self.parts.deciding.settle()
        self._opened = list(paths)
        self.notice.put_away()
        self.top.filter.clear()
        self.top.title.set_text(_title(paths))
        self.setWindowTitle(f"{_title(paths)} – lesionviewer")
        self._show_review(True)
        self._service.open(paths, recursive=self.actions_.recursive.isChecked())
        self.parts.open(paths)
        self.page.view.setFocus()

    @Slot(object)
    def open_handed_over(self, paths: Sequence[Path]) -> None:
        """Come to the front and open what a second start of the program was asked to open."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()
        self.open_paths(paths)

    def report(self, sentence: str) -> None:
        """Tell the reader something that belongs to no image."""
        self.notice.say(sentence)

    @Slot(object, object)
    def report_skipped(self, opened: Sequence[Path], sentence: str) -> None:
        """Tell the reader what of `opened` was left out, unless something else is open by now."""
        if opened == self._opened:
            self.notice.say(sentence)

    def _show_review(self, on: bool) -> None:
        self._pages.setCurrentWidget(self.page if on else self.welcome)
        self.top.set_reviewing(on)

    @Slot(object)
    def _on_engine(self, chosen: Chosen) -> None:
        self._card = chosen.classifier.card
        self.status.show_engine(chosen)

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        self.top.progress.show_progress(progress)

    @Slot()
    def _on_scanned(self) -> None:
        if len(self._service.images):
            return
        if not self.notice.words:
            kinds = ", ".join(sorted(suffix[1:] for suffix in IMAGE_SUFFIXES))
            self.notice.say(f"No image was found there. Image files end in {kinds}.")
        self._show_review(False)

    def _retry(self) -> None:
        self.status.show_starting()
        self._service.start_engine()

    def _pause(self, paused: bool) -> None:
        self._service.set_paused(paused)
        self.page.list.ask_again()

    def _ask_images(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in sorted(IMAGE_SUFFIXES))
        names, _ = QFileDialog.getOpenFileNames(
            self, "Open images", self._last_folder(), f"Images ({endings});;All files (*)"
        )
        self.open_paths([Path(name) for name in names])

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Open folder", self._last_folder())
        self.open_paths([Path(name)] if name else [])

    def _last_folder(self) -> str:
        recent = self.state.recent
        return str(recent[0]) if recent else ""

    def _open_samples(self) -> None:
        self.open_paths([self._samples])

    def _find(self) -> None:
        self.top.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.top.filter.selectAll()

    def _set_theme(self, mode: ThemeMode) -> None:
        self._theme.set_mode(mode)
        self.state.set_word("theme", mode.value)

    def _set_full_screen(self, on: bool) -> None:
        if on:
            self.showFullScreen()
        else:
            self.showNormal()

    def _show_keys(self) -> None:
        ShortcutsDialog(SHORTCUTS, self).exec()

    def _show_about(self, *, model: bool = False) -> None:
        # Not needed to show the window, and slow to import: it asks for every library's version.
        from lesionviewer.ui.about_facts import show_about

        show_about(self, self._version, self._card, self.status.words, model=model)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.page.step(step)
        elif event.key() in _AGREES and not event.isAutoRepeat():
            self.actions_.agree.trigger()
        elif event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.actions_.full_screen.trigger()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._drop.set_dragging(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop.set_dragging(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop.set_dragging(False)
        urls = event.mimeData().urls()
        self.open_paths([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])

    def closeEvent(self, event: QCloseEvent) -> None:
        self.parts.leave()
        self.page.save()
        if not self.isFullScreen():
            self.state.set_bytes("window/geometry", self.saveGeometry())
        self.state.save()
        self.hide()
        self.closing.emit()
        event.accept()


def _title(paths: Sequence[Path]) -> str:
    first = paths[0].absolute().name or str(paths[0])
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"
