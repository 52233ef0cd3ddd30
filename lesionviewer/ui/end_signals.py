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
        self._out, self._into = os.pipe()
        os.set_blocking(self._into, False)
        signal.set_wakeup_fd(self._into)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        self._notifier = QSocketNotifier(self._out, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def stop(self) -> None:
        """Listen no more."""
        if sys.platform != "win32":
            signal.set_wakeup_fd(-1)
            self._notifier.setEnabled(False)
            os.close(self._out)
            os.close(self._into)

    def _on_signal(self) -> None:
        os.read(self._out, 64)
        self._close()
