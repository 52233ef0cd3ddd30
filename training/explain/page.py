"""The tables of `docs/explanations.md`, made from the figures of a study."""

from collections.abc import Callable, Mapping
from typing import Any

from training.explain.measure import CENTRE, FINE, GRAD_CAM, RANDOM
from training.pages import number, table, with_ends

_MAPS = {
    GRAD_CAM: "Grad-CAM",
    FINE: "fine map",
    CENTRE: "Grad-CAM's heat sorted around the centre",
    RANDOM: "Grad-CAM's heat in random regions",
    "grad-cam++": "Grad-CAM++",
    "layercam": "LayerCAM before the last stage",
    "score-cam": "Score-CAM, 64 channels",
    "smoothgrad": "SmoothGrad",
    "occlusion": "occlusion",
}
_FIGURES = {
    "energy": "energy inside ↑",
    "pointing": "pointing game ↑",
    "deletion": "deletion AUC ↓",
    "insertion": "insertion AUC ↑",
    "road": "ROAD, diagnosis kept ↓",
}


def explanation_blocks(report: Mapping[str, Any]) -> dict[str, str]:
    """Return the blocks that a page can have of a study, by name.

    Args:
        report: As `study` makes it.
    """
    parts: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
        "localisation": _figures,
        "perturbation": _figures,
        "differences": _differences,
        "faithfulness": _faithfulness,
        "randomisation": _randomisation,
        "keras": _figures,
    }
    return {
        "model": _model(report),
        **{
            name: words(report[name]) if name in report else "Not measured.\n"
            for name, words in parts.items()
        },
    }


def _model(report: Mapping[str, Any]) -> str:
    return (
        f"Figures of `{report['bundle']}` ({report['engine']}), whose card has the SHA-256 "
        f"`{report['bundle_digest'][:16]}…`, on {report['split']} of `{report['data']}`, seed "
        f"{report['seed']}. Intervals are 95 %, from 1,000 draws of lesions.\n"
    )


def _figures(part: Mapping[str, Any]) -> str:
    names = list(part["figures"])
    maps = list(part["figures"][names[0]])
    rows = [
        [_MAPS.get(one, one), *(_cell(part["figures"][name][one]) for name in names)]
        for one in maps
    ]
    return f"{part['images']} images of {part['lesions']} lesions; the lesion covers " + (
        f"{100 * part['lesion_area']:.0f} % of the square on average.\n\n"
        + table(["map", *(_FIGURES[name] for name in names)], rows)
    )


def _differences(part: Mapping[str, Any]) -> str:
    pairs = list(next(iter(part.values())))
    rows = [[_pair(pair), *(_cell(part[name][pair]) for name in part)] for pair in pairs]
    return table(["difference", *(_FIGURES[name] for name in part)], rows)


def _pair(pair: str) -> str:
    first, second = (_MAPS[name] for name in pair.split(" - "))
    return f"{first} less {second}"


def _faithfulness(part: Mapping[str, Any]) -> str:
    low, middle, high = part["quartiles"]
    return (
        f"Of Grad-CAM on {part['images']} images: mean {_cell(part['mean'])}, above 0 on "
        f"{_cell(part['above_zero'], 2)} of the images; a quarter of them lies below "
        f"{number(low)}, half below {number(middle)}, three quarters below {number(high)}.\n"
    )


def _randomisation(part: Mapping[str, Any]) -> str:
    rows = [
        [
            step["layers"],
            *(number(step[name], 2) for name in ("rank_correlation", "similarity", "kept")),
        ]
        for step in part["steps"]
    ]
    head = ["random from the logits down to", "rank correlation", "SSIM", "same diagnosis"]
    return f"{part['images']} images, the float network.\n\n" + table(head, rows)


def _cell(found: Mapping[str, Any], digits: int = 3) -> str:
    return with_ends(found["value"], found["interval"], digits)
