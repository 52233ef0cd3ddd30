"""What a model says of one image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.doubt import Doubt
from lesionviewer.core.quality.result import PictureQuality
from lesionviewer.core.region import SquareRegion


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Calibrated probabilities and class activation maps of one image.

    Attributes:
        probabilities: Calibrated, (k,) float32, sum 1, in card order.
        activation_maps: (h, w, k) float32, before the ReLU; over `region`.
        region: The square of the upright picture that the network saw.
        chosen_region: Whether a reader chose `region` (else it is the centre square).
        doubt: Sets, outlier score and what similar cases are found by; None where not asked for.
        quality: Of the picture in `region`; None where it was not measured.
    """

    probabilities: NDArray[np.float32]
    activation_maps: NDArray[np.float32]
    region: SquareRegion
    chosen_region: bool = False
    doubt: Doubt | None = None
    quality: PictureQuality | None = None

    @property
    def top(self) -> int:
        """Index of the most probable diagnosis."""
        return int(np.argmax(self.probabilities))

    @property
    def entropy(self) -> float:
        """Uncertainty: entropy of the probabilities over its maximum ln k, 0.0 to 1.0."""
        p = self.probabilities.astype(np.float64)
        if p.size < 2:
            return 0.0
        p = p[p > 0]
        # Of a sure prediction it would be -0.0, which a CSV shows.
        return max(0.0, float(-(p * np.log(p)).sum() / np.log(self.probabilities.size)))


def malignant_probability(
    probabilities: NDArray[np.float32], diagnoses: tuple[Diagnosis, ...]
) -> float | None:
    """Return the sum over the malignant diagnoses, or None if the model marks none."""
    marks = np.array([d.malignant for d in diagnoses])
    if not marks.any():
        return None
    return min(1.0, float(probabilities[marks].astype(np.float64).sum()))
