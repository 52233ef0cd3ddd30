"""Commands that are stopped leave nothing half-written behind."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lesionviewer.cli.arguments import fail

INTERRUPTED, TERMINATED = 130, 143


class Terminated(BaseException):
    """SIGTERM: like Ctrl-C, no error that anything on the way may handle."""


@contextmanager
def terminable() -> Iterator[None]:
    """Have SIGTERM, as a job scheduler sends it, unwind the program."""

    def stop(*_: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def stoppable(command: str, work: Callable[[], int], *, left: str = "nothing was written") -> int:
    """Do `work` and return its status, or that of a command that was stopped.

    Args:
        command: Its name, for the line that says so.
        work: What may be stopped.
        left: What a stopped command leaves, for that line.
    """
    try:
        with terminable():
            return work()
    except (KeyboardInterrupt, Terminated) as stop:
        fail(command, f"Stopped; {left}.")
        return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED
