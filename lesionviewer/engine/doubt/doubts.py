"""Everything that one bundle has for a reader to doubt a prediction by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.doubt import Doubt
from lesionviewer.core.errors import BundleError
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.doubt import reading
from lesionviewer.engine.doubt.conformal import ConformalSets, read_conformal
from lesionviewer.engine.doubt.library import ReferenceLibrary
from lesionviewer.engine.doubt.operating import OperatingCurve
from lesionviewer.engine.doubt.outlier import OutlierRule, read_rule
from lesionviewer.engine.doubt.reduction import Reduction


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Doubts:
    """What was fitted when the bundle was made; None is "not available for this model".

    Attributes:
        sets: Conformal sets.
        rule: The score of images that are unlike the training images.
        reduction: From embeddings to what similar cases are found by.
        library: The training images, as similar cases.
        operating: The test set's malignant probabilities; None too for a model that marks no
            diagnosis malignant.
    """

    sets: ConformalSets | None = None
    rule: OutlierRule | None = None
    reduction: Reduction | None = None
    library: ReferenceLibrary | None = None
    operating: OperatingCurve | None = None

    def of(self, raw: RawOutput, probabilities: NDArray[np.float32]) -> list[Doubt]:
        """Return the doubt of each image of a batch.

        Args:
            raw: What the engine gave, for n images.
            probabilities: Calibrated, (n, k).
        """
        count = len(probabilities)
        sets = self.sets.sets(probabilities) if self.sets else [{}] * count
        outlying: Sequence[float | None] = [None] * count
        reduced: Sequence[NDArray[np.float32] | None] = [None] * count
        if self.rule is not None:
            outlying = self.rule.outlyingness(raw.logits, raw.embedding).tolist()
        if self.reduction is not None:
            reduced = list(self.reduction.reduce(raw.embedding))
        return [Doubt(*parts) for parts in zip(sets, outlying, reduced, strict=True)]


def read_doubts(bundle: ModelBundle) -> Doubts:
    """Return what a bundle has to doubt its predictions by; a bundle may have none of it.

    Raises:
        BundleError: A part is damaged.
    """
    card = bundle.card
    sets = read_conformal(card.calibration.get("conformal") or {}, card.codes)
    arrays = reading.read_arrays(bundle)
    if not arrays:
        if card.out_of_distribution or card.similar_cases:
            raise BundleError(
                f"The model {card.id} lacks its file {reading.REFERENCE}. Export it again."
            )
        return Doubts(sets=sets)
    spread, library = reading.read_spread(arrays), reading.read_library(arrays, card)
    curve = reading.read_curve(arrays)
    return Doubts(
        sets=sets,
        rule=read_rule(card.out_of_distribution, spread, library.rows),
        reduction=spread.reduction,
        library=library,
        operating=curve if len(curve.malignant) and len(curve.others) else None,
    )
