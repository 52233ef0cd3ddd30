"""A reader at work: filters and orders of many images, and 400 decisions by keyboard.

`python -m benchmarks.reading` prints its figures as JSON; goals: filter and sort below 200 ms with
20,000 images, a decision to the next image on screen below 100 ms. It needs a display, or
QT_QPA_PLATFORM=offscreen.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from benchmarks.pictures import HEIGHT, WIDTH, sample_folder
from lesionviewer.core.arranging import Show, SortKey
from lesionviewer.core.assets import default_bundle_dir, samples_dir
from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.core.files import FoundImage
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.review_images import ReviewImages
from lesionviewer.core.store.decision import Decision
from lesionviewer.core.user_dirs import HOME_VARIABLE
from lesionviewer.jobs.engine_start import start_engine
from lesionviewer.jobs.export_service import ExportService
from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.ui.image_list import ImageListPanel
from lesionviewer.ui.main_window import MainWindow
from lesionviewer.ui.picture import prepare_picture
from lesionviewer.ui.qt_messages import quiet_offscreen
from lesionviewer.ui.theme import apply_theme
from lesionviewer.ui.window_state import WindowState

_MANY, _DECIDED, _READ = 20_000, 8_000, 400
_ROUNDS = 9
_WAIT_S = 600


def main() -> None:
    """Measure both and print them."""
    app = QApplication([])
    quiet_offscreen()
    figures = {"arranged_ms": arranging(app), "reading": reading(app)}
    print(json.dumps(figures, indent=2))


def arranging(app: QApplication) -> dict[str, list[float]]:
    """Return the milliseconds until each order and filter of many images is painted: median and
    maximum.
    """
    apply_theme(app, "light")
    panel = ImageListPanel(_many_images())
    panel.resize(300, 800)
    panel.show()
    app.processEvents()
    wishes: dict[str, Callable[[], object]] = {}
    for key in SortKey:
        wishes[f"sort: {key.value}"] = lambda key=key: panel.bar.key_chosen.emit(key)
    for show in set(Show) - {Show.QUALITY}:
        wishes[f"filter: {show.value}"] = lambda show=show: panel.bar.show_chosen.emit(show)
    wishes["filter: diagnosis"] = lambda: panel.bar.diagnosis_chosen.emit("mel")
    return {name: _times(app, panel, wish) for name, wish in sorted(wishes.items())}


def _times(app: QApplication, panel: ImageListPanel, wish: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(_ROUNDS):
        panel.bar.diagnosis_chosen.emit("")
        panel.bar.show_chosen.emit(Show.ALL)
        panel.bar.key_chosen.emit(SortKey.NAME)
        app.processEvents()
        start = time.perf_counter()
        wish()
        app.processEvents()
        taken.append(1000 * (time.perf_counter() - start))
    return [round(statistics.median(taken), 1), round(max(taken), 1)]


def _many_images() -> ReviewImages:
    images, chance = ReviewImages(HAM10000_DIAGNOSES), np.random.default_rng(1)
    names = [f"image{number:06}.jpg" for number in range(_MANY)]
    images.add([FoundImage(Path(name), name, name) for name in names])
    shares = chance.dirichlet(np.full(len(HAM10000_DIAGNOSES), 0.3), _MANY).astype(np.float32)
    maps = np.zeros((7, 7, len(HAM10000_DIAGNOSES)), np.float32)
    decisions: dict[str, Decision] = {}
    for image in range(_MANY):
        images.put(image, Prediction(shares[image], maps, SquareRegion(0, 0, 450)))
        digest = f"{image + 1:064x}"
        images.reader.note_digest(image, digest)
        if image < _DECIDED:
            code = HAM10000_DIAGNOSES[int(chance.integers(7))].code
            decisions[digest] = Decision(diagnosis=code, flag=image % 50 == 0)
    images.reader.hold(decisions)
    return images


def reading(app: QApplication) -> dict[str, float]:
    """Return figures of a scripted reader who decides every image by one key."""
    with tempfile.TemporaryDirectory() as place, _window(Path(place)) as window:
        folder = _unlike_files(Path(place))
        window.open_paths([folder])
        service, page = window.page.service, window.page
        _until(app, lambda: service.progress.complete and window.parts.deciding.is_ready)
        page.open(0)
        _until(app, lambda: page.open_image.has_picture)
        taken, start, cpu = [], time.perf_counter(), time.process_time()
        for image in range(_READ):
            key = Qt.Key(Qt.Key.Key_1 + image % len(service.images.diagnoses))
            pressed = time.perf_counter()
            _press(window, key)
            if image < _READ - 1:
                _until(app, lambda image=image: _shows(window, image + 1))
                taken.append(1000 * (time.perf_counter() - pressed))
        _until(app, lambda: window.sessions.state.saved)
        total = time.perf_counter() - start
        cpu = time.process_time() - cpu
        decided = window.sessions.state.decided
    return {
        "decided": decided,
        "seconds": round(total, 2),
        "cpu_ms_a_decision": round(1000 * cpu / _READ, 1),
        "next_ms_median": round(statistics.median(taken), 1),
        "next_ms_p95": round(sorted(taken)[int(0.95 * len(taken))], 1),
        "next_ms_max": round(max(taken), 1),
    }


def _shows(window: MainWindow, image: int) -> bool:
    """Whether the whole picture of `image` is there; what is there is painted by then."""
    return window.page.open_image.image == image and window.page.open_image.has_picture


def _press(window: MainWindow, key: Qt.Key) -> None:
    action = window.actions_.decide[key - Qt.Key.Key_1]
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier, chr(key))
    QApplication.sendEvent(window.page.view, event)
    action.trigger()


def _unlike_files(place: Path) -> Path:
    """Files with a digest each: decisions belong to digests."""
    folder = sample_folder(place / "few", len(list(samples_dir().glob("*.jpg"))))
    pictures = sorted(folder.iterdir())
    many = place / f"{WIDTH}x{HEIGHT}"
    many.mkdir()
    for number in range(_READ):
        content = pictures[number % len(pictures)].read_bytes()
        # Decoders pass over what follows the end of a JPEG.
        (many / f"{number:06}.jpg").write_bytes(content + number.to_bytes(4, "big"))
    return many


@contextmanager
def _window(place: Path) -> Iterator[MainWindow]:
    os.environ[HOME_VARIABLE] = str(place / "home")
    with DecodePool(2) as pool:
        service = ReviewService(
            pool,
            lambda: start_engine(default_bundle_dir(), "openvino"),
            prepare=prepare_picture,
            workers=pool.size,
        )
        sessions, exports = SessionService(), ExportService(pool)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        window = MainWindow(
            service,
            WindowState(place / "window.ini"),
            apply_theme(app, "light"),
            sessions=sessions,
            exports=exports,
            samples=samples_dir(),
            version="benchmark",
        )
        window.resize(1360, 860)
        window.show()
        service.start_engine()
        try:
            yield window
        finally:
            window.close()
            sessions.close()
            exports.close()
            service.close(grace_ms=5000)


def _until(app: QApplication, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The window did not get there.")
        app.processEvents()
    app.processEvents()


if __name__ == "__main__":
    main()
