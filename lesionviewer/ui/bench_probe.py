"""Tells `benchmarks/` on stderr how fast the real window is; asleep unless asked for.

With LESIONVIEWER_BENCH=1 there is one line for each event, in seconds since the process began:
`shown S`, `explained S`, `classified S IMAGES`, and with the last one `lag p50 MS p99 MS max MS`,
the delays of a timer of 5 ms from the first frame on.
"""

import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot

from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.ui.main_window import MainWindow

VARIABLE = "LESIONVIEWER_BENCH"
_TICK_MS = 5


class BenchProbe(QObject):
    """Watches one window from its first frame until all is classified."""

    def __init__(self, window: MainWindow, service: ReviewService, *, age_s: float) -> None:
        """Watch.

        Args:
            window: Not shown yet.
            service: Of the window.
            age_s: Seconds since the process began.
        """
        super().__init__(window)
        self._began = time.perf_counter() - age_s
        self._window, self._service = window, service
        self._shown = self._explained = self._explainable = False
        self._delays: list[float] = []
        self._last = 0.0
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._on_tick)
        window.installEventFilter(self)
        window.page.view.installEventFilter(self)
        window.page.open_image.explained.connect(self._on_explained)
        service.finished.connect(self._on_finished)

    @Slot(int)
    def _on_explained(self) -> None:
        self._explainable = True

    @Slot()
    def _on_painted(self) -> None:
        if not self._shown:
            self._shown = True
            self._say("shown")
            self._last = time.perf_counter()
            self._tick.start()
        if self._explainable and not self._explained:
            self._explained = True
            self._say("explained")

    @Slot()
    def _on_tick(self) -> None:
        now = time.perf_counter()
        self._delays.append(max(0.0, 1000 * (now - self._last) - _TICK_MS))
        self._last = now

    @Slot()
    def _on_finished(self) -> None:
        self._tick.stop()
        self._say("classified", str(self._service.images.counts.done))
        delays = sorted(self._delays) or [0.0]
        p50, p99 = (delays[int(share * (len(delays) - 1))] for share in (0.5, 0.99))
        sys.stderr.write(f"lag p50 {p50:.1f} p99 {p99:.1f} max {delays[-1]:.1f}\n")
        sys.stderr.flush()

    def _say(self, word: str, rest: str = "") -> None:
        seconds = time.perf_counter() - self._began
        sys.stderr.write(f"{word} {seconds:.3f} {rest}".rstrip() + "\n")
        sys.stderr.flush()

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not (self._shown and self._explained):
            QTimer.singleShot(0, self._on_painted)
        return False


def wanted() -> bool:
    """Return whether the environment asks for the probe."""
    return os.environ.get(VARIABLE) == "1"


def process_age_s() -> float:
    """Return the seconds since this process began, as far as the system tells (Linux does)."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
        return uptime - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.process_time()
