"""The card of a model bundle: what the model is, knows, was trained on and may be used for."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.errors import BundleError
from lesionviewer.core.preprocess import RESIZE_RULE

SCHEMA = 1
_HEAD_LAYERS, _HEAD_UNITS = 4, 8192
_CODE = re.compile(r"[a-z0-9_]{1,64}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class FileDigest:
    """Size in bytes and SHA-256 (64 hexadecimal digits) of one file of a bundle."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """`card.json`, checked.

    Attributes:
        id: Name of the bundle, such as `ham10000-resnet50`.
        created: When it was exported, UTC, ISO 8601.
        architecture: What `engine.networks` needs to build the graph: `backbone` names it, `head`
            has the outputs of its dense layers but the last, and is absent where there is but one.
        diagnoses: The classes, in the order of the logits.
        input_px: Edge of the square that the network takes.
        temperature: The logits are divided by it before the softmax (Guo et al. 2017, section 4.2).
        calibration: Where the temperature comes from, and conformal thresholds where fitted.
        out_of_distribution: Rule and threshold, empty where none was fitted.
        similar_cases: Words and figures of the reference images, empty where there are none.
        metrics: Figures with confidence intervals, by split name.
        training: Config, data set fingerprint and code version.
        licence: Of the weights.
        intended_use: One text for people.
        files: Digests of every other file of the bundle.
    """

    id: str
    created: str
    architecture: Mapping[str, Any]
    diagnoses: tuple[Diagnosis, ...]
    input_px: int
    temperature: float
    licence: str
    intended_use: str
    calibration: Mapping[str, Any] = field(default_factory=dict)
    out_of_distribution: Mapping[str, Any] = field(default_factory=dict)
    similar_cases: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, FileDigest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        codes = [d.code for d in self.diagnoses]
        checks = {
            "diagnoses": 2 <= len(codes) == len(set(codes))
            and all(_CODE.fullmatch(code) for code in codes),
            "input.size": 32 <= self.input_px <= 1024,
            "calibration.temperature": math.isfinite(self.temperature) and self.temperature > 0,
            "architecture.backbone": isinstance(self.architecture.get("backbone"), str),
            "architecture.head": is_head(self.architecture.get("head", ())),
            "files": all(
                _FILE.fullmatch(name)
                and re.fullmatch(r"[0-9a-f]{64}", digest.sha256)
                and digest.bytes >= 0
                for name, digest in self.files.items()
            ),
        }
        if bad := [name for name, good in checks.items() if not good]:
            raise BundleError(f"The card of the model has no usable {', '.join(bad)}.")

    @property
    def codes(self) -> tuple[str, ...]:
        """The diagnoses' codes in card order."""
        return tuple(d.code for d in self.diagnoses)

    def to_json(self) -> str:
        """Return the card as text, the same for the same card."""
        document = {
            "schema": SCHEMA,
            "id": self.id,
            "created": self.created,
            "architecture": dict(self.architecture),
            "diagnoses": [
                {"code": d.code, "name": d.name, "malignant": d.malignant} for d in self.diagnoses
            ],
            "input": {"size": self.input_px, "resize": RESIZE_RULE},
            "calibration": {**self.calibration, "temperature": self.temperature},
            "out_of_distribution": dict(self.out_of_distribution),
            **({"similar_cases": dict(self.similar_cases)} if self.similar_cases else {}),
            "metrics": dict(self.metrics),
            "training": dict(self.training),
            "licence": self.licence,
            "intended_use": self.intended_use,
            "files": {
                name: {"sha256": digest.sha256, "bytes": digest.bytes}
                for name, digest in sorted(self.files.items())
            },
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def head_of(architecture: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the outputs of a head's dense layers before the last; none for a head of one."""
    return tuple(architecture.get("head", ()))


def is_head(head: object) -> bool:
    """Return whether `head` can be the outputs of a head's dense layers before the last."""
    return (
        isinstance(head, list | tuple)
        and len(head) <= _HEAD_LAYERS
        and all(type(units) is int and 1 <= units <= _HEAD_UNITS for units in head)
    )


def parse_card(text: str) -> ModelCard:
    """Return the card that `text` holds.

    Raises:
        BundleError: The text is no card, or one of a schema or resize rule unknown here.
    """
    try:
        document = json.loads(text)
        if document["schema"] != SCHEMA:
            raise BundleError(
                f"The model's card has schema {document['schema']!r}; this program reads "
                f"{SCHEMA}. Use a version of lesionviewer that fits the model."
            )
        if document["input"]["resize"] != RESIZE_RULE:
            raise BundleError(
                f"The model wants pictures resized by the rule {document['input']['resize']!r}; "
                f"this program knows {RESIZE_RULE!r}."
            )
        calibration = dict(document["calibration"])
        return ModelCard(
            id=str(document["id"]),
            created=str(document["created"]),
            architecture=dict(document["architecture"]),
            diagnoses=tuple(
                Diagnosis(str(d["code"]), str(d["name"]), d["malignant"] is True)
                for d in document["diagnoses"]
            ),
            input_px=int(document["input"]["size"]),
            temperature=float(calibration.pop("temperature")),
            calibration=calibration,
            out_of_distribution=dict(document.get("out_of_distribution") or {}),
            similar_cases=dict(document.get("similar_cases") or {}),
            metrics=dict(document.get("metrics") or {}),
            training=dict(document.get("training") or {}),
            licence=str(document["licence"]),
            intended_use=str(document["intended_use"]),
            files={
                str(name): FileDigest(str(entry["sha256"]), int(entry["bytes"]))
                for name, entry in document["files"].items()
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BundleError(
            "The model's card.json is damaged or not a card. Export the bundle again."
        ) from error
