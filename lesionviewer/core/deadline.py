"""When a process has had its time, whatever else the machine is busy with."""

import time
from pathlib import Path


class Deadline:
    """A limit on the time of another process, from now on.

    Time in which it waited for a processor is not its own and does not count, up to a second limit.
    """

    def __init__(self, pid: int, *, seconds: float, at_most: float) -> None:
        """Start the clock.

        Args:
            pid: Identifier of the process.
            seconds: What it may take, working or blocked.
            at_most: What it may take with its waiting for a processor.
        """
        self._pid = pid
        self._seconds, self._at_most = seconds, at_most
        self._began = time.monotonic()
        self._waited = waited_for_processor(pid)

    def left(self, now: float) -> float:
        """Return the seconds left at `now` of `time.monotonic`; 0 or less if its time is over."""
        passed = now - self._began
        own = passed
        if passed >= self._seconds:
            own -= waited_for_processor(self._pid) - self._waited
        return min(self._seconds - own, self._at_most - passed)


def waited_for_processor(pid: int) -> float:
    """Return the seconds that the first thread of process `pid` was ready, but had no processor.

    They count from its start. Linux tells them (second figure of `/proc/PID/schedstat`, in ns; see
    `Documentation/scheduler/sched-stats.rst` of the kernel); elsewhere this is 0.0.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
