"""The tables of docs/doubt.md, made of a card: nobody copies figures by hand."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lesionviewer.core.card import ModelCard

NOTHING = "This model was made without these parts."


def doubt_blocks(card: ModelCard) -> dict[str, str]:
    """Return the one block of docs/doubt.md: all tables, from the line that names the model."""
    return {"doubt": _tables(card)}


def _tables(card: ModelCard) -> str:
    parts = [f"Figures of `{card.id}`, exported {card.created}, from its card."]
    conformal = card.calibration.get("conformal")
    if not (conformal and card.out_of_distribution and card.similar_cases):
        return "\n\n".join([*parts, NOTHING]) + "\n"
    parts += ["### Conformal sets", _thresholds(conformal, card.codes)]
    for side, levels in conformal["coverage"].items():
        parts += [f"Coverage on `{side}`:", _coverage(levels, card.codes)]
    entry = card.out_of_distribution
    parts += ["### Unlike images", _rule(entry), _areas(entry), _flagged(entry)]
    parts += ["### Similar cases", *_similar(card.similar_cases)]
    return "\n\n".join(parts) + "\n"


def _thresholds(conformal: Mapping[str, Any], codes: Sequence[str]) -> str:
    levels = conformal["levels"]
    head = ["diagnosis", "val images"]
    for level in levels:
        head += [f"least probability, {level} %", "warranted"]
    rows = []
    for code in codes:
        first = next(iter(levels.values()))[code]
        cells = [code, str(first["images"])]
        for found in levels.values():
            cells += [f"{found[code]['least']:.4f}", _percent(found[code]["guaranteed"])]
        rows.append(cells)
    return _table(head, rows)


def _coverage(levels: Mapping[str, Any], codes: Sequence[str]) -> str:
    head = ["", "images", *(f"{level} % sets hold it" for level in levels)]
    rows = []
    for code in codes:
        found = [side["by_diagnosis"].get(code) for side in levels.values()]
        if all(found):
            shares = (f"{_percent(f['covered'])} ({_range(f['interval'])})" for f in found if f)
            rows.append([code, str(found[0]["images"] if found[0] else 0), *shares])
    sides = list(levels.values())
    images = str(sides[0]["images"])
    rows.append(["all", images, *(_percent(side["covered"]) for side in sides)])
    rows.append(["diagnoses in a set", "", *(f"{side['mean_size']:.2f}" for side in sides)])
    rows.append(["sets of one", "", *(_percent(side["of_one"]) for side in sides)])
    return _table(head, rows)


def _rule(entry: Mapping[str, Any]) -> str:
    return (
        f"Score: {entry['score']}; threshold {entry['threshold']:.4g}, which keeps "
        f"{_percent(entry['kept'])} of {entry['images']} images of val."
    )


def _areas(entry: Mapping[str, Any]) -> str:
    kinds = list(next(iter(entry["auroc"].values())))
    rows = [
        [
            f"**{name}**" if name == entry["score"] else name,
            *(f"{found[kind]:.3f}" for kind in kinds),
        ]
        for name, found in entry["auroc"].items()
    ]
    if within := entry.get("auroc_within_data_set"):
        cells = (f"{within[kind]:.3f}" if kind in within else "" for kind in kinds)
        rows.append(["the chosen, against the same set's known diagnoses", *cells])
    counts = [str(entry["outliers"][kind]["reporting"]) for kind in kinds]
    rows.append(["pictures", *counts])
    if "auroc_against_test" in entry:
        against = entry["auroc_against_test"]
        rows.insert(
            len(entry["auroc"]),
            ["the chosen, against test", *(f"{against[kind]:.3f}" for kind in kinds)],
        )
    return "AUROC against val, on pictures that nothing was chosen by:\n\n" + _table(
        ["score", *kinds], rows
    )


def _flagged(entry: Mapping[str, Any]) -> str:
    rows = [[name, _percent(share)] for name, share in entry["flagged"].items()]
    return _table(["images", "flagged"], rows)


def _similar(said: Mapping[str, Any]) -> Iterable[str]:
    yield (
        f"{said['images']} reference images of {', '.join(said['sources'])}, "
        f"{said['numbers_an_image']} numbers each, {said['bytes'] / 1e6:.2f} MB."
    )
    if not said.get("retrieval"):
        return
    codes = sorted({code for found in said["retrieval"].values() for code in found["by_diagnosis"]})
    rows = [
        [
            side,
            str(found["images"]),
            "{:.3f} ({:.3f} to {:.3f})".format(found["precision_at_5"], *found["interval"]),
            f"{found['mean_over_diagnoses']:.3f}",
            f"{found['by_chance']:.3f}",
            *(f"{found['by_diagnosis'].get(code, float('nan')):.3f}" for code in codes),
        ]
        for side, found in said["retrieval"].items()
    ]
    head = ["queries", "images", "precision@5", "mean over diagnoses", "by chance", *codes]
    yield _table(head, rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _range(ends: Sequence[float]) -> str:
    return f"{100 * ends[0]:.1f} to {100 * ends[1]:.1f} %"
