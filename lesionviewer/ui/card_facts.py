"""A model's card in words: names and values for the About box."""

from collections.abc import Iterable, Mapping
from typing import Any

from lesionviewer.core.card import ModelCard

_INTERVAL = "_interval"


def card_rows(card: ModelCard) -> list[tuple[str, str]]:
    """Return what the card says of the model, as name and value."""
    return [
        ("Name", card.id),
        ("Made", card.created),
        ("Network", str(card.architecture.get("backbone", ""))),
        ("Sees", f"a square of {card.input_px} × {card.input_px} pixels"),
        (
            "Diagnoses",
            "\n".join(
                f"{d.name} ({d.code}){' · malignant' if d.malignant else ''}"
                for d in card.diagnoses
            ),
        ),
        ("Temperature", _figure(card.temperature)),
        ("Licence", card.licence),
        ("Intended use", card.intended_use),
    ]


def metric_rows(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return one part of a card's metrics as name and value, intervals beside their figure.

    Curves and tables are left out: an evaluation draws them.

    Args:
        figures: Of one split: numbers, words, and mappings from diagnosis to number.
    """
    rows = []
    for key, value in figures.items():
        if key.endswith(_INTERVAL) and key.removesuffix(_INTERVAL) in figures:
            continue
        if _is_table(value):
            continue
        words = _value(value)
        ends = figures.get(f"{key}{_INTERVAL}")
        if isinstance(ends, list | tuple) and len(ends) == 2:
            words += f" ({_figure(ends[0])} to {_figure(ends[1])})"
        rows.append((in_words(key), words))
    return rows


def in_words(key: str) -> str:
    """Return a key of a card as a reader would say it: `macro_auc` is "Macro AUC"."""
    words = key.replace("_", " ").replace("auc", "AUC")
    return words[:1].upper() + words[1:]


def _is_table(value: object) -> bool:
    parts = value.values() if isinstance(value, Mapping) else value
    if isinstance(parts, str) or not isinstance(parts, Iterable):
        return False
    return any(isinstance(part, Mapping | list | tuple) for part in parts)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_figure(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_figure(part) for part in value)
    return _figure(value)


def _figure(value: object) -> str:
    if value is None:
        return "not defined"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
