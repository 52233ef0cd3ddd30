"""The predictions of a set of images, in columns."""

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.prediction import Prediction, malignant_probability
from lesionviewer.core.region import SquareRegion


class PredictionColumns:
    """One row an image; activation maps are kept in half precision.

    Attributes:
        probabilities: (images, k) float32.
        top: Most probable diagnosis, -1 where there is no prediction.
        malignant: Malignant probability, NaN where there is none.
        entropy: Uncertainty, NaN where there is no prediction.
    """

    def __init__(self, diagnoses: int) -> None:
        """Make columns without rows, for predictions over `diagnoses` diagnoses."""
        self.probabilities = np.zeros((0, diagnoses), np.float32)
        self.top = np.zeros(0, np.int16)
        self.malignant = np.zeros(0, np.float32)
        self.entropy = np.zeros(0, np.float32)
        self._square = np.zeros((0, 3), np.int32)
        self._chosen = np.zeros(0, bool)
        self._maps: list[NDArray[np.float16] | None] = []

    def grow(self, rows: int) -> None:
        """Append empty rows until there are `rows`."""
        more = rows - self.top.size
        self.probabilities = np.pad(self.probabilities, ((0, more), (0, 0)))
        self.top = np.pad(self.top, (0, more), constant_values=-1)
        self.malignant = np.pad(self.malignant, (0, more), constant_values=np.nan)
        self.entropy = np.pad(self.entropy, (0, more), constant_values=np.nan)
        self._square = np.pad(self._square, ((0, more), (0, 0)))
        self._chosen = np.pad(self._chosen, (0, more))
        self._maps.extend([None] * more)

    def get(self, row: int) -> Prediction | None:
        """Return the prediction in `row`, or None if there is none."""
        maps = self._maps[row]
        if maps is None:
            return None
        left, top, side = (int(value) for value in self._square[row])
        return Prediction(
            self.probabilities[row].copy(),
            maps.astype(np.float32),
            SquareRegion(left, top, side),
            bool(self._chosen[row]),
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
        if prediction is None:
            self._maps[row] = None
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
        self._maps[row] = prediction.activation_maps.astype(np.float16)
