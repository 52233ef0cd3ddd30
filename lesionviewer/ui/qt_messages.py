"""What Qt says on its platform without a screen, but for one sentence that means nothing."""

import sys

from PySide6.QtCore import QMessageLogContext, QtMsgType, qFormatLogMessage, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication

_MEANS_NOTHING = "This plugin does not support propagateSizeHints()"


def quiet_offscreen() -> None:
    """Pass on every message of Qt but the one that its offscreen plug-in has for each window."""
    if QGuiApplication.platformName() == "offscreen":
        qInstallMessageHandler(_pass_on)


def _pass_on(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    if message != _MEANS_NOTHING:
        sys.stderr.write(f"{qFormatLogMessage(kind, context, message)}\n")
