"""What nobody expected: logged with its place in the program, shown as one plain sentence."""

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, Signal

log = logging.getLogger(__name__)

SENTENCE = "Something in the program failed. Details are in the log file."


class CrashReport(QObject):
    """Catches what no code caught, in every thread."""

    happened = Signal(str)  # sentence for the reader

    def install(self) -> None:
        """Take the place of Python's own handling, which prints and forgets."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread

    def remove(self) -> None:
        """Give the place back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("Unhandled exception", exc_info=(kind, error, trace))
        self.happened.emit(SENTENCE)

    def _on_thread(self, unhandled: threading.ExceptHookArgs) -> None:
        if unhandled.exc_value is not None:
            self._on_exception(unhandled.exc_type, unhandled.exc_value, unhandled.exc_traceback)
