"""Writes a bundle's card: what the model is, where it comes from, what it was measured to do."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import lesionviewer
from lesionviewer.core import intended_use
from lesionviewer.core.card import ModelCard
from lesionviewer.engine.calibration import calibrated
from training.calibration import PRIOR, at_frequencies, fit_temperature, frequencies
from training.chosen import Member
from training.config import TrainingConfig
from training.datasets import LabelledImage, numbers
from training.diagnoses import diagnoses_of
from training.figures import agreement, figures
from training.judged import SIDES
from training.manifest import fingerprint
from training.reliability import errors_beside_chance
from training.subgroups import subgroups


def first_card(
    name: str,
    *,
    members: Sequence[Member],
    images: Sequence[LabelledImage],
    codes: Sequence[str],
    features: tuple[int, int, int],
    precision: str,
    licence: str,
) -> ModelCard:
    """Return a card that has no figures yet, and a temperature of 1.

    Args:
        name: Of the bundle's folder.
        members: The runs whose weights are averaged; one, as a rule.
        images: The runs'.
        codes: The diagnoses in the order of the logits.
        features: Shape of the last feature map: height, width, channels.
        precision: Of the graph, `int8` or `float`.
        licence: Of the weights.
    """
    config = members[0].config
    return ModelCard(
        id=re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-") or "model",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        architecture={
            **config.architecture,
            "feature_shape": list(features),
            "graph": precision,
        },
        diagnoses=diagnoses_of(codes, config.malignant),
        input_px=config.input_px,
        temperature=1.0,
        licence=licence,
        intended_use=intended_use.FULL,
        training=_provenance(members, images),
    )


def measured_card(
    card: ModelCard,
    logits: Mapping[str, Mapping[str, NDArray[np.float32]]],
    sides: Mapping[str, Sequence[LabelledImage]],
    data: str,
) -> ModelCard:
    """Return `card` with the temperature and the figures of its graph.

    Args:
        card: Names the graph's precision.
        logits: By precision and split, (n, k); those of the float graph too, if they are there.
        sides: The images of each split, as `judged_images` names them.
        data: Name of the run's own data set; extra data has its name in that of the side.
    """
    precision = str(card.architecture["graph"])
    shipped = logits[precision]
    truth = {split: numbers(side, card.codes) for split, side in sides.items()}
    temperature = fit_temperature(shipped["val"], truth["val"])
    shares = frequencies(truth["val"], len(card.codes)).round(6).tolist()
    card = replace(
        card,
        temperature=temperature,
        calibration={
            "method": "temperature scaling (Guo et al. 2017), least cross-entropy",
            "fitted_on": "val",
            "images": len(truth["val"]),
            "graph": precision,
            "prior": PRIOR,
            "frequencies": dict(zip(card.codes, shares, strict=True)),
        },
    )
    metrics: dict[str, Any] = {
        split: {
            "data": data if split in SIDES else split.rpartition("_")[0],
            **card_figures(card, side, calibrated(shipped[split], temperature)),
        }
        for split, side in sides.items()
    }
    if precision != "float" and "float" in logits:
        both = {
            graph: {split: calibrated(found, temperature) for split, found in logits[graph].items()}
            for graph in (precision, "float")
        }
        metrics |= _agreements(precision, both, truth)
    return replace(card, metrics=metrics)


def card_figures(
    card: ModelCard, images: Sequence[LabelledImage], probabilities: NDArray[np.float32]
) -> dict[str, Any]:
    """Return the figures of a bundle on some images, all and by subgroup, fit for JSON.

    Args:
        card: Of the bundle.
        images: What was classified.
        probabilities: Calibrated, (n, k).
    """
    truth, lesions = numbers(images, card.codes), [image.lesion for image in images]
    malignant = malignant_codes(card)
    report = figures(truth, probabilities, lesions, card.codes, malignant=malignant)
    if known := card.calibration.get("frequencies"):
        weighted = at_frequencies(
            probabilities.astype(np.float64), np.array([known[code] for code in card.codes])
        )
        report["at_frequencies_of_val"] = errors_beside_chance(truth, weighted)
    parts = subgroups(images, truth, probabilities, card.codes, malignant=malignant)
    return {**report, "subgroups": parts} if parts else report


def malignant_codes(card: ModelCard) -> tuple[str, ...]:
    """Return the diagnoses that the malignant probability counts."""
    return tuple(diagnosis.code for diagnosis in card.diagnoses if diagnosis.malignant)


def _agreements(
    precision: str,
    shares: Mapping[str, Mapping[str, NDArray[np.float32]]],
    truth: Mapping[str, NDArray[np.intp]],
) -> dict[str, Any]:
    """Return how far a graph is from the float graph: by data set, and on all of them together."""
    sets: dict[str, list[str]] = {}
    for split in truth:
        sets.setdefault("" if split in SIDES else f"_{split.rpartition('_')[0]}", []).append(split)
    if len(sets) > 1:
        sets["_all"] = list(truth)
    return {
        f"{precision}_against_float{name}": {
            "splits": splits,
            **agreement(
                np.concatenate([truth[split] for split in splits]),
                *(
                    np.concatenate([shares[graph][split] for split in splits])
                    for graph in (precision, "float")
                ),
            ),
        }
        for name, splits in sets.items()
    }


def _provenance(members: Sequence[Member], images: Sequence[LabelledImage]) -> dict[str, Any]:
    first = members[0]
    several = [{"config": _settings(m.config), "epoch": m.epoch} for m in members[1:]]
    return {
        "config": _settings(first.config),
        "epoch": first.epoch,
        **({"averaged_with": several} if several else {}),
        "images": {
            split: sum(image.split == split for image in images)
            for split in ("train", "val", "test")
        },
        "extra_images": sum(image.extra for image in images),
        "dataset_fingerprint": fingerprint(first.run),
        "code_version": lesionviewer.__version__,
    }


def _settings(config: TrainingConfig) -> dict[str, Any]:
    # File names only: where the data lay on the training machine is nobody's business.
    return {
        **json.loads(config.to_json()),
        "data": config.data.name,
        "extra_data": [f"{path.parent.name}/{path.name}" for path in config.extra_data],
        "images": [folder.name for folder in config.images],
        "init": Path(config.init).name,
    }
