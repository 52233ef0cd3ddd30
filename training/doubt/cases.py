"""How often the similar cases of a test image have its diagnosis."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.engine.doubt.library import ReferenceLibrary
from lesionviewer.engine.doubt.reduction import Reduction
from training.bootstrap import LesionDraws
from training.doubt.measured import Measured

COUNT = 5


def precision_at_5(
    library: ReferenceLibrary, reduction: Reduction, some: Measured, codes: Sequence[str]
) -> dict[str, Any]:
    """Return the mean share of the five nearest that have the query's diagnosis, fit for JSON.

    Args:
        library: Training images; none of a lesion that `some` shows.
        reduction: Of embeddings.
        some: The queries.
        codes: The diagnoses.
    """
    truth = some.truth(codes)
    known = np.array([codes.index(image.diagnosis) for image in library.images])
    places, _ = library.rows.search(reduction.reduce(some.embedding), COUNT)
    hits: NDArray[np.float64] = (known[places] == truth[:, None]).mean(axis=1)
    draws = LesionDraws([image.lesion for image in some.images])
    value, ends = draws.around(lambda weights: np.asarray(weights @ hits / weights.sum(axis=1)))
    by_code = {
        code: round(float(hits[truth == place].mean()), 6)
        for place, code in enumerate(codes)
        if (truth == place).any()
    }
    shares = np.bincount(known, minlength=len(codes)) / len(known)
    return {
        "images": len(some),
        "precision_at_5": round(float(value), 6),
        "interval": [round(float(end), 6) for end in ends],
        "mean_over_diagnoses": round(float(np.mean(list(by_code.values()))), 6),
        "by_diagnosis": by_code,
        "by_chance": round(float(shares[truth].mean()), 6),
    }
