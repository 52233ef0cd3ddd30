"""What a run tells while it works: one JSON object a line in `events.jsonl`, and a line to read."""

import json
import sys
import time
from pathlib import Path
from typing import Any, TextIO

KINDS = ("started", "notice", "stage", "progress", "epoch", "stopped", "finished", "failed")


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
        every_s: Least seconds between two lines on the progress of the same work.
    """

    def __init__(self, path: Path, out: TextIO | None = None, *, every_s: float = 10.0) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._out = out or sys.stdout
        self._every_s = every_s
        self._work, self._began, self._first, self._told = "", 0.0, 0, 0.0

    def tell(self, kind: str, line: str, **fields: Any) -> None:
        """Write an event and its line for people."""
        write_event(self._file, kind, message=line, **fields)
        self._out.write(line + "\n")
        self._out.flush()

    def progress(self, work: str, done: int, total: int, **fields: Any) -> None:
        """Tell how far `work` is and how long the rest of it will take, from time to time."""
        now = time.monotonic()
        if work != self._work:
            self._work, self._began, self._first, self._told = work, now, done, now
        if now - self._told < self._every_s or done <= self._first:
            return
        self._told = now
        left = (now - self._began) / (done - self._first) * (total - done)
        self.tell(
            "progress",
            f"{work}: {done} of {total}, {clock(left)} left",
            work=work,
            done=done,
            total=total,
            seconds_left=round(left, 1),
            **fields,
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def clock(seconds: float) -> str:
    """Return a duration to read, such as `1:02:03` or `2:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
