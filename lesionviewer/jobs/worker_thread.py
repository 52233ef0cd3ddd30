"""One thread with one worker object in it, ended in bounded time."""

from collections.abc import Callable
from threading import Thread

from PySide6.QtCore import QObject, QThread


def start_in_thread(worker: QObject, name: str) -> QThread:
    """Move `worker` into a new running thread, named for debuggers. The caller keeps both."""
    thread = QThread()
    thread.setObjectName(name)
    worker.moveToThread(thread)
    thread.start()
    return thread


def end_thread(thread: QThread, *, grace_ms: int) -> bool:
    """Ask `thread` to end after what it is doing. Returns whether it ended in `grace_ms`."""
    thread.quit()
    return thread.wait(grace_ms)


def ends_in_time(work: Callable[[], None], *, grace_ms: int) -> bool:
    """Do `work`, which ends something. Returns whether it was done in `grace_ms`, and goes on."""
    ending = Thread(target=work, name="ending", daemon=True)
    ending.start()
    ending.join(grace_ms / 1000)
    return not ending.is_alive()
