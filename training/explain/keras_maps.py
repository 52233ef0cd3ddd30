"""The maps that need Keras, of one image after the other."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.engine.explain.keras_explainer import EXPLANATIONS, KerasExplainer
from training.explain.measure import Explain

_SECONDS = 1800.0
"""A measurement may wait for a busy machine; a person would not."""


@contextmanager
def keras_maps(model: ModelBundle) -> Iterator[Explain]:
    """Give a function from a square (s, s, 3) and a diagnosis to the heat of every method."""
    explainer = KerasExplainer(model, seconds=_SECONDS)

    def explain(square: NDArray[np.uint8], diagnosis: int) -> Mapping[str, NDArray[np.float32]]:
        return {method: explainer.explain(square, diagnosis, method) for method in EXPLANATIONS}

    try:
        yield explain
    finally:
        explainer.close()
