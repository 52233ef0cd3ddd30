"""Which images of a set are listed, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.decision_columns import DecisionColumns
from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.prediction_columns import PredictionColumns


class SortKey(Enum):
    """What the list is ordered by; the value is what the reader sees."""

    NAME = "Name"
    WORTH = "Worth looking at"
    MALIGNANT = "Malignant probability"
    UNCERTAINTY = "Uncertainty"
    DISAGREEMENT = "Disagreement"
    DECIDED = "Undecided first"


class Show(Enum):
    """Which images the list shows."""

    ALL = "all"
    UNDECIDED = "undecided"
    DECIDED = "decided"
    DISAGREEMENT = "differing"
    FLAGGED = "flagged"
    STARRED = "starred"
    MALIGNANT = "malignant"
    UNLIKE = "unlike"
    QUALITY = "quality"
    FAILED = "errors"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many images of a set the reader decided or marked.

    Attributes:
        decided: The reader is done with them.
        flagged: Marked for later.
        starred: Marked as worth keeping.
        disagreeing: Reader and model name different diagnoses.
    """

    decided: int = 0
    flagged: int = 0
    starred: int = 0
    disagreeing: int = 0


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a reader wants to see of a set.

    Attributes:
        key: Names go up; probabilities go down, with the images that have none at the end.
        show: Which images to keep.
        text: Words that all must occur in the name or in the diagnosis of an image.
        flag: Key of the quality figure that `Show.QUALITY` looks for.
        diagnosis: Code that the model holds most probable, or the reader decided for; empty for
            any.
    """

    key: SortKey = SortKey.NAME
    show: Show = Show.ALL
    text: str = ""
    flag: str = ""
    diagnosis: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of the images of a set, a row each.

    Attributes:
        rows: How many rows count; columns may be longer.
        failed: Whether the file could not be read.
        folded: Names, for looking up words.
        predicted: What the model says.
        decided: What the reader says.
        diagnoses: Of the model.
        threshold: Malignant probability from which on an image is flagged, 0.0 to 1.0.
    """

    rows: int
    failed: NDArray[np.bool_]
    folded: Sequence[str]
    predicted: PredictionColumns
    decided: DecisionColumns
    diagnoses: tuple[Diagnosis, ...]
    threshold: float

    def arrange(self, wanted: Arrangement) -> NDArray[np.intp]:
        """Return the images to list, in order."""
        keep = self.shown(wanted.show, wanted.flag)
        if wanted.diagnosis:
            keep = keep & self.named(wanted.diagnosis)
        for word in wanted.text.casefold().split():
            keep = keep & self._matches(word)
        images = np.flatnonzero(keep)
        if wanted.key is SortKey.NAME:
            return images
        # NaN sorts to the end; a stable sort leaves equals in the order of their names.
        return images[np.argsort(-self._measure(wanted.key)[images], kind="stable")]

    def shown(self, show: Show, flag: str = "") -> NDArray[np.bool_]:
        """Return which rows `show` keeps."""
        n, predicted, decided = self.rows, self.predicted, self.decided
        if show is Show.MALIGNANT:
            return predicted.malignant[:n] >= np.float32(self.threshold)
        if show is Show.UNLIKE:
            return predicted.doubts.outlier[:n] > 1
        if show is Show.QUALITY:
            return predicted.quality.flagged(flag, n)
        if show is Show.DISAGREEMENT:
            return self._disagreeing()
        own = {
            Show.DECIDED: decided.decided[:n],
            Show.UNDECIDED: ~decided.decided[:n],
            Show.FLAGGED: decided.flag[:n],
            Show.STARRED: decided.star[:n],
            Show.FAILED: self.failed[:n],
        }
        return own.get(show, np.ones(n, bool))

    def named(self, code: str) -> NDArray[np.bool_]:
        """Return the rows for which the reader, or while undecided the model, names `code`."""
        return np.array(self._codes() == self._place(code), bool)

    def tally(self) -> Tally:
        """Return how many rows are decided or marked."""
        n, decided = self.rows, self.decided
        counted = (decided.decided[:n], decided.flag[:n], decided.star[:n], self._disagreeing())
        return Tally(*(int(np.count_nonzero(column)) for column in counted))

    def by_diagnosis(self) -> dict[str, int]:
        """Return how many rows each of the model's diagnoses has, as `named` counts them."""
        places = self._codes()
        counts = np.bincount(places[places >= 0], minlength=len(self.diagnoses))
        return {d.code: int(counts[place]) for place, d in enumerate(self.diagnoses)}

    def _codes(self) -> NDArray[np.int16]:
        """The reader's diagnosis by row, else the model's: as place in `diagnoses`, or -1."""
        n, decided = self.rows, self.decided
        reader = self._reader_places()
        # Who could not tell, or saw too little, named nothing: the model does not speak for them.
        model = np.where(decided.decided[:n], np.int16(-1), self.predicted.top[:n])
        return np.where(decided.diagnosis[:n] >= 0, reader, model)

    def _reader_places(self) -> NDArray[np.int16]:
        """The reader's diagnosis by row, as place in `diagnoses`; -1 for none, -2 for another."""
        # The last entry stands for no diagnosis: index -1 finds it.
        places = np.array([*map(self._place, self.decided.codes), -1], np.int16)
        return places[self.decided.diagnosis[: self.rows]]

    def _place(self, code: str) -> int:
        return next((i for i, item in enumerate(self.diagnoses) if item.code == code), -2)

    def _measure(self, key: SortKey) -> NDArray[np.float32]:
        n, predicted = self.rows, self.predicted
        malignant, entropy = predicted.malignant[:n], predicted.entropy[:n]
        if key is SortKey.MALIGNANT:
            return malignant
        if key is SortKey.UNCERTAINTY:
            return entropy
        if key is SortKey.WORTH:
            # A model that marks no diagnosis as malignant leaves its doubt to go by.
            return entropy if np.isnan(malignant).all() else malignant * entropy
        if key is SortKey.DECIDED:
            return (~self.decided.decided[:n]).astype(np.float32)
        return self._against_model()

    def _against_model(self) -> NDArray[np.float32]:
        """What the model holds improbable of the reader's diagnosis; NaN where one has none."""
        n, decided, places = self.rows, self.decided, self._reader_places()
        known = np.flatnonzero(places >= 0)
        against = np.ones(n, np.float32)
        against[known] -= self.predicted.probabilities[known, places[known]]
        against[(decided.diagnosis[:n] < 0) | (self.predicted.top[:n] < 0)] = np.nan
        return against

    def _disagreeing(self) -> NDArray[np.bool_]:
        reader, top = self._reader_places(), self.predicted.top[: self.rows]
        return np.asarray((reader != -1) & (top >= 0) & (reader != top), bool)

    def _matches(self, word: str) -> NDArray[np.bool_]:
        named = np.fromiter((word in name for name in self.folded), bool, self.rows)
        fitting = [
            place
            for place, diagnosis in enumerate(self.diagnoses)
            if word in diagnosis.name.casefold() or word in diagnosis.code
        ]
        return named | np.isin(self.predicted.top[: self.rows], fitting)
