"""Fits where the training images lie, and packs them as a library of similar cases."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.engine.doubt.reduction import Reduction, to_unit
from training.datasets import LabelledImage

Floats = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]
KEPT = 128
"""Numbers of a reduced embedding, at most."""
LIBRARY_BYTES = 6_000_000
_LEAST_SHARE = 1e-6
"""Of the largest variance: what does not vary in training may still vary a little elsewhere."""


def fit_spread(embedding: Floats, groups: NDArray[np.intp], count: int) -> Arrays:
    """Return `mean`, `directions`, `class_means` and `variances` of a reference file.

    The directions are those of most variance within a group; the variance beside them is the mean
    of the rest (Tipping and Bishop 1999), which scikit-learn calls noise.

    Args:
        embedding: Of training images, as the engine gives it, (n, d).
        groups: Their diagnoses, (n,); all 0 for one distribution of all of them.
        count: How many diagnoses there are, k.
    """
    from sklearn.decomposition import PCA

    unit = to_unit(embedding)
    mean = unit.mean(axis=0)
    means = np.stack(
        [
            unit[groups == group].mean(axis=0) if (groups == group).any() else mean
            for group in range(count)
        ]
    )
    apart = unit - means[groups]
    kept = max(1, min(KEPT, unit.shape[1] - 1, len(unit) - 1))
    pca = PCA(kept, svd_solver="covariance_eigh").fit(apart)
    variances = np.array([*pca.explained_variance_, pca.noise_variance_], np.float64)
    return {
        "mean": mean,
        "directions": pca.components_.astype(np.float16),
        "class_means": means,
        "variances": np.maximum(variances, _LEAST_SHARE * variances.max() + 1e-12).astype(
            np.float32
        ),
    }


def pack_library(
    embedding: Floats,
    images: Sequence[LabelledImage],
    reduction: Reduction,
    codes: Sequence[str],
    sources: Mapping[str, str],
    *,
    seed: int = 0,
) -> tuple[Arrays, dict[str, Any]]:
    """Return a library's arrays, and what the card says of them.

    Only the name of an image's file is kept, without its folder and suffix.

    Args:
        embedding: Of training images, (n, d).
        images: The images, with their `dx_type` where it is known.
        reduction: Fitted on them.
        codes: The card's diagnoses.
        sources: Data set of each image, by the folder that it lies in.
        seed: Chooses the images if there are too many.
    """
    vectors = reduction.reduce(embedding)
    most = LIBRARY_BYTES // (vectors.shape[1] + 32)
    if len(images) > most:
        chosen = np.sort(np.random.default_rng([seed, 13]).permutation(len(images))[:most])
        images, vectors = [images[place] for place in chosen], vectors[chosen]
    names = [image.path.stem.replace("\n", " ") for image in images]
    confirmed = [image.attributes.get("dx_type", "") for image in images]
    belongs = [sources[str(image.path.parent)] for image in images]
    kinds, confirmed_places = np.unique(confirmed, return_inverse=True)
    origins, origin_places = np.unique(belongs, return_inverse=True)
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-12)
    place = {code: number for number, code in enumerate(codes)}
    text = "\n".join(names).encode("utf-8", errors="replace")
    arrays: Arrays = {
        "library": np.rint(vectors * (127 / largest)).astype(np.int8),
        "library_diagnosis": np.array([place[image.code] for image in images], np.uint8),
        "library_confirmed": confirmed_places.astype(np.uint8),
        "library_source": origin_places.astype(np.uint8),
        "library_ids": np.frombuffer(text, np.uint8),
    }
    return arrays, {
        "images": len(images),
        "numbers_an_image": int(vectors.shape[1]),
        "bytes": sum(array.nbytes for array in arrays.values()),
        "confirmations": kinds.tolist(),
        "sources": origins.tolist(),
    }
