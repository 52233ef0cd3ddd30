"""Answers that need further passes over the open image, computed off the window's thread."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot

from lesionviewer.core.errors import LesionViewerError
from lesionviewer.core.region import SquareRegion
from lesionviewer.engine.explain.further import (
    GRAD_CAM,
    Answer,
    FurtherPasses,
    Kind,
    Question,
    Subject,
    map_question,
)
from lesionviewer.engine.explain.hiding import Floats
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.worker_thread import ends_in_time

log = logging.getLogger(__name__)

_CRASHED = "This could not be computed. Details are in the log file."


@dataclass(frozen=True, slots=True)
class Working:
    """It is being computed: so many passes done, of how many; of 0 where that is not known."""

    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """It waits until the folder is classified."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not to be had."""

    reason: str


State = Working | Held | Failed | Answer | None


class _DroppedError(Exception):
    """Nobody wants the answer any more."""


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    subject: Subject
    question: Question
    heat: Floats | None
    dropped: Event = field(default_factory=Event)


class Explaining(QObject):
    """Knows one image, and keeps what was answered about it until another is opened.

    What was not asked for by hand waits while a folder is being classified: 38 passes for one image
    are 38 images later.
    """

    changed = Signal(object)  # Question whose state is another now
    offered = Signal()  # what can be asked is another now: an engine came or went
    _progressed = Signal(object, int, int)  # _Request, passes done, of how many
    _landed = Signal(object, object)  # _Request, Future of the answer

    def __init__(self, parent: QObject | None = None) -> None:
        """Start without an engine and without an image.

        Args:
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._passes: FurtherPasses | None = None
        self._subject: Subject | None = None
        self._states: dict[Question, State] = {}
        self._requests: dict[Question, _Request] = {}
        self._busy = False
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="further")
        self._keras = ThreadPoolExecutor(1, thread_name_prefix="further-keras")
        queued = Qt.ConnectionType.QueuedConnection
        self._landed.connect(self._on_landed, queued)
        self._progressed.connect(self._on_progressed, queued)

    # The engine and the image

    def set_engine(self, chosen: Chosen | None) -> None:
        """Ask this engine from now on; None if there is none any more."""
        self._forget()
        before, self._passes = self._passes, None
        if before is not None:
            # It may have to end a process: not in the window's thread.
            Thread(target=before.close, name="further-close", daemon=True).start()
        if chosen is not None:
            self._passes = FurtherPasses(chosen.classifier, chosen.opened)
        self.offered.emit()

    def reason_against(self, method: str) -> str:
        """Return why a method cannot be had with this engine; empty if it can."""
        return self._passes.reason_against(method) if self._passes is not None else ""

    def open(self, subject: Subject | None) -> bool:
        """Answer about this image from now on. Returns whether it is another one than before."""
        if self._is_open(subject):
            return False
        self._forget()
        self._subject = subject
        return True

    def set_busy(self, busy: bool) -> None:
        """Say whether a folder is being classified; what waited for its end is done then."""
        self._busy = busy
        if not busy:
            for question in [q for q, state in self._states.items() if isinstance(state, Held)]:
                self.ask(question, by_hand=True)

    # Questions

    def ask(self, question: Question, *, by_hand: bool = False) -> None:
        """See to it that there will be an answer; what is known or on its way is not asked again.

        The test of a map waits for nothing: ask for the map first, else it is not tested.

        Args:
            question: What to find out about the open image.
            by_hand: Whether the reader wants it now, also while a folder is being classified, or
                again, if it failed.
        """
        state = self._states.get(question)
        settled = state is not None and not isinstance(state, Held | Failed)
        if settled or (isinstance(state, Failed) and not by_hand):
            return
        subject, passes = self._subject, self._passes
        if subject is None or passes is None:
            return
        if self._busy and not by_hand:
            self._put(question, Held())
            return
        heat = None
        if question.kind is Kind.FAITHFULNESS:
            heat = self._heat(subject, question)
            if heat is None:
                return
        request = self._requests[question] = _Request(subject, question, heat)
        self._put(question, Working())
        threads = self._keras if question.by_keras else self._threads
        future = threads.submit(self._answer, passes, request)
        future.add_done_callback(partial(self._land, request))

    def drop(self, question: Question) -> None:
        """Want no answer any more, unless it is there."""
        if isinstance(self._states.get(question), Working | Held):
            if request := self._requests.pop(question, None):
                request.dropped.set()
            self._put(question, None)

    def state(self, question: Question) -> State:
        """Return the answer, or how far it is; None if it was not asked for."""
        return self._states.get(question)

    def has(self, question: Question) -> bool:
        """Return whether the answer is there."""
        return not isinstance(self._states.get(question), Working | Held | Failed | None)

    def map_of(
        self, method: str, diagnosis: int, *, image: int, region: SquareRegion
    ) -> Floats | None:
        """Return a map of the open image, as `FurtherPasses.answer` does, if it is known.

        Args:
            method: Of `engine.explain.further.EVERY_METHOD`.
            diagnosis: Its place in the card.
            image: Which image the caller has in mind; for another one nothing is known.
            region: The square that it has in mind.
        """
        subject = self._subject
        if subject is None or (subject.image, subject.region) != (image, region):
            return None
        return self._map(subject, method, diagnosis)

    def close(self, *, grace_ms: int) -> bool:
        """Drop all work and end the threads. Returns whether they ended in time."""
        self._forget()
        for threads in (self._threads, self._keras):
            threads.shutdown(wait=False, cancel_futures=True)
        # Ending a process that is just starting may take longer than anybody waits for a window.
        return ends_in_time(self._end, grace_ms=grace_ms)

    def _end(self) -> None:
        if self._passes is not None:
            self._passes.close()
        for threads in (self._threads, self._keras):
            threads.shutdown()

    def _answer(self, passes: FurtherPasses, request: _Request) -> Answer:
        def report(done: int, total: int) -> None:
            if request.dropped.is_set():
                raise _DroppedError
            self._progressed.emit(request, done, total)

        if request.dropped.is_set():
            raise _DroppedError
        return passes.answer(request.question, request.subject, heat=request.heat, progress=report)

    def _land(self, request: _Request, future: "Future[Answer]") -> None:
        if not request.dropped.is_set():
            self._landed.emit(request, future)

    def _map(self, subject: Subject, method: str, diagnosis: int) -> Floats | None:
        if method == GRAD_CAM:
            return subject.maps
        found = self._states.get(map_question(method, diagnosis))
        return found if isinstance(found, np.ndarray) else None

    def _heat(self, subject: Subject, question: Question) -> Floats | None:
        """Return the map that is to be tested, (h, w), if it is known."""
        found = self._map(subject, question.method, question.diagnosis)
        if found is None or found.ndim == 2:
            return found
        return np.asarray(found[..., question.diagnosis])

    def _is_open(self, subject: Subject | None) -> bool:
        before = self._subject
        if subject is None or before is None:
            return subject is before
        return (subject.image, subject.region) == (before.image, before.region)

    def _forget(self) -> None:
        for request in self._requests.values():
            request.dropped.set()
        self._requests.clear()
        self._states.clear()
        self._subject = None

    def _put(self, question: Question, state: State) -> None:
        self._states[question] = state
        self.changed.emit(question)

    @Slot(object, int, int)
    def _on_progressed(self, request: _Request, done: int, total: int) -> None:
        if not request.dropped.is_set() and request.question in self._requests:
            self._put(request.question, Working(done, total))

    @Slot(object, object)
    def _on_landed(self, request: _Request, future: "Future[Answer]") -> None:
        if request.dropped.is_set():
            return
        del self._requests[request.question]
        state: State
        try:
            state = future.result()
        except LesionViewerError as error:
            state = Failed(str(error))
        except Exception:
            log.exception("A further pass crashed")
            state = Failed(_CRASHED)
        self._put(request.question, state)
