"""What a reader decided about an image, and what a change does to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self, TypedDict

from lesionviewer.core.store.canonical import plain_text

_CODE = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one reader holds of one image at present.

    Attributes:
        diagnosis: Code of a diagnosis, or None.
        unsure: The reader cannot tell.
        poor_image: The picture does not allow a diagnosis.
        flag: Marked for later.
        star: Marked as worth keeping.
        note: Free text.
        decided_utc: When diagnosis, `unsure` or `poor_image` last changed; None while undecided.
        seconds: How long the image was looked at until then.
        model_shown: Whether the model's answer was in sight then.
        model_diagnosis: Code of what the model held most probable then.
        unaided: Code of the diagnosis that the reader gave before the model was shown.
        bundle: Digest of the model bundle that was in use then; empty for none.
    """

    diagnosis: str | None = None
    unsure: bool = False
    poor_image: bool = False
    flag: bool = False
    star: bool = False
    note: str = ""
    decided_utc: str | None = None
    seconds: float | None = None
    model_shown: bool | None = None
    model_diagnosis: str | None = None
    unaided: str | None = None
    bundle: str = ""

    @property
    def decided(self) -> bool:
        """Whether the reader is done with the image; marks and notes do not count."""
        return self.diagnosis is not None or self.unsure or self.poor_image

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        return {name: getattr(self, name) for name in FIELDS}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what `as_json` gave; what a newer program added is left out."""
        return cls(**{name: values[name] for name in FIELDS if name in values})


FIELDS = tuple(field.name for field in fields(Decision))
_TRUTHS = ("unsure", "poor_image", "flag", "star", "model_shown")


class Change(TypedDict, total=False):
    """What of a decision becomes other; what is not named stays."""

    diagnosis: str | None
    unsure: bool
    poor_image: bool
    flag: bool
    star: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Under which a decision is made.

    Attributes:
        bundle: Digest of the model bundle in use, 64 hexadecimal digits; empty for none.
        model_shown: Whether its answer is in sight; None if there is none.
        model_diagnoses: By image digest, the code that the model holds most probable.
        seconds: How long the reader looked, 0 or more; None if that was not measured.
    """

    bundle: str = ""
    model_shown: bool | None = None
    model_diagnoses: Mapping[str, str] | None = None
    seconds: float | None = None


def checked(change: Change) -> Change:
    """Return `change` fit to be kept.

    Raises:
        ValueError: It names no field, an unknown one, or a diagnosis that is no code.
    """
    unknown = set(change) - set(Change.__annotations__)
    if unknown or not change:
        raise ValueError(
            f"A change names {sorted(change)}; expected {list(Change.__annotations__)}"
        )
    code = change.get("diagnosis")
    if code is not None and not _CODE.fullmatch(code):
        raise ValueError("A diagnosis is a code such as mel, in lower case")
    if "note" in change:
        return {**change, "note": plain_text(change["note"])}
    return change


def changed(
    old: Decision | None, change: Change, sha256: str, given: Circumstances, *, at: str
) -> Decision | None:
    """Return the decision after `change`, or None if nothing becomes other.

    Args:
        old: The decision before; None if there was none.
        change: As `checked` gives it.
        sha256: The image.
        given: Under which the reader decides.
        at: Time in UTC.
    """
    before = old or Decision()
    new = replace(before, **change)
    if new == before:
        return None
    if _judgement(new) == _judgement(before):
        return new
    aided = given.model_shown or before.model_shown
    return replace(
        new,
        decided_utc=at if new.decided else None,
        seconds=before.seconds if given.seconds is None else round(given.seconds, 3),
        model_shown=given.model_shown,
        model_diagnosis=(given.model_diagnoses or {}).get(sha256),
        unaided=before.unaided if aided else new.diagnosis,
        bundle=given.bundle,
    )


def is_switch(old: Decision | None, new: Decision) -> bool:
    """Return whether the reader left the unaided diagnosis for another once the model was shown."""
    if old is None or old.unaided is None or not new.model_shown:
        return False
    return new.diagnosis != old.diagnosis


def _judgement(decision: Decision) -> tuple[str | None, bool, bool]:
    return decision.diagnosis, decision.unsure, decision.poor_image


def decision_of(cells: tuple[Any, ...]) -> Decision:
    """Return the decision whose `FIELDS` the database keeps as `cells`."""
    values = dict(zip(FIELDS, cells, strict=True))
    for name in _TRUTHS:
        if values[name] is not None:
            values[name] = bool(values[name])
    return Decision(**values)
