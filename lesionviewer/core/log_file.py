"""The log file: what went wrong inside the program, and nothing of whose images it was."""

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType

from lesionviewer.core.user_dirs import log_dir

_MOST_BYTES = 1 << 20
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class PlainFormatter(logging.Formatter):
    """Writes where an exception came from and of which kind it is, but not its text.

    The text of a library's exception may quote a path or a file's content, and so a patient.
    """

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging's name
        """Return type, functions and line numbers."""
        kind, _, trace = ei
        lines = [
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(trace)
        ]
        return "\n".join([*lines, f"  {kind.__name__ if kind else 'no exception'}"])


def start_log_file() -> Path | None:
    """Write the program's log records to a file from now on. Returns it, or None if it cannot."""
    file = log_dir() / "lesionviewer.log"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        full = file.exists() and file.stat().st_size > _MOST_BYTES
        handler = logging.FileHandler(file, mode="w" if full else "a", encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(PlainFormatter(_FORMAT))
    logger = logging.getLogger("lesionviewer")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = sys.flags.dev_mode
    return file
