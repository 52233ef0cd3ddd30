"""Fits everything that a reader can doubt a bundle by, measures it, and puts it into the bundle."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.card import ModelCard
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.doubt.reading import REFERENCE, read_library, read_reduction, read_spread
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from training.cards import malignant_codes
from training.doubt.cases import precision_at_5
from training.doubt.gather import DoubtData
from training.doubt.measured import Measured, measure_files, measure_images, measure_squares
from training.doubt.outliers import outlier_sets
from training.doubt.reference import fit_spread, pack_library
from training.doubt.scores import UNKNOWN, Candidates, choose_score, report_scores
from training.doubt.sets import fit_sets
from training.doubt.thresholds import operating_arrays
from training.sealing import seal

CONFORMAL = "conformal"


def add_doubt(folder: Path, data: DoubtData) -> ModelCard:
    """Fit doubt to the bundle in `folder`, with its own graph, and return its new card.

    What an earlier fit left is replaced.

    Raises:
        BundleError: The bundle is unusable.
    """
    from safetensors.numpy import save

    bundle = open_bundle(folder)
    card = bundle.card
    with closing(OpenVinoClassifier(bundle)) as classifier:
        train = measure_images(classifier, data.train)
        sides = {name: measure_images(classifier, side) for name, side in data.sides.items()}
        arrays, similar = _reference(card, train, data.sources)
        reduction = read_reduction(arrays)
        shares = {
            name: (side.probabilities(card.temperature), side.truth(card.codes))
            for name, side in sides.items()
        }
        arrays |= _operating(card, shares)
        card = replace(card, similar_cases=similar)
        library = read_library(arrays, card)
        similar["retrieval"] = {
            name: precision_at_5(library, reduction, side, card.codes)
            for name, side in sides.items()
            if name.endswith("test")
        }
        candidates = Candidates(read_spread(arrays), library.rows, train)
        card = replace(
            card,
            calibration={**card.calibration, CONFORMAL: fit_sets(shares, card.codes)},
            out_of_distribution=_outliers(classifier, candidates, sides, data),
        )
    part = folder / f".{REFERENCE}.part"
    part.write_bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))
    part.replace(folder / REFERENCE)
    return seal(folder, card)


def _reference(
    card: ModelCard, train: Measured, sources: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays = fit_spread(train.embedding, train.truth(card.codes), len(card.codes))
    library, similar = pack_library(
        train.embedding, train.images, read_reduction(arrays), card.codes, sources
    )
    return arrays | library, similar


def _operating(card: ModelCard, shares: Mapping[str, Any]) -> dict[str, Any]:
    """Return the curve of the test set, an empty one where there is no such set."""
    none = np.empty((0, len(card.codes)), np.float32), np.empty(0, np.intp)
    probabilities, truth = shares.get("test", none)
    return operating_arrays(probabilities, truth, card.codes, malignant_codes(card))


def _outliers(
    classifier: Classifier,
    candidates: Candidates,
    sides: Mapping[str, Measured],
    data: DoubtData,
) -> dict[str, Any]:
    sets = outlier_sets(classifier.card.input_px, data.outliers)
    choosing = {name: measure_squares(classifier, some.choosing) for name, some in sets.items()}
    val = sides["val"]
    own = np.array([image.path in data.own_val for image in val.images], bool)
    rule, entry = choose_score(candidates, val, choosing, own_val=own)
    reporting = {name: measure_squares(classifier, some.reporting) for name, some in sets.items()}
    measured = {name: measure_files(classifier, files) for name, files in data.unknown.items()}
    unknown = {f"{name}{UNKNOWN}": some for name, some in measured.items() if len(some)}
    return {
        **entry,
        "outliers": {
            **{
                name: {
                    "sources": some.sources,
                    "choosing": len(some.choosing),
                    "reporting": len(some.reporting),
                }
                for name, some in sets.items()
            },
            **{
                name: {"sources": "nothing chosen by them", "choosing": 0, "reporting": len(some)}
                for name, some in unknown.items()
            },
        },
        **report_scores(candidates, rule, sides, reporting | unknown),
    }
