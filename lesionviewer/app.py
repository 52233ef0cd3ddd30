"""The window's composition root: builds the services once and passes them in."""

import argparse
import faulthandler
import gc
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from lesionviewer import __version__
from lesionviewer.core import intended_use
from lesionviewer.core.assets import default_bundle_dir, samples_dir
from lesionviewer.core.bundle import CARD
from lesionviewer.core.card import parse_card
from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.errors import BundleError
from lesionviewer.core.handover import Reception, WindowOpenError, hand_over
from lesionviewer.core.log_file import start_log_file
from lesionviewer.core.store.cache import Cache
from lesionviewer.core.user_dirs import config_dir, data_dir
from lesionviewer.engine.selection import ENGINES, Chosen
from lesionviewer.jobs.engine_start import start_engine
from lesionviewer.jobs.export_service import ExportService
from lesionviewer.jobs.folder_scan import FolderScan
from lesionviewer.jobs.handed_over import HandedOver
from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.ui.bench_probe import BenchProbe, process_age_s, wanted
from lesionviewer.ui.crash_report import CrashReport
from lesionviewer.ui.end_signals import EndSignals
from lesionviewer.ui.icons import app_icon
from lesionviewer.ui.main_window import FULL_SIZE, MainWindow
from lesionviewer.ui.picture import prepare_picture
from lesionviewer.ui.qt_messages import quiet_offscreen
from lesionviewer.ui.skipped_folders import SkippedFolders
from lesionviewer.ui.theme import ThemeMode, apply_theme
from lesionviewer.ui.when_done import WhenDone
from lesionviewer.ui.window_state import WindowState

_CLOSE_MS = 900
_INPUT_PX = 224
_SWITCH_S = 0.0005
_NO_DISPLAY = (
    "There is no display. Use `lesionviewer classify`, or set QT_QPA_PLATFORM=offscreen together "
    "with --screenshot and --quit-when-done."
)


def main(arguments: Sequence[str]) -> int:
    """Open the window and return the exit status once it is closed."""
    options = _parser().parse_args(arguments)
    if sys.platform.startswith("linux") and not _has_display():
        sys.stderr.write(f"lesionviewer: {_NO_DISPLAY}\n")
        return 2
    # Qt gives up the interpreter's lock in many calls. To take it back from a thread that imports
    # or computes costs up to this long each time; at Python's own 5 ms the window stutters.
    sys.setswitchinterval(_SWITCH_S)
    reception = _reception() if _is_ordinary(options) else None
    if isinstance(reception, WindowOpenError):
        if hand_over(data_dir(), options.paths):
            return 0
        # It ended meanwhile, or it hangs: then this is a window of its own.
        reception = _reception()
    place = reception if isinstance(reception, Reception) else None
    _keep_log()
    app = QApplication(["lesionviewer"])
    quiet_offscreen()
    app.setApplicationName("lesionviewer")
    app.setDesktopFileName("lesionviewer")
    app.setWindowIcon(app_icon())
    status, ended = _run(app, options, place)
    if not ended:
        # A thread hangs in a dead disk or driver; Qt would wait for it for ever.
        sys.stderr.flush()
        os._exit(status)
    return status


def _is_ordinary(options: argparse.Namespace) -> bool:
    """Return whether an open window could do what was asked as well."""
    special = options.screenshot or options.quit_when_done or wanted()
    return not special and options.bundle == default_bundle_dir() and options.engine == "auto"


def _reception() -> Reception | WindowOpenError | None:
    try:
        return Reception(data_dir())
    except WindowOpenError as error:
        return error
    except (OSError, sqlite3.Error):
        return None


def _run(
    app: QApplication, options: argparse.Namespace, reception: Reception | None
) -> tuple[int, bool]:
    """Return the exit status, and whether every thread came to its end."""
    state = WindowState(config_dir() / "window.ini")
    theme = apply_theme(
        app, state.word("theme", ThemeMode.SYSTEM, [mode.value for mode in ThemeMode])
    )
    pool, skipped, cache = DecodePool(), SkippedFolders(), Cache()
    service = ReviewService(
        pool,
        _engine_starter(options.bundle, options.engine),
        prepare=prepare_picture,
        input_px=_expected_input_px(options.bundle),
        workers=pool.size,
        scan=FolderScan(finder=skipped.find),
        cache=cache,
    )
    sessions, exports = SessionService(), ExportService(pool)
    window = MainWindow(
        service,
        state,
        theme,
        sessions=sessions,
        exports=exports,
        samples=samples_dir(),
        version=__version__,
    )
    skipped.told.connect(window.report_skipped)
    crash = CrashReport(window)
    crash.happened.connect(window.report)
    crash.install()
    ending = EndSignals(window.close, window)
    done = WhenDone(window, service, screenshot=options.screenshot, leave=options.quit_when_done)
    if reception is not None:
        HandedOver(reception, window).arrived.connect(window.open_handed_over)
    if wanted():
        BenchProbe(window, service, age_s=process_age_s())
    # What is there now stays to the end; the collector need not walk through it while images come.
    gc.freeze()
    if options.screenshot:
        # A picture for the record, whatever screen there is or none.
        window.setWindowState(Qt.WindowState.WindowNoState)
        window.resize(FULL_SIZE)
    _begin(app, window, service, options.paths)
    if window.isVisible():
        # A signal may have closed it already; then nothing would ever end the loop.
        app.exec()
    crash.remove()
    ending.stop()
    # What was shown as saved is on the disk; what is still on its way gets its time.
    kept = sessions.close()
    exports.close()
    ended = service.close(grace_ms=_CLOSE_MS)
    cache.close()
    pool.close()
    if reception is not None:
        reception.close()
    return done.status, ended and kept


def _begin(
    app: QApplication, window: MainWindow, service: ReviewService, paths: Sequence[Path]
) -> None:
    """Show the window first, then do what takes time."""
    window.show()
    app.processEvents()
    service.start_engine()
    if paths:
        window.open_paths(paths)
    else:
        window.parts.recent.offer()


def _engine_starter(bundle: Path, wanted_engine: str) -> Callable[[], Chosen]:
    def start() -> Chosen:
        return start_engine(bundle, wanted_engine)

    return start


def _expected_input_px(bundle: Path) -> int:
    """What the card says before it is checked; the engine's word counts in the end."""
    try:
        return parse_card((bundle / CARD).read_text(encoding="utf-8")).input_px
    except (OSError, UnicodeDecodeError, BundleError):
        return _INPUT_PX


def _has_display() -> bool:
    return any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))


def _keep_log() -> None:
    file = start_log_file()
    if file is not None:
        crashes = file.with_name("crash.log").open("w", encoding="utf-8")
        faulthandler.enable(crashes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lesionviewer",
        description="Look through dermatoscope images in a window.",
        epilog="Without a window: lesionviewer classify, doctor, evaluate, train (each with "
        f"--help). {intended_use.FULL}",
    )
    add = parser.add_argument
    add("paths", nargs="*", type=Path, metavar="PATH", help="image or folder to open")
    add("--bundle", type=Path, metavar="DIR", default=default_bundle_dir(), help="model to use")
    add("--engine", choices=ENGINES, default="auto", help="what computes (default: auto)")
    add(
        "--screenshot", type=Path, metavar="FILE", help="write a PNG of the window when all is done"
    )
    add("--quit-when-done", action="store_true", help="close the window when all is done")
    add("--version", action="version", version=f"lesionviewer {__version__}")
    return parser
