"""Predictions that were made before: looked up by digest, kept as they are made."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from lesionviewer.core.decoded import DecodedFile
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.review_images import ImageState, ReviewImages
from lesionviewer.core.store.cache import Cache, Model, PictureFacts
from lesionviewer.core.store.cache_codec import CachedPrediction
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.decode_plan import DecodePlan

_AT_ONCE = 32
_FACTS_MS = 500


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was known of one image.

    Attributes:
        image: Position in the set.
        prediction: Of the centre square.
        facts: Of the picture.
    """

    image: int
    prediction: Prediction
    facts: PictureFacts


class KnownPredictions:
    """What one model said of images, by digest; empty without a cache. Any thread may call."""

    def __init__(self, cache: Cache | None, chosen: Chosen) -> None:
        """Look up and keep for the model of `chosen`."""
        classifier = chosen.classifier
        self._cache = cache if chosen.bundle else None
        self._model = Model(chosen.bundle, classifier.engine)
        self._diagnoses = len(classifier.card.diagnoses)
        self._doubts = chosen.doubts.reduction is not None

    def get(self, digests: Iterable[str]) -> dict[str, Prediction]:
        """Return the predictions that are there, and whole, by digest."""
        if self._cache is None:
            return {}
        found = self._cache.predictions(self._model, filter(None, digests))
        return {
            sha256: cached.prediction
            for sha256, cached in found.items()
            if self._is_whole(cached.prediction)
        }

    def keep(self, predictions: Mapping[str, CachedPrediction]) -> None:
        """Keep predictions by digest; those without one are passed over."""
        if self._cache is not None:
            named = {sha256: cached for sha256, cached in predictions.items() if sha256}
            self._cache.keep_predictions(self._model, named)

    def _is_whole(self, prediction: Prediction) -> bool:
        """Whether it has all that the window shows: exports keep predictions without doubts."""
        doubted = prediction.doubt is not None or not self._doubts
        fits = prediction.probabilities.size == self._diagnoses
        return fits and doubted and prediction.quality is not None


class Recall(QObject):
    """Looks up off the window's thread, and puts what is known into the set that is open."""

    digested = Signal(int, str)  # image whose file was read, SHA-256 of it
    recalled = Signal(object)  # list of images
    _looked_up = Signal(int, object, object)  # generation, ReviewImages, Future of what is known

    def __init__(
        self, cache: Cache | None, plan: DecodePlan, parent: QObject | None = None
    ) -> None:
        """Start without a model.

        Args:
            cache: Where things are kept; None for nowhere.
            plan: Knows which set is the open one, and leaves out what is known.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._cache, self._plan = cache, plan
        self._known: KnownPredictions | None = None
        self._facts: dict[str, PictureFacts] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recall")
        self._settled = QTimer(self, singleShot=True, interval=_FACTS_MS)
        self._settled.timeout.connect(self._keep_facts)
        self._looked_up.connect(self._on_looked_up, Qt.ConnectionType.QueuedConnection)

    def set_model(self, chosen: Chosen) -> None:
        """Answer for another model from now on."""
        self._known = KnownPredictions(self._cache, chosen)

    def ask(self, images: ReviewImages, wanted: Sequence[int]) -> None:
        """Look up those of `wanted` that wait and whose digests are known; `recalled` follows."""
        if self._cache is None or self._known is None:
            return
        waiting = images.unpredicted(wanted)
        for start in range(0, len(waiting), _AT_ONCE):
            part = waiting[start : start + _AT_ONCE]
            future = self._thread.submit(self._look_up, self._known, part)
            answer = partial(self._looked_up.emit, self._plan.generation, images)
            future.add_done_callback(answer)

    def note(self, images: ReviewImages, image: int, file: DecodedFile) -> None:
        """Keep what decoding told of a file: in `images` at once, for the next time soon."""
        images.describe(image, file.width, file.height, file.notices)
        if images.reader.note_digest(image, file.sha256):
            self.digested.emit(image, file.sha256)
        if self._cache is not None:
            self._facts[file.sha256] = PictureFacts(file.width, file.height, file.notices)
            if not self._settled.isActive():
                self._settled.start()

    def close(self) -> None:
        """Write what is still to be kept and end the thread."""
        self._known = None
        self._keep_facts()
        self._thread.shutdown()

    @Slot()
    def _keep_facts(self) -> None:
        self._settled.stop()
        facts, self._facts = self._facts, {}
        if facts and self._cache is not None:
            self._thread.submit(self._cache.keep_facts, facts)

    @Slot(int, object, object)
    def _on_looked_up(
        self, generation: int, images: ReviewImages, future: "Future[list[Recalled]]"
    ) -> None:
        found = future.result()
        if not self._plan.skip(generation, [known.image for known in found]):
            return
        waiting = [known for known in found if images.state(known.image) is ImageState.WAITING]
        for known in waiting:
            facts = known.facts
            images.describe(known.image, facts.width, facts.height, facts.notices)
            images.put(known.image, known.prediction)
        self.recalled.emit([known.image for known in waiting])

    def _look_up(
        self, known: KnownPredictions, images: Sequence[tuple[int, str]]
    ) -> list[Recalled]:
        """In the thread. What was asked for another model, or before the end, is passed over."""
        if self._cache is None or known is not self._known:
            return []
        facts = self._cache.facts({sha256 for _, sha256 in images})
        predictions = known.get(facts)
        return [
            Recalled(image, predictions[sha256], facts[sha256])
            for image, sha256 in images
            if sha256 in predictions
        ]
