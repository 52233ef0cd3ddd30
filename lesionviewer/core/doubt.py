"""What is known of how far a prediction can be relied on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVELS = (90, 95)
"""Coverage of the conformal sets, in percent."""


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """Beside the prediction of one image. A part that the model was not fitted for is None.

    Attributes:
        sets: By level in percent, the places of the diagnoses that cannot be ruled out at that
            level, the most probable first; never empty. No entry where nothing was fitted.
        outlier: How unlike the training images it is, from 0.0 on, as a multiple of what 95 % of
            the val images do not exceed: above 1.0 the image is flagged.
        reduced: The embedding as similar cases are looked for by, (r,) float32, of length 1.
    """

    sets: Mapping[int, tuple[int, ...]]
    outlier: float | None = None
    reduced: NDArray[np.float32] | None = None

    @property
    def flagged(self) -> bool | None:
        """Whether the image is unlike what the model was trained on."""
        return None if self.outlier is None else self.outlier > 1
