"""Decoding in processes of their own, so that no file can stop or crash the program.

A picture that crashes its process, or takes longer than the limits allow, costs that one picture:
its future gives a `DecodeFailure`, the process is replaced, and the next picture is served.
"""

import os
import threading
import time
from collections import deque
from typing import Self

from lesionviewer.core.decode_lane import START_SECONDS, DecodeFuture, DecodeLane, Job
from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.core.limits import DecodeLimits

__all__ = ["DecodeFailure", "DecodeFuture", "DecodePool", "DecodeRequest", "DecodedFile"]

_MOST_WORKERS = 4
_CLOSE_SECONDS = 1.0
_LEAST_REST_SECONDS = 0.05


class DecodePool:
    """A few decode processes that serve requests in the order in which they come.

    Keep few requests in flight: each result holds pixels. A future never raises for a bad picture;
    it gives a `DecodeFailure`. `cancel` works until the result is there; of a picture that is being
    decoded the result is dropped. Callbacks of the futures run on the pool's threads, or in
    `cancel` and `close`: they must be short, and reach the window through a queued signal.
    """

    def __init__(self, workers: int | None = None, *, limits: DecodeLimits | None = None) -> None:
        """Make a pool. Its processes start when requests come, or with `warm_up`.

        Args:
            workers: Number of processes; as many as there are processors, but 4 at most, if None.
            limits: Bounds on one picture.
        """
        self._limits = limits or DecodeLimits()
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        count = workers or min(_processors(), _MOST_WORKERS)
        self._lanes = [DecodeLane(self._take_job, self._limits) for _ in range(count)]
        self._started = 0
        self._idle = 0
        self._watchdog = threading.Thread(target=self._watch, name="decode-watchdog", daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Number of decode processes."""
        return len(self._lanes)

    @property
    def pids(self) -> list[int]:
        """Identifiers of the decode processes that run now."""
        return [pid for lane in self._lanes if (pid := lane.pid) is not None]

    def submit(self, request: DecodeRequest) -> DecodeFuture:
        """Have a file decoded.

        Raises:
            RuntimeError: The pool is closed.
        """
        future = DecodeFuture()
        with self._changed:
            if self._closed.is_set():
                raise RuntimeError("The decode pool is closed.")
            self._waiting.append((request, future))
            if len(self._waiting) > self._idle:
                self._start_lane()
            self._changed.notify()
        return future

    def warm_up(self) -> None:
        """Start all processes now, without waiting for them."""
        with self._changed:
            while not self._closed.is_set() and self._start_lane():
                pass

    def close(self) -> None:
        """End all processes at once and cancel what is not done. May be called twice."""
        with self._changed:
            self._closed.set()
            jobs = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        for lane in self._lanes:
            lane.stop()
        for _, future in jobs:
            future.cancel()
            future.set_running_or_notify_cancel()
        until = time.monotonic() + _CLOSE_SECONDS
        for lane in self._lanes:
            lane.join(max(0.0, until - time.monotonic()))

    def _start_lane(self) -> bool:
        """Start one more lane, if there is one. Called with the lock held."""
        if self._started == len(self._lanes):
            return False
        if not self._started:
            self._watchdog.start()
        self._lanes[self._started].start()
        self._started += 1
        return True

    def _take_job(self) -> Job | None:
        """Wait for the next job. Called by the lanes."""
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._closed.is_set():
                self._changed.wait()
            self._idle -= 1
            return self._waiting.popleft() if self._waiting else None

    def _watch(self) -> None:
        """End processes whose time is over."""
        # A picture that begins after a look at the clocks is not due before the longest rest.
        longest = min(self._limits.max_seconds, START_SECONDS)
        rest = longest
        while not self._closed.wait(rest):
            now = time.monotonic()
            left = [lane.kill_if_due(now) for lane in self._lanes]
            # What waits for a processor has as much left at the next look: no hurry.
            rest = min([longest, *(seconds for seconds in left if seconds is not None)])
            rest = max(rest, _LEAST_REST_SECONDS)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
