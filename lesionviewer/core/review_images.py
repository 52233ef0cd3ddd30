"""The images opened together, and what is known of each: plain data, kept in columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.arranging import Arrangement, Columns, Show
from lesionviewer.core.decision_columns import DecisionColumns
from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.doubt import Doubt
from lesionviewer.core.files import FoundImage
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.prediction_columns import PredictionColumns
from lesionviewer.core.quality.result import PictureQuality

MALIGNANT_FROM = 0.5
"""From this malignant probability on an image is flagged, unless a reader chose another."""


class ImageState(IntEnum):
    """How far the program is with an image."""

    WAITING = 0
    CLASSIFIED = 1
    FAILED = 2


@dataclass(frozen=True, slots=True)
class Counts:
    """How many images there are, and how many of them in each state."""

    total: int = 0
    classified: int = 0
    failed: int = 0
    malignant: int = 0
    unlike: int = 0

    @property
    def done(self) -> int:
        """Images that nothing more will be done for."""
        return self.classified + self.failed


class ReviewImages:
    """The images in the order in which they were found; an image is known by its position.

    Kept in columns of numbers and text, without an object for each image, so that 100,000 images
    take about 200 MB and Python's garbage collector has nothing to walk through.

    Attributes:
        reader: What the reader decided of each image, as committed, and the files' digests.
    """

    def __init__(
        self, diagnoses: tuple[Diagnosis, ...] = (), *, threshold: float = MALIGNANT_FROM
    ) -> None:
        """Make an empty set.

        Args:
            diagnoses: Of the model that classifies.
            threshold: Malignant probability from which on an image is flagged, 0.0 to 1.0.
        """
        self._diagnoses, self._threshold = diagnoses, threshold
        self._paths: list[str] = []
        self._names: list[str] = []
        self._folded: list[str] = []
        self._reasons: dict[int, str] = {}
        self._notices: dict[int, tuple[str, ...]] = {}
        self._size = np.zeros((0, 2), np.int32)
        self._state = np.zeros(0, np.uint8)
        self._predicted = PredictionColumns(len(diagnoses))
        self.reader = DecisionColumns()
        self._centre: dict[int, Prediction] = {}
        self._counts = Counts()

    def __len__(self) -> int:
        return len(self._paths)

    @property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """The diagnoses of the model that classifies; empty until it has started."""
        return self._diagnoses

    @property
    def counts(self) -> Counts:
        """How many images are in each state."""
        return self._counts

    @property
    def threshold(self) -> float:
        """Malignant probability from which on an image is flagged, 0.0 to 1.0."""
        return self._threshold

    def set_threshold(self, threshold: float) -> None:
        """Flag from another malignant probability on, 0.0 to 1.0."""
        self._threshold = threshold
        self._recount()

    def set_diagnoses(self, diagnoses: tuple[Diagnosis, ...]) -> None:
        """Take the diagnoses of the model. Predictions of another model are forgotten."""
        self._diagnoses = diagnoses
        self._predicted = PredictionColumns(len(diagnoses))
        self._predicted.grow(self._state.size)
        self._centre.clear()
        self._state[self._state == ImageState.CLASSIFIED] = ImageState.WAITING
        self._recount()

    def add(self, found: Sequence[FoundImage]) -> None:
        """Append images. Amortised constant time an image."""
        self._paths.extend(str(image.path) for image in found)
        self._names.extend(image.relative for image in found)
        self._folded.extend(image.relative.casefold() for image in found)
        if len(self) > self._state.size:
            more = max(1024, 2 * len(self)) - self._state.size
            self._state = np.pad(self._state, (0, more), constant_values=ImageState.WAITING)
            self._size = np.pad(self._size, ((0, more), (0, 0)))
            self._predicted.grow(self._state.size)
            self.reader.grow(self._state.size)
        self._recount()

    def path(self, image: int) -> Path:
        """Return where `image` lies."""
        return Path(self._paths[image])

    def name(self, image: int) -> str:
        """Return the path of `image` below what was opened; for a file its name."""
        return self._names[image]

    def state(self, image: int) -> ImageState:
        """Return how far the program is with `image`."""
        return ImageState(int(self._state[image]))

    def unpredicted(self, images: Sequence[int]) -> list[tuple[int, str]]:
        """Return those of `images` that wait though their file was read once, and its digest."""
        among = np.asarray(images, np.intp)
        waiting = (self._state[among] == ImageState.WAITING) & self.reader.is_read(among)
        found = among[waiting]
        return list(zip(found.tolist(), self.reader.digests(found), strict=True))

    def reason(self, image: int) -> str:
        """Return why `image` could not be read; empty if it could."""
        return self._reasons.get(image, "")

    def notices(self, image: int) -> tuple[str, ...]:
        """Return what a reader has to know of `image`, such as that only a first page is shown."""
        return self._notices.get(image, ())

    def size(self, image: int) -> tuple[int, int] | None:
        """Return width and height of `image` in pixels, or None while they are not known."""
        width, height = self._size[image]
        return (int(width), int(height)) if width else None

    def top(self, image: int) -> tuple[Diagnosis, float] | None:
        """Return the most probable diagnosis of `image` and its probability."""
        place = int(self._predicted.top[image])
        if place < 0:
            return None
        return self._diagnoses[place], float(self._predicted.probabilities[image, place])

    def malignant(self, image: int) -> float | None:
        """Return the malignant probability of `image`, or None if there is none."""
        value = float(self._predicted.malignant[image])
        return None if np.isnan(value) else value

    def suspicious(self, image: int) -> bool:
        """Return whether the malignant probability of `image` reaches the threshold."""
        return bool(self._predicted.malignant[image] >= np.float32(self._threshold))

    def unlike(self, image: int) -> bool:
        """Return whether `image` is unlike the pictures that the model learned from."""
        return bool(self._predicted.doubts.outlier[image] > 1)

    def doubt(self, image: int) -> Doubt | None:
        """Return how far what the model says of `image` can be relied on, None without."""
        return self._predicted.doubts.get(image, self._predicted.probabilities[image])

    def quality(self, image: int) -> PictureQuality | None:
        """Return what was measured of the picture, None while nothing was."""
        return self._predicted.quality.get(image)

    def quality_flags(self, image: int) -> tuple[str, ...]:
        """Return the keys of the quality figures that flag `image`."""
        return self._predicted.quality.flags(image)

    def quality_counts(self) -> dict[str, int]:
        """Return how many images each quality figure flags, by key, in the order of the rules."""
        return self._predicted.quality.counts(len(self))

    def prediction(self, image: int) -> Prediction | None:
        """Return what the model says of `image`; None before, and after its maps were dropped."""
        return self._predicted.get(image)

    def lacks_maps(self, image: int) -> bool:
        """Return whether `image` was classified, but has to be again for its maps."""
        return self.state(image) is ImageState.CLASSIFIED and self.prediction(image) is None

    def describe(self, image: int, width: int, height: int, notices: tuple[str, ...] = ()) -> None:
        """Keep what decoding told of `image`: its size in pixels and notices for the reader."""
        self._size[image] = width, height
        if notices:
            self._notices[image] = notices

    def put(self, image: int, prediction: Prediction) -> None:
        """Keep what the model says of `image`.

        A prediction of a chosen region stands until `restore_centre`; one of the centre square that
        comes meanwhile waits behind it.
        """
        old = self.prediction(image)
        if old is not None and prediction.chosen_region and not old.chosen_region:
            self._centre[image] = old
        if old is not None and old.chosen_region and not prediction.chosen_region:
            self._centre[image] = prediction
            return
        self._show(image, prediction)

    def restore_centre(self, image: int) -> None:
        """Let the prediction of the centre square stand again; `image` waits if there is none."""
        old = self.prediction(image)
        if old is not None and old.chosen_region:
            self._show(image, self._centre.pop(image, None))

    def fail(self, image: int, reason: str) -> None:
        """Mark `image` as one that cannot be read."""
        self._reasons[image] = reason
        self._change_state(image, ImageState.FAILED)

    @property
    def columns(self) -> Columns:
        """All that images can be looked up, counted and ordered by, as it is now."""
        return Columns(
            len(self),
            self._state == ImageState.FAILED,
            self._folded,
            self._predicted,
            self.reader,
            self._diagnoses,
            self._threshold,
        )

    def arrange(self, wanted: Arrangement) -> NDArray[np.intp]:
        """Return the images to list, in order."""
        return self.columns.arrange(wanted)

    def _show(self, image: int, prediction: Prediction | None) -> None:
        was = self.suspicious(image), self.unlike(image)
        self._predicted.put(image, prediction, self._diagnoses)
        malignant, unlike = self.suspicious(image) - was[0], self.unlike(image) - was[1]
        state = ImageState.WAITING if prediction is None else ImageState.CLASSIFIED
        self._change_state(image, state, malignant=malignant, unlike=unlike)

    def _change_state(
        self, image: int, state: ImageState, *, malignant: int = 0, unlike: int = 0
    ) -> None:
        before = self._state[image]
        self._state[image] = state
        step = {s: int(state == s) - int(before == s) for s in ImageState}
        old = self._counts
        self._counts = Counts(
            old.total,
            old.classified + step[ImageState.CLASSIFIED],
            old.failed + step[ImageState.FAILED],
            old.malignant + malignant,
            old.unlike + unlike,
        )

    def _recount(self) -> None:
        n, columns = len(self), self.columns
        self._counts = Counts(
            n,
            int(np.count_nonzero(self._state[:n] == ImageState.CLASSIFIED)),
            int(np.count_nonzero(self._state[:n] == ImageState.FAILED)),
            int(np.count_nonzero(columns.shown(Show.MALIGNANT))),
            int(np.count_nonzero(columns.shown(Show.UNLIKE))),
        )
