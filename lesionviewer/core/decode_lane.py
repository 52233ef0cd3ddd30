"""One thread of a decode pool: it takes requests, and keeps one decode process alive for them."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from lesionviewer.core.deadline import Deadline
from lesionviewer.core.decode_child import ChildEndedError, DecodeChild
from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.core.limits import DecodeLimits

DecodeFuture = Future[DecodedFile | DecodeFailure]
Job = tuple[DecodeRequest, DecodeFuture]

START_SECONDS = 60.0
"""A process that cannot decode after this time is given up: the disk may be slow, not dead."""

_NOT_STARTED = (
    "The program's decode process could not be started. Start the program again; if that does "
    "not help, install it again."
)
_CRASHED = "The picture crashed its decoder: it is damaged, or needs too much memory."


class DecodeLane:
    """A thread and its decode process.

    The thread waits for the process without a time limit; the pool's watchdog calls
    `kill_if_due`, which ends the process and so the wait.
    """

    def __init__(self, take_job: Callable[[], Job | None], limits: DecodeLimits) -> None:
        """Make a lane; `start` sets it to work.

        Args:
            take_job: Waits for the next job; None means that there will be none.
            limits: Bounds on one picture.
        """
        self._take_job = take_job
        self._limits = limits
        self._lock = threading.Lock()
        self._child: DecodeChild | None = None
        self._deadline: Deadline | None = None
        self._overdue = False
        self._stopped = False
        self._future: DecodeFuture | None = None
        self._thread = threading.Thread(target=self._run, name="decode-lane", daemon=True)

    @property
    def pid(self) -> int | None:
        """Identifier of the decode process, if there is one."""
        with self._lock:
            return self._child.pid if self._child else None

    def start(self) -> None:
        """Start the thread, which starts its process at once."""
        self._thread.start()

    def kill_if_due(self, now: float) -> float | None:
        """End the process if its time is over. Return the seconds left; None while it is idle."""
        with self._lock:
            if self._deadline is None or self._overdue:
                return None
            if (left := self._deadline.left(now)) > 0:
                return left
            self._overdue = True
            if self._child:
                self._child.kill()
            return None

    def stop(self) -> None:
        """Drop what is being decoded and end the process. `take_job` must give None from now on."""
        with self._lock:
            self._stopped = True
            if self._future:
                self._future.cancel()
            if self._child:
                self._child.kill()

    def join(self, seconds: float) -> None:
        """Wait until the thread has ended, unless it is this one or was never started."""
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _run(self) -> None:
        self._ready_child()
        while (job := self._take_job()) is not None:
            request, future = job
            with self._lock:
                self._future = future
                if self._stopped:
                    future.cancel()
            if not future.cancelled():
                outcome = self._decode(request)
            with self._lock:
                self._future = None
            if future.set_running_or_notify_cancel():
                future.set_result(outcome)
        self._discard_child()

    def _decode(self, request: DecodeRequest) -> DecodedFile | DecodeFailure:
        child = self._ready_child()
        if child is None:
            return DecodeFailure(path=request.path, sha256="", reason=_NOT_STARTED)
        limits = self._limits
        self._set_deadline(child, limits.max_seconds, at_most=limits.longest_seconds)
        try:
            outcome = child.decode(request)
        except ChildEndedError:
            reason = _CRASHED
            if self._overdue:
                reason = f"Reading the picture took longer than {limits.max_seconds:g} seconds."
            sha256 = child.last_sha256()
            self._discard_child()
            return DecodeFailure(path=request.path, sha256=sha256, reason=reason)
        if self._clear_deadline():
            # The answer came while the watchdog struck: the next picture must not pay for that.
            self._discard_child()
        return outcome

    def _ready_child(self) -> DecodeChild | None:
        """Return a process that can decode, a new one if need be; None if none can be started."""
        if self._child is not None and self._child.is_alive():
            return self._child
        self._discard_child()
        try:
            child = DecodeChild(self._limits)
        except OSError:
            return None
        with self._lock:
            self._child = child
            if self._stopped:
                child.kill()
        self._set_deadline(child, START_SECONDS, at_most=START_SECONDS)
        try:
            child.wait_until_ready()
        except ChildEndedError:
            self._discard_child()
            return None
        self._clear_deadline()
        return child

    def _discard_child(self) -> None:
        with self._lock:
            child, self._child = self._child, None
            self._deadline = None
        if child:
            child.close()

    def _set_deadline(self, child: DecodeChild, seconds: float, *, at_most: float) -> None:
        deadline = Deadline(child.pid, seconds=seconds, at_most=at_most)
        with self._lock:
            self._overdue = False
            self._deadline = deadline

    def _clear_deadline(self) -> bool:
        """Stop the clock. Return whether the process was killed meanwhile."""
        with self._lock:
            self._deadline = None
            return self._overdue
