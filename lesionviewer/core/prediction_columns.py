"""The predictions of a set of images, in columns."""

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.doubt_columns import DoubtColumns
from lesionviewer.core.prediction import Prediction, malignant_probability
from lesionviewer.core.quality_columns import QualityColumns
from lesionviewer.core.region import SquareRegion


class PredictionColumns:
    """One row an image; activation maps are kept in half precision, the oldest only while there is
    room: what is gone has to be predicted again.

    Attributes:
        probabilities: (images, k) float32.
        top: Most probable diagnosis, -1 where there is no prediction.
        malignant: Malignant probability, NaN where there is none.
        entropy: Uncertainty, NaN where there is no prediction.
        doubts: Sets, outlier scores and what similar cases are found by.
        quality: Figures of the pictures themselves.
    """

    def __init__(self, diagnoses: int, *, maps_bytes: int = 256 << 20) -> None:
        """Make columns without rows.

        Args:
            diagnoses: How many diagnoses the predictions are over.
            maps_bytes: Room for activation maps; enough for 390,000 of 7 × 7 for 7 diagnoses.
        """
        self._room = maps_bytes
        self.probabilities = np.zeros((0, diagnoses), np.float32)
        self.top = np.zeros(0, np.int16)
        self.malignant = np.zeros(0, np.float32)
        self.entropy = np.zeros(0, np.float32)
        self.doubts = DoubtColumns(diagnoses)
        self.quality = QualityColumns()
        self._square = np.zeros((0, 3), np.int32)
        self._chosen = np.zeros(0, bool)
        self._maps: OrderedDict[int, NDArray[np.float16]] = OrderedDict()

    def grow(self, rows: int) -> None:
        """Append empty rows until there are `rows`."""
        more = rows - self.top.size
        self.probabilities = np.pad(self.probabilities, ((0, more), (0, 0)))
        self.top = np.pad(self.top, (0, more), constant_values=-1)
        self.malignant = np.pad(self.malignant, (0, more), constant_values=np.nan)
        self.entropy = np.pad(self.entropy, (0, more), constant_values=np.nan)
        self._square = np.pad(self._square, ((0, more), (0, 0)))
        self._chosen = np.pad(self._chosen, (0, more))
        self.doubts.grow(rows)
        self.quality.grow(rows)

    def get(self, row: int) -> Prediction | None:
        """Return the prediction in `row`, or None if there is none, or none with its maps."""
        maps = self._maps.get(row)
        if maps is None:
            return None
        left, top, side = (int(value) for value in self._square[row])
        return Prediction(
            self.probabilities[row].copy(),
            maps.astype(np.float32),
            SquareRegion(left, top, side),
            bool(self._chosen[row]),
            self.doubts.get(row, self.probabilities[row]),
            self.quality.get(row),
        )

    def put(
        self, row: int, prediction: Prediction | None, diagnoses: tuple[Diagnosis, ...]
    ) -> None:
        """Keep a prediction in `row`, or none.

        Args:
            row: One of the rows there are.
            prediction: Over `diagnoses`.
            diagnoses: Say which of them count as malignant.
        """
        old = self._maps.pop(row, None)
        self._room += old.nbytes if old is not None else 0
        self.doubts.put(row, None if prediction is None else prediction.doubt)
        self.quality.put(row, None if prediction is None else prediction.quality)
        if prediction is None:
            self.top[row] = -1
            self.malignant[row] = self.entropy[row] = np.nan
            return
        malignant = malignant_probability(prediction.probabilities, diagnoses)
        region = prediction.region
        self.probabilities[row] = prediction.probabilities
        self.top[row] = prediction.top
        self.malignant[row] = np.nan if malignant is None else malignant
        self.entropy[row] = prediction.entropy
        self._square[row] = region.left, region.top, region.side
        self._chosen[row] = prediction.chosen_region
        maps = prediction.activation_maps.astype(np.float16)
        self._maps[row] = maps
        self._room -= maps.nbytes
        while self._room < 0 and len(self._maps) > 1:
            self._room += self._maps.popitem(last=False)[1].nbytes
