"""Writes `golden.json`: bundled images and the values that a model must give for them."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.assets import samples_dir
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.golden import FLOAT, INT8
from training.pixels import read_pixels

if TYPE_CHECKING:
    import keras


TOLERANCE = {FLOAT: 0.005, INT8: 0.05}
"""Largest difference of a probability between machines: int8 rounds differently on some."""


def golden_document(
    model: "keras.Model",
    classify: Callable[[NDArray[np.uint8]], tuple[str, NDArray[np.float32]]],
    temperature: float,
) -> str:
    """Return the text of `golden.json`.

    Args:
        model: The float network, whose values any float engine must give.
        classify: From squares to the name of the bundle's own engine and its logits.
        temperature: The card's.
    """
    paths = sorted(samples_dir().glob("*.jpg"))
    read = [read_pixels(path) for path in paths]
    squares = np.stack([cut_square(pixels, size=model.input_shape[1]) for pixels, _ in read])
    exact = np.asarray(model.predict_on_batch(squares), np.float32)
    engine, given = classify(squares)
    images = []
    for path, (_, sha256), float_logits, logits in zip(paths, read, exact, given, strict=True):
        entry = {
            "file": path.name,
            "sha256": sha256,
            "probabilities": _rounded(calibrated(float_logits, temperature)),
            FLOAT: {"logits": _rounded(float_logits)},
        }
        if engine == INT8:
            entry[INT8] = {"logits": _rounded(logits)}
        images.append(entry)
    document = {"tolerance": dict(TOLERANCE), "images": images}
    return json.dumps(document, indent=1) + "\n"


def _rounded(values: NDArray[np.float32]) -> list[float]:
    return [round(float(value), 6) for value in values]
