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
from training.calibration import fit_temperature
from training.config import TrainingConfig
from training.datasets import LabelledImage, numbers
from training.diagnoses import diagnoses_of
from training.figures import agreement, figures
from training.manifest import fingerprint


def first_card(
    name: str,
    *,
    epoch: int,
    run: Path,
    config: TrainingConfig,
    images: Sequence[LabelledImage],
    codes: Sequence[str],
    features: tuple[int, int, int],
    precision: str,
    licence: str,
) -> ModelCard:
    """Return a card that has no figures yet, and a temperature of 1.

    Args:
        name: Of the bundle's folder.
        epoch: Of the run, whose weights the bundle holds.
        run: The run folder.
        config: The run's settings.
        images: The run's.
        codes: The diagnoses in the order of the logits.
        features: Shape of the last feature map: height, width, channels.
        precision: Of the graph, `int8` or `float`.
        licence: Of the weights.
    """
    return ModelCard(
        id=re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-") or "model",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        architecture={
            "backbone": config.backbone,
            "feature_shape": list(features),
            "graph": precision,
        },
        diagnoses=diagnoses_of(codes, config.malignant),
        input_px=config.input_px,
        temperature=1.0,
        licence=licence,
        intended_use=intended_use.FULL,
        training=_provenance(run, epoch, config, images),
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
        sides: The images of each split.
        data: Name of the data set.
    """
    precision = str(card.architecture["graph"])
    shipped = logits[precision]
    truth = {split: numbers(side, card.codes) for split, side in sides.items()}
    temperature = fit_temperature(shipped["val"], truth["val"])
    metrics: dict[str, Any] = {
        split: {
            "data": data,
            **figures(
                truth[split],
                calibrated(shipped[split], temperature),
                [image.lesion for image in side],
                card.codes,
            ),
        }
        for split, side in sides.items()
    }
    if precision != "float" and "float" in logits:
        both = [
            calibrated(np.concatenate([side[split] for split in sides]), temperature)
            for side in (shipped, logits["float"])
        ]
        metrics[f"{precision}_against_float"] = {
            "splits": list(sides),
            **agreement(np.concatenate([truth[split] for split in sides]), *both),
        }
    return replace(
        card,
        temperature=temperature,
        calibration={
            "method": "temperature scaling (Guo et al. 2017), least cross-entropy",
            "fitted_on": "val",
            "images": len(truth["val"]),
            "graph": precision,
        },
        metrics=metrics,
    )


def _provenance(
    run: Path, epoch: int, config: TrainingConfig, images: Sequence[LabelledImage]
) -> dict[str, Any]:
    # File names only: where the data lay on the training machine is nobody's business.
    settings = json.loads(config.to_json())
    settings["data"] = config.data.name
    settings["extra_data"] = [f"{path.parent.name}/{path.name}" for path in config.extra_data]
    settings["images"] = [folder.name for folder in config.images]
    settings["init"] = Path(config.init).name
    return {
        "config": settings,
        "epoch": epoch,
        "images": {
            split: sum(image.split == split for image in images)
            for split in ("train", "val", "test")
        },
        "extra_images": sum(image.extra for image in images),
        "dataset_fingerprint": fingerprint(run),
        "code_version": lesionviewer.__version__,
    }
