"""Ctrl-C in the terminal and a polite kill close the window as its own button does."""

import os
import signal
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier


class EndSignals(QObject):
    """Passes SIGINT and SIGTERM to the event loop, which Python's own handlers do not wake."""

    def __init__(self, close: Callable[[], object], parent: QObject | None = None) -> None:
        """Listen from now on.

        Args:
            close: Called in the window's thread.
            parent: Qt's owner.
        """
        super().__init__(parent)
        if sys.platform == "win32":
            return
        self._close = close
        self._out, into = os.pipe()
        os.set_blocking(into, False)
        signal.set_wakeup_fd(into)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        self._notifier = QSocketNotifier(self._out, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def _on_signal(self) -> None:
        os.read(self._out, 64)
        self._close()
