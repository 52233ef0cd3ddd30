"""What nobody caught, and how the program is told to end."""

import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS

from lesionviewer.ui.crash_report import SENTENCE, CrashReport
from lesionviewer.ui.end_signals import EndSignals


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Iterator[CrashReport]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    report = CrashReport()
    report.install()
    yield report
    report.remove()


def test_an_exception_that_nobody_caught_becomes_one_sentence(qtbot: QtBot, report: CrashReport):
    error = ZeroDivisionError("Jane Doe")
    with qtbot.waitSignal(report.happened) as happened:
        sys.excepthook(type(error), error, None)
    assert happened.args == [SENTENCE]


def test_an_exception_in_a_thread_is_told_too(qtbot: QtBot, report: CrashReport):
    def fail() -> None:
        raise ZeroDivisionError("Jane Doe")

    with qtbot.waitSignal(report.happened):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_polite_kill_closes_the_window(qtbot: QtBot):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    closed: list[bool] = []
    ending = EndSignals(lambda: closed.append(True))
    QTimer.singleShot(0, lambda: os.kill(os.getpid(), signal.SIGTERM))
    qtbot.waitUntil(lambda: bool(closed), timeout=WAIT_MS)
    ending.stop()
    for number, handler in handlers.items():
        signal.signal(number, handler)
