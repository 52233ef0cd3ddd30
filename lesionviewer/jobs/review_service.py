"""The images opened together: found, decoded and classified in the background."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from lesionviewer.core.decoded import DecodedFile
from lesionviewer.core.files import FoundImage
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.review_images import Counts, ImageState, ReviewImages
from lesionviewer.core.store.cache import Cache
from lesionviewer.engine.pipeline import Decoder
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.decode_feed import DecodeFeed
from lesionviewer.jobs.decode_plan import DecodePlan, Task
from lesionviewer.jobs.explaining import Explaining
from lesionviewer.jobs.folder_scan import FolderScan
from lesionviewer.jobs.inference import InferenceService
from lesionviewer.jobs.input_queue import InputQueue
from lesionviewer.jobs.own_libraries import OwnLibraries
from lesionviewer.jobs.pictures import Picture, PictureCache
from lesionviewer.jobs.progress import Progress, RateMeter
from lesionviewer.jobs.recall import Recall
from lesionviewer.jobs.side_by_side import SideBySide
from lesionviewer.jobs.similar_cases import SimilarCases
from lesionviewer.jobs.updates import Updates

_AHEAD = 48
_PICTURES_BYTES = 256 << 20


@dataclass(slots=True)
class _Set:
    """What is remembered of the current set of images, and gone with it."""

    open: int = -1
    paused: bool = False
    finished: bool = False
    meter: RateMeter = field(default_factory=RateMeter)
    pictures: PictureCache = field(default_factory=lambda: PictureCache(_PICTURES_BYTES))
    regions: dict[int, SquareRegion] = field(default_factory=dict)

    def progress(self, counts: Counts, *, scanning: bool, failed: bool) -> Progress:
        """Return how far the set is."""
        rate = None if self.paused or failed else self.meter.rate
        left = (counts.total - counts.done) / rate if rate else None
        return Progress(counts.done, counts.total, rate, left, scanning, self.paused, failed)

    def ends(self, progress: Progress) -> bool:
        """Return whether all is done, once."""
        ends = progress.complete and not self.finished
        self.finished = self.finished or ends
        return ends


class ReviewService(QObject):
    """What the window sees of all background work. Lives in the window's thread.

    Signals about images carry their positions in the current set; nothing of an older set comes
    after `restarted`.
    """

    restarted = Signal()
    listed = Signal(int)  # how many images were appended
    scanned = Signal()
    scan_failed = Signal(str)
    engine_started = Signal(object)  # Chosen, for card, names and reasons only
    engine_failed = Signal(str)
    digested = Signal(int, str)  # image whose file was read, SHA-256 of it
    changed = Signal(object)  # list of images whose state or prediction changed
    thumbnails = Signal(object)  # list of (image, RGB pixels)
    picture_ready = Signal(object)  # Picture of the open image
    picture_failed = Signal(int, str)  # the open image, message for the user
    progressed = Signal(object)  # Progress
    finished = Signal()  # every image of the set is classified or failed

    def __init__(
        self,
        pool: Decoder,
        start_engine: Callable[[], Chosen],
        *,
        prepare: Callable[[NDArray[np.uint8]], Any],
        input_px: int = 224,
        workers: int = 2,
        scan: FolderScan | None = None,
        cache: Cache | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Start the threads; the engine waits for `start_engine`.

        Args:
            pool: Decodes; closed by the caller, after this service.
            start_engine: Chooses an engine and starts it, in the inference thread.
            prepare: Makes of a whole picture what the window paints; runs in any thread.
            input_px: Edge of the square that the network is expected to take.
            workers: How many images `pool` decodes at once.
            scan: Finds the images; belongs to the service from now on.
            cache: Keeps predictions from one start to the next; closed by the caller.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.images = ReviewImages()
        self.engine_failure = ""
        self._engine_before = False
        self._set = _Set()
        self._plan = DecodePlan(limit=workers + 1, ahead=_AHEAD)
        self._queue = InputQueue()
        self._updates = Updates(self)
        self._scan = scan or FolderScan()
        self._scan.setParent(self)
        plan, queue = self._plan, self._queue
        self._inference = InferenceService(
            start_engine, queue, plan=plan, pump=lambda: self._feed.pump(), cache=cache, parent=self
        )
        wake = self._inference.wake
        self._feed = DecodeFeed(pool, plan, queue, wake=wake, prepare=prepare, parent=self)
        self._feed.input_px = input_px
        self.similar = SimilarCases(pool, parent=self)
        self.explaining = Explaining(parent=self)
        self.libraries = OwnLibraries(pool, parent=self)
        self.side_by_side = SideBySide(pool, prepare, parent=self)
        self._recall = Recall(cache, self._plan, parent=self)
        self._connect()

    def _connect(self) -> None:
        self._scan.found.connect(self._on_found)
        self._scan.finished.connect(self._on_scanned)
        self._scan.failed.connect(self.scan_failed)
        self._feed.decoded.connect(self._on_decoded)
        self._feed.failed.connect(self._on_failed)
        self._inference.started.connect(self._on_started)
        self._inference.failed.connect(self._on_engine_failed)
        self._inference.predicted.connect(self._on_predicted)
        self._recall.digested.connect(self.digested)
        self._recall.recalled.connect(lambda images: self._updates.note(*images))
        self._updates.due.connect(self._on_due)
        self.libraries.usable.connect(self.similar.replace_libraries)
        self.progressed.connect(lambda at: self.explaining.set_busy(at.under_way))

    @property
    def progress(self) -> Progress:
        """How far the current set is."""
        failed = bool(self.engine_failure)
        return self._set.progress(self.images.counts, scanning=self._scan.running, failed=failed)

    def start_engine(self) -> None:
        """Start the classifier, again if it failed before."""
        self.engine_failure = ""
        self._inference.start()

    def open(self, paths: Sequence[Path], *, recursive: bool = True) -> None:
        """Drop the current set at once and look for the images of files and folders."""
        self._feed.drop()
        self.explaining.open(None)
        self._forget()
        self._set = _Set()
        self.images = ReviewImages(self.images.diagnoses, threshold=self.images.threshold)
        self.restarted.emit()
        self._scan.start(paths, recursive=recursive)
        self.progressed.emit(self.progress)

    def show(self, image: int, neighbours: Sequence[int] = ()) -> None:
        """Get the whole picture of `image` before anything else, then those of its neighbours."""
        self._set.open = image
        self._queue.prefer(image)
        # An image that cannot be read is not tried again and again: that may take seconds.
        full = [other for other in (image, *neighbours) if self._readable(other)]
        if self.images.lacks_maps(image):
            self._plan.forget(image)
        self._plan.want_full(full, have=self._set.pictures)
        picture = self._set.pictures.get(image)
        if picture is not None:
            self.picture_ready.emit(picture)
        self._feed.pump()
        self._inference.wake()

    def see(self, images: Iterable[int], *, thumbnails: Iterable[int]) -> None:
        """Classify the images in sight before the rest, and make thumbnails of some of them."""
        self._plan.want_visible(
            filter(self._readable, images), thumbnails=filter(self._readable, thumbnails)
        )
        self._feed.pump()

    def recall(self, images: Sequence[int]) -> None:
        """Look up what the model said before of those that wait and whose digests are known."""
        self._recall.ask(self.images, images)

    def set_thumbnail_px(self, edge: int) -> None:
        """Make thumbnails of at most `edge` × `edge` device pixels from now on."""
        self._feed.thumbnail_px = edge

    def spare_thumbnails(self) -> None:
        """Make thumbnails only of images in sight from now on."""
        self._plan.spare_thumbnails()

    def picture(self, image: int) -> Picture | None:
        """Return the whole picture of an image, if it is at hand."""
        return self._set.pictures.get(image)

    def choose_region(self, image: int, region: SquareRegion) -> None:
        """Classify another square of the open image, before anything else."""
        picture = self._set.pictures.get(image)
        if picture is not None:
            self._set.regions[image] = region
            self._queue.put_chosen(self._plan.generation, image, picture.pixels, region)
            self._inference.wake()

    def reset_region(self, image: int) -> None:
        """Let the prediction of the centre square stand again."""
        self._set.regions.pop(image, None)
        self._queue.drop_chosen(image)
        self.images.restore_centre(image)
        self.changed.emit([image])

    def set_paused(self, paused: bool) -> None:
        """Stop classifying after what is on its way, or go on. The open image is always done."""
        self._set.paused = paused
        self._plan.set_paused(paused)
        self._set.meter.reset()
        self._feed.pump()
        self._inference.wake()
        self.progressed.emit(self.progress)

    def close(self, *, grace_ms: int = 1000) -> bool:
        """Drop all work and end the threads. Returns whether they ended in time."""
        self._feed.close()
        self.similar.close()
        self.side_by_side.drop()
        self._recall.close()
        self._forget()
        # Before the engine that they ask.
        asides = [part.close(grace_ms=grace_ms) for part in (self.libraries, self.explaining)]
        scan_ended = self._scan.close(grace_ms=grace_ms)
        return self._inference.close(grace_ms=grace_ms) and scan_ended and all(asides)

    def _forget(self) -> None:
        self._plan.restart()
        self._queue.clear()
        self._updates.clear()

    @Slot(object)
    def _on_found(self, found: list[FoundImage]) -> None:
        self.images.add(found)
        self._plan.extend([image.path for image in found])
        self.listed.emit(len(found))
        self._feed.pump()
        self._updates.note()

    @Slot()
    def _on_scanned(self) -> None:
        self.scanned.emit()
        self._on_due()

    @Slot(object)
    def _on_started(self, chosen: Chosen) -> None:
        card = chosen.classifier.card
        if self._engine_before or card.input_px != self._feed.input_px:
            self._feed.input_px = card.input_px
            self._renew()
        self._engine_before = True
        self.images.set_diagnoses(card.diagnoses)
        self.similar.set_libraries(chosen.libraries)
        self.explaining.set_engine(chosen)
        self.libraries.set_engine(chosen)
        self._recall.set_model(chosen)
        self.recall(range(len(self.images)))
        self.engine_started.emit(chosen)

    @Slot(str)
    def _on_engine_failed(self, message: str) -> None:
        self.engine_failure = message
        self.explaining.set_engine(None)
        self.libraries.set_engine(None)
        self._set.meter.reset()
        self.engine_failed.emit(message)
        self.progressed.emit(self.progress)

    def _renew(self) -> None:
        self._plan.renew()
        self._plan.set_paused(self._set.paused)
        self._queue.clear()
        self._set.finished = False
        self._updates.note(*range(len(self.images)))
        if self._set.open >= 0:
            self.show(self._set.open)
        self._feed.pump()

    @Slot(object, object, object)
    def _on_decoded(self, task: Task, file: DecodedFile, picture: Any) -> None:
        if task.generation != self._plan.generation:
            return
        self._recall.note(self.images, task.image, file)
        if file.thumbnail is not None:
            self._updates.note_thumbnail(task.image, file.thumbnail)
        if isinstance(picture, Picture):
            self._set.pictures.put(picture, keep=self._set.open)
            if task.image == self._set.open:
                self.picture_ready.emit(picture)

    @Slot(object, str)
    def _on_failed(self, task: Task, reason: str) -> None:
        if task.generation != self._plan.generation:
            return
        if self.images.state(task.image) is ImageState.WAITING:
            self.images.fail(task.image, reason)
            self._updates.note(task.image)
        if task.full and task.image == self._set.open:
            self.picture_failed.emit(task.image, reason)

    @Slot(int, object)
    def _on_predicted(self, generation: int, predictions: list[tuple[int, Prediction]]) -> None:
        if generation != self._plan.generation:
            return
        for image, prediction in predictions:
            if not prediction.chosen_region or self._set.regions.get(image) == prediction.region:
                self.images.put(image, prediction)
                self._updates.note(image)
        if any(image == self._set.open for image, _ in predictions):
            self._on_due()

    def _readable(self, image: int) -> bool:
        return self.images.state(image) is not ImageState.FAILED

    @Slot()
    def _on_due(self) -> None:
        changed, thumbnails = self._updates.take()
        if thumbnails:
            self.thumbnails.emit(thumbnails)
        if changed:
            self.changed.emit(changed)
        if self.images.diagnoses:
            self._set.meter.note(self.images.counts.done, now=monotonic())
        self.progressed.emit(progress := self.progress)
        if self._set.ends(progress):
            self.finished.emit()
