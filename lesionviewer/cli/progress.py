"""Progress on a terminal: one line that is written over."""

import sys
import time
from typing import IO

_EVERY_SECONDS = 0.2


class Progress:
    """Counts images on stderr; silent unless that is a terminal."""

    def __init__(self, total: int | None, stream: IO[str] | None = None) -> None:
        """Begin to count.

        Args:
            total: How many images there are; None if that is not known.
            stream: Where to write; stderr if None.
        """
        self._stream = stream or sys.stderr
        self._shown = self._stream.isatty()
        self._total = total
        self._start = self._last = time.monotonic()
        self._done = 0

    def say(self, text: str) -> None:
        """Print a line of its own."""
        if self._shown:
            print(f"\r\x1b[K{text}", file=self._stream, flush=True)

    def advance(self) -> None:
        """Count one image."""
        self._done += 1
        now = time.monotonic()
        if self._shown and now - self._last >= _EVERY_SECONDS:
            self._last = now
            print(f"\r\x1b[K{self._line(now)}", end="", file=self._stream, flush=True)

    def close(self) -> None:
        """Clear the line."""
        if self._shown:
            print("\r\x1b[K", end="", file=self._stream, flush=True)

    def _line(self, now: float) -> str:
        rate = self._done / max(now - self._start, 1e-9)
        if self._total is None:
            return f"{self._done} images · {rate:.0f}/s"
        left = round((self._total - self._done) / rate) if rate else 0
        return f"{self._done} of {self._total} · {rate:.0f}/s · {left // 60}:{left % 60:02d} left"
