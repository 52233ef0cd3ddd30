"""What a run tells while it works: one JSON object a line in `events.jsonl`, and a line to read."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

KINDS = (
    *("started", "notice", "stage", "progress", "epoch", "paused", "resumed", "stopping"),
    *("retry", "stopped", "finished", "failed"),
)


def write_event(file: TextIO, kind: str, **fields: Any) -> None:
    """Append one event: `kind`, `time` in seconds since 1970, and `fields`."""
    event = {"kind": kind, "time": round(time.time(), 3), **fields}
    file.write(json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n")
    file.flush()


class Reporter:
    """Writes the events of a run, and short lines for whoever watches it.

    Args:
        path: `events.jsonl` of the run folder.
        out: Where the lines for people go; standard output if None.
        clock: In seconds; may stand still while the run rests.
        every_s: Least seconds between two events on the progress of the same work.
        lines_every_s: The same for lines.
    """

    def __init__(
        self,
        path: Path,
        out: TextIO | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        every_s: float = 2.0,
        lines_every_s: float = 10.0,
    ) -> None:
        _end_line(path)
        self._file = path.open("a", encoding="utf-8")
        self._out = out or sys.stdout
        self._clock, self._every_s, self._lines_every_s = clock, every_s, lines_every_s
        self._work, self._began, self._first = "", 0.0, 0
        self._told = self._said = 0.0

    def tell(self, kind: str, line: str, **fields: Any) -> None:
        """Write an event and its line for people."""
        write_event(self._file, kind, message=line, **fields)
        self._say(line)

    def progress(self, work: str, done: int, total: int, **fields: Any) -> None:
        """Tell how far `work` is and how long the rest of it will take, from time to time."""
        now = self._clock()
        if work != self._work:
            self._work, self._began, self._first = work, now, done
            self._told = self._said = now
        if now - self._told < self._every_s or done <= self._first:
            return
        self._told = now
        rate = (done - self._first) / (now - self._began)
        left = (total - done) / rate
        line = f"{work}: {done} of {total}, {clock(left)} left"
        write_event(
            self._file,
            "progress",
            message=line,
            work=work,
            done=done,
            total=total,
            rate=round(rate, 4),
            seconds_left=round(left, 1),
            **fields,
        )
        if now - self._said >= self._lines_every_s:
            self._said = now
            self._say(line)

    def _say(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _end_line(path: Path) -> None:
    """End a line that a kill cut short, so that the next event has one of its own."""
    if path.is_file() and path.stat().st_size:
        with path.open("r+b") as file:
            file.seek(-1, 2)
            if file.read() != b"\n":
                file.write(b"\n")


def clock(seconds: float) -> str:
    """Return a duration to read, such as `1:02:03` or `2:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
