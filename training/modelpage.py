"""The tables of a model's page, `docs/model.md`, made from its card."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lesionviewer.core.card import ModelCard
from training.figures import COMMON
from training.operating import TARGETS, point_name
from training.pages import number, table, with_ends

_MAIN = {
    "balanced_accuracy": "balanced accuracy",
    "balanced_accuracy_common": f"balanced accuracy, diagnoses of {COMMON} or more images",
    "macro_auc": "macro AUC, one against the rest",
    "malignant_auc": "AUC of the malignant probability",
    "accuracy": "accuracy",
    "expected_calibration_error": "expected calibration error, 15 bins",
    "calibration_error_if_perfect": "the same of a perfectly calibrated model, by chance",
}
_EACH = {
    "recall": "recall",
    "precision": "precision",
    "f1": "F1",
    "specificity": "specificity",
    "auc": "AUC",
}
_AGAINST = "_against_float"


def card_blocks(card: ModelCard) -> dict[str, str]:
    """Return the blocks that a page can have of a card, by name."""
    sides = {
        name: found for name, found in card.metrics.items() if "balanced_accuracy" in (found or {})
    }
    return {
        "files": _files(card),
        "images": _images(card),
        "settings": _settings(card),
        "figures": _figures(sides),
        "in short": _in_short(card),
        "recalls": _recalls(sides, card.codes),
        "calibration": _calibration(card),
        "fast graph": _agreement(card.metrics),
        **{f"diagnoses on {_words(name)}": _diagnoses(side) for name, side in sides.items()},
        **{f"confusion on {_words(name)}": _confusion(side) for name, side in sides.items()},
        **{f"malignant on {_words(name)}": _malignant(side) for name, side in sides.items()},
        **{f"groups on {_words(name)}": _groups(side) for name, side in sides.items()},
    }


def _words(side: str) -> str:
    return side.replace("_", " ")


def _files(card: ModelCard) -> str:
    rows = [
        (f"`{name}`", f"{found.bytes / 1e6:.1f} MB") for name, found in sorted(card.files.items())
    ]
    return table(("file", "size"), rows)


def _images(card: ModelCard) -> str:
    counts, extra = card.training["images"], card.training["extra_images"]
    return (
        f"{counts['train']} images to train on ({extra} of them of additional data), "
        f"{counts['val']} to choose the epoch and the temperature by, {counts['test']} to test.\n"
    )


def _settings(card: ModelCard) -> str:
    config = card.training["config"]
    members = [card.training, *card.training.get("averaged_with", [])]
    rows = [
        (f"`{name}`", f"`{value}`")
        for name, value in config.items()
        if name not in ("data", "images", "threads", "seed") and value not in (None, [], "")
    ]
    chosen = [f"seed {member['config']['seed']}: {member['epoch']}" for member in members]
    return table(("setting", "value"), [*rows, ("epoch that ships", ", ".join(chosen))])


def _figures(sides: Mapping[str, Mapping[str, Any]]) -> str:
    head = [
        f"{_words(name)} ({side['images']} images, {side['lesions']} lesions)"
        for name, side in sides.items()
    ]
    rows = [
        (
            words,
            *(with_ends(side.get(key), side.get(f"{key}_interval", ())) for side in sides.values()),
        )
        for key, words in _MAIN.items()
    ]
    return table(("", *head), rows)


def _in_short(card: ModelCard) -> str:
    """Return what a reader of the README wants to know of the test split."""
    test = card.metrics.get("test")
    if not test:
        return "This model was tested on nothing.\n"
    keys = (
        "balanced_accuracy",
        "macro_auc",
        "malignant_auc",
        "expected_calibration_error",
    )
    rows = [(_MAIN[key], with_ends(test.get(key), test.get(f"{key}_interval", ()))) for key in keys]
    counts = test["images_per_diagnosis"]
    recalls = (f"{code} {number(test['recall'][code], 2)} ({counts[code]})" for code in card.codes)
    rows.insert(1, ("recall (of so many images)", ", ".join(recalls)))
    against = card.metrics.get("int8_against_float_all") or card.metrics.get("int8_against_float")
    if against:
        rows.append(
            ("same diagnosis as the float model", f"{100 * against['same_diagnosis']:.1f} %")
        )
    return table(("", f"{test['images']} images, {test['lesions']} lesions"), rows)


def _recalls(sides: Mapping[str, Mapping[str, Any]], codes: Sequence[str]) -> str:
    head = [word for name in sides for word in (f"{_words(name)}: images", "recall")]
    rows = [
        (
            code,
            *(
                cell
                for side in sides.values()
                for cell in (
                    str(side["images_per_diagnosis"][code]),
                    number(side["recall"][code]),
                )
            ),
        )
        for code in codes
    ]
    return table(("diagnosis", *head), rows)


def _diagnoses(side: Mapping[str, Any]) -> str:
    rows = [
        (
            code,
            str(count),
            *(with_ends(side[key][code], side[f"{key}_interval"][code]) for key in _EACH),
        )
        for code, count in side["images_per_diagnosis"].items()
    ]
    return table(("diagnosis", "images", *_EACH.values()), rows)


def _confusion(side: Mapping[str, Any]) -> str:
    codes = tuple(side["images_per_diagnosis"])
    rows = [
        (code, *map(str, counts)) for code, counts in zip(codes, side["confusion"], strict=True)
    ]
    return table(("truth, in rows", *codes), rows)


def _malignant(side: Mapping[str, Any]) -> str:
    names = ("threshold", "sensitivity", "specificity")
    rows = []
    for target in TARGETS:
        point = side.get(point_name(target))
        if point:
            ends = side[f"{point_name(target)}_interval"]
            cells = (with_ends(point[name], ends[name]) for name in names)
            rows.append((f"sensitivity {target:.0%}", *cells))
    return table(("chosen for", *names), rows)


def _groups(side: Mapping[str, Any]) -> str:
    return table(
        ("", "group", "images", "lesions", "balanced accuracy", "malignant AUC"), _group_rows(side)
    )


def _group_rows(side: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for attribute, groups in side.get("subgroups", {}).items():
        for group, found in groups.items():
            figures = (
                with_ends(found[key], found[f"{key}_interval"])
                for key in ("balanced_accuracy", "malignant_auc")
            )
            # A group such as "<30" would read as a tag.
            name = group.replace("<", "&lt;")
            yield attribute, name, str(found["images"]), str(found["lesions"]), *figures


def _calibration(card: ModelCard) -> str:
    found = card.calibration
    return (
        f"Temperature {card.temperature} ({found['method']}), fitted on {found['images']} images "
        f"of {found['fitted_on']} with the {found['graph']} graph. {found['prior']}\n"
    )


def _agreement(metrics: Mapping[str, Any]) -> str:
    rows = [
        (
            ", ".join(map(_words, found["splits"])),
            str(found["images"]),
            f"{100 * found['same_diagnosis']:.1f} %",
            number(found["macro_auc_lower_by"], 4),
            number(found["mean_difference"], 4),
            number(found["largest_difference"], 2),
        )
        for name, found in metrics.items()
        if _AGAINST in name
    ]
    head = ("images of", "images", "same diagnosis", "macro AUC lower by", "mean", "largest")
    return table((*head[:4], "mean difference of a probability", "largest"), rows)
