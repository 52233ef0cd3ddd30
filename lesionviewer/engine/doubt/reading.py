"""The parts of a bundle that doubt needs: arrays in one file, rules and words in the card.

The file `reference.safetensors` holds (k diagnoses, embeddings of d numbers, r after reduction, n
reference images, p malignant and q other test images):

    mean                (d,)      float32    of the training embeddings in `to_unit`
    directions          (r, d)    float16    orthonormal rows
    class_means         (k, d)    float32    of the training images of each diagnosis
    variances           (r + 1,)  float32    within a diagnosis: along them, and beside them
    library             (n, r)    int8       reduced embeddings, each to its own scale
    library_diagnosis   (n,)      uint8      place in the card's diagnoses
    library_confirmed   (n,)      uint8      place in the card's `similar_cases.confirmations`
    library_source      (n,)      uint8      place in the card's `similar_cases.sources`
    library_ids         (bytes,)  uint8      names in UTF-8, a line break between two
    operating_malignant (p,)      float32    malignant probabilities of the test set, ascending
    operating_others    (q,)      float32    the same of images that are not malignant
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.card import ModelCard
from lesionviewer.core.errors import BundleError
from lesionviewer.engine.doubt.library import ReferenceImage, ReferenceLibrary
from lesionviewer.engine.doubt.operating import OperatingCurve
from lesionviewer.engine.doubt.outlier import Spread
from lesionviewer.engine.doubt.reduction import Reduction, to_length_1

REFERENCE = "reference.safetensors"
Arrays = Mapping[str, NDArray[Any]]

_DTYPES: Mapping[str, tuple[str, int]] = {
    "mean": ("float32", 1),
    "directions": ("float16", 2),
    "class_means": ("float32", 2),
    "variances": ("float32", 1),
    "library": ("int8", 2),
    "library_diagnosis": ("uint8", 1),
    "library_confirmed": ("uint8", 1),
    "library_source": ("uint8", 1),
    "library_ids": ("uint8", 1),
    "operating_malignant": ("float32", 1),
    "operating_others": ("float32", 1),
}


def read_arrays(bundle: ModelBundle) -> Arrays:
    """Return the arrays of a bundle's reference file, none if it has no such file.

    Raises:
        BundleError: The file is damaged, or holds something else than it should.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if not bundle.has(REFERENCE):
        return {}
    try:
        arrays: Arrays = load(bundle.read(REFERENCE))
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise _damaged() from error
    if not _fits(arrays, bundle.card):
        raise _damaged()
    return arrays


def read_reduction(arrays: Arrays) -> Reduction:
    """Return the projection of embeddings."""
    return Reduction(arrays["mean"], arrays["directions"].astype(np.float32))


def read_spread(arrays: Arrays) -> Spread:
    """Return where the training images lie."""
    return Spread(read_reduction(arrays), arrays["class_means"], arrays["variances"])


def read_library(arrays: Arrays, card: ModelCard) -> ReferenceLibrary:
    """Return the reference images that came with the model.

    Raises:
        BundleError: File and card do not belong together.
    """
    said = card.similar_cases
    confirmations = [str(word) for word in said.get("confirmations", ())]
    sources = [str(word) for word in said.get("sources", ())]
    try:
        ids = arrays["library_ids"].tobytes().decode("utf-8").split("\n")
        images = [
            ReferenceImage(name, card.codes[code], confirmations[confirmed], sources[source])
            for name, code, confirmed, source in zip(
                ids,
                arrays["library_diagnosis"].tolist(),
                arrays["library_confirmed"].tolist(),
                arrays["library_source"].tolist(),
                strict=True,
            )
        ]
        return ReferenceLibrary(images, to_length_1(arrays["library"]))
    except (IndexError, ValueError) as error:
        raise _damaged() from error


def read_curve(arrays: Arrays) -> OperatingCurve:
    """Return the malignant probabilities of the test set."""
    return OperatingCurve(arrays["operating_malignant"], arrays["operating_others"])


def _fits(arrays: Arrays, card: ModelCard) -> bool:
    if arrays.keys() != _DTYPES.keys() or any(
        (str(arrays[name].dtype), arrays[name].ndim) != expected
        for name, expected in _DTYPES.items()
    ):
        return False
    (kept, width), rows = arrays["directions"].shape, len(arrays["library"])
    return (
        arrays["mean"].shape == (width,)
        and arrays["class_means"].shape == (len(card.codes), width)
        and arrays["variances"].shape == (kept + 1,)
        and bool((arrays["variances"] > 0).all())
        and rows > 0
        and arrays["library"].shape == (rows, kept)
        and all(
            arrays[f"library_{name}"].shape == (rows,)
            for name in ("diagnosis", "confirmed", "source")
        )
        and all(np.isfinite(values).all() for values in arrays.values() if values.dtype.kind == "f")
    )


def _damaged() -> BundleError:
    return BundleError(
        f"The model's {REFERENCE} is damaged, or does not belong to its card. Export the model "
        "again."
    )
