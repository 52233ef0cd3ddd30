"""What a test must not leave behind: threads, timers, processes."""

import gc
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import psutil
from PySide6.QtCore import QObject, QThread, QTimer
from shiboken6 import isValid


@contextmanager
def nothing_left_behind(shared: Callable[[], Collection[int]] = list) -> Iterator[None]:
    """Fail if more threads, timers or processes run at the end than at the beginning.

    Args:
        shared: Gives the ids of processes that outlive the test and may be replaced meanwhile.
    """
    before = _running()
    yield
    gc.collect()
    kept = {f"process {pid}" for pid in shared()}
    left = [what for what in _running() if what not in before | kept]
    assert not left, f"left behind: {left}"


def _running() -> set[str]:
    threads = {
        f"thread {thread.name} {thread.ident}"
        for thread in threading.enumerate()
        # Python never forgets a thread of Qt that once ran Python code.
        if thread.is_alive() and not isinstance(thread, threading._DummyThread)
    }
    objects = [item for item in gc.get_objects() if isinstance(item, QObject) and isValid(item)]
    loops = {
        f"Qt thread {item.objectName()} {id(item)}"
        for item in objects
        if isinstance(item, QThread) and item.isRunning() and item.objectName()
    }
    timers = {
        f"timer of {type(item.parent()).__name__} {id(item)}"
        for item in objects
        if isinstance(item, QTimer) and item.isActive()
    }
    children = {f"process {child.pid}" for child in psutil.Process().children(recursive=True)}
    return threads | loops | timers | children
