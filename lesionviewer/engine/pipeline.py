"""Files to predictions: decoding runs ahead while the engine works, within bounded memory."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.core.doubt import Doubt
from lesionviewer.core.files import FoundImage
from lesionviewer.core.prediction import Prediction
from lesionviewer.engine.calibration import calibrated, prediction_of
from lesionviewer.engine.classifier import Classifier, RawOutput
from lesionviewer.engine.doubt.doubts import Doubts

_BATCHES_AHEAD = 2
"""Batches handed to the engine at a time, so that no thread of it waits for the other's last."""
_WINDOW = 64
"""Images between the first that is still awaited and the last that was asked for."""


_LISTEN_SECONDS = 0.5
"""A wait without end would hold up Ctrl-C on Windows."""

_Numbered = tuple[int, DecodedFile, NDArray[np.uint8]]


class Decoder(Protocol):
    """What the pipeline needs of `core.decode_pool.DecodePool`."""

    def submit(self, request: DecodeRequest) -> "Future[DecodedFile | DecodeFailure]":
        """Ask for one file."""
        ...


class Outcome(NamedTuple):
    """What became of one file: `prediction` is None if `decoded` is a failure."""

    found: FoundImage
    decoded: DecodedFile | DecodeFailure
    prediction: Prediction | None


def classify_files(
    found: Iterable[FoundImage],
    pool: Decoder,
    classifier: Classifier,
    *,
    doubts: Doubts | None = None,
) -> Generator[Outcome, None, None]:
    """Yield what becomes of each file, in the order of `found`.

    Batches are formed from whatever was decoded first, so one slow file does not hold up the
    engine; a result does not depend on its batch. Close the generator to stop early.

    Args:
        found: The files; taken only as fast as they are worked off.
        pool: Decodes them.
        classifier: Predicts.
        doubts: Of the classifier's bundle, to fill in `Prediction.doubt`.

    Raises:
        EngineError: The engine failed.
    """
    with ThreadPoolExecutor(_BATCHES_AHEAD, thread_name_prefix="engine") as engine:
        run = _Run(found, pool, classifier, engine, doubts)
        try:
            yield from run.outcomes()
        finally:
            run.cancel()


class _Run:
    def __init__(
        self,
        found: Iterable[FoundImage],
        pool: Decoder,
        classifier: Classifier,
        engine: ThreadPoolExecutor,
        doubts: Doubts | None,
    ) -> None:
        self._found, self._doubts = enumerate(found), doubts
        self._pool, self._classifier, self._engine = pool, classifier, engine
        self._window = max(_WINDOW, (_BATCHES_AHEAD + 2) * classifier.batch_size)
        self._open: dict[int, FoundImage] = {}
        self._decoding: dict[Future[DecodedFile | DecodeFailure], int] = {}
        self._decoded: deque[_Numbered] = deque()
        self._predicting: dict[Future[RawOutput], list[_Numbered]] = {}
        self._done: SimpleQueue[Future[Any]] = SimpleQueue()
        self._finished: dict[int, Outcome] = {}

    def outcomes(self) -> Iterator[Outcome]:
        """Yield outcomes in order until every file is worked off."""
        following = 0
        while True:
            self._ask_for_more()
            self._feed_engine()
            if not self._decoding and not self._predicting:
                return
            self._take(self._wait())
            while (outcome := self._finished.pop(following, None)) is not None:
                del self._open[following]
                following += 1
                yield outcome

    def cancel(self) -> None:
        """Drop everything that has not begun."""
        waiting: list[Future[Any]] = [*self._decoding, *self._predicting]
        for future in waiting:
            future.cancel()

    def _ask_for_more(self) -> None:
        while len(self._open) < self._window:
            if (following := next(self._found, None)) is None:
                return
            number, found = following
            self._open[number] = found
            request = DecodeRequest(path=found.path, input_px=self._classifier.card.input_px)
            future = self._pool.submit(request)
            self._decoding[future] = number
            future.add_done_callback(self._done.put)

    def _feed_engine(self) -> None:
        """Hand over full batches; a part of one only when no further image can join it."""
        size = self._classifier.batch_size
        while self._decoded and len(self._predicting) < _BATCHES_AHEAD:
            if len(self._decoded) < size and self._decoding:
                return
            batch = [self._decoded.popleft() for _ in range(min(size, len(self._decoded)))]
            pixels = np.stack([pixels for _, _, pixels in batch])
            future = self._engine.submit(self._classifier.predict, pixels)
            self._predicting[future] = batch
            future.add_done_callback(self._done.put)

    def _wait(self) -> Future[Any]:
        while True:
            try:
                return self._done.get(timeout=_LISTEN_SECONDS)
            except Empty:
                continue

    def _take(self, future: Future[Any]) -> None:
        number = self._decoding.pop(future, None)
        if number is None:
            self._take_predictions(self._predicting.pop(future), future.result())
            return
        decoded = future.result()
        if isinstance(decoded, DecodeFailure) or decoded.model_input is None:
            self._finished[number] = Outcome(self._open[number], decoded, None)
        else:
            self._decoded.append((number, decoded, decoded.model_input))

    def _take_predictions(self, batch: list[_Numbered], raw: RawOutput) -> None:
        temperature = self._classifier.card.temperature
        doubts: Sequence[Doubt | None] = [None] * len(batch)
        if self._doubts is not None:
            doubts = self._doubts.of(raw, calibrated(raw.logits, temperature))
        for row, (number, decoded, _) in enumerate(batch):
            prediction = prediction_of(
                raw, row, temperature=temperature, region=decoded.region, doubt=doubts[row]
            )
            self._finished[number] = Outcome(self._open[number], decoded, prediction)
