"""The data report as a page: counts as pictures, what is wrong by name, near-duplicates shown."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from training.datasets import SPLITS
from training.document import Heading, Part, Picture, Table, Words, as_html, as_png
from training.inspection import MISSING, Inspection

_INK, _QUIET = "#3d7ea6", "#b9c2ca"
_SIDES = {"train": "#3d7ea6", "val": "#d8a24a", "test": "#7a5c99"}
_MOST_BARS, _MOST_NAMES = 20, 200
_CHARTS = {
    "age": "Age in years",
    "sex": "Sex",
    "site": "Body site",
    "confirmation": "Kind of confirmation",
    "sizes": "Size in pixels",
}


def inspection_page(found: Inspection) -> str:
    """Return the page, which needs no other file."""
    report = found.report
    return as_html(f"Data report: {report['data']}", _parts(report, found))


def _parts(report: Mapping[str, Any], found: Inspection) -> Iterator[Part]:
    yield Words("\n".join(_summary(report)))
    yield Heading("Diagnoses")
    yield Picture(_diagnoses_chart(report["diagnoses"]), "Images of each diagnosis", 0.7)
    yield _diagnoses_table(report["diagnoses"])
    yield Heading("What the data says of the images")
    for name, words in _CHARTS.items():
        missing = report[name].get(MISSING, 0)
        said = f"{words}; missing for {missing} images" if missing else words
        yield Picture(_chart(report[name]), said, 0.45)
    yield from _problems(report)
    yield from _duplicates(report, found)


def _summary(report: Mapping[str, Any]) -> Iterator[str]:
    lesions = f"of {report['lesions']} lesions" if report["lesions"] else "no lesions named"
    if report["lesions"] and report["without_lesion"]:
        lesions += f", {report['without_lesion']} without one"
    yield f"{report['images']} images, {lesions}, {len(report['diagnoses'])} diagnoses."
    sides = report["splits"]
    yield (
        "Splits: " + ", ".join(f"{sides[s]} in {s}" for s in SPLITS if s in sides) + "."
        if set(sides) & set(SPLITS)
        else "The data brings no splits."
    )
    torn = report["across_splits"]
    count = sum(len(some) for some in torn.values())
    if count:
        yield f"The splits leak in {count} places, which are listed below."
    elif set(sides) & set(SPLITS):
        yield "No lesion and no picture was found on two sides of the splits."


def _problems(report: Mapping[str, Any]) -> Iterator[Part]:
    yield Heading("Files that cannot be used")
    lists = {
        "cannot be read": [f"{one['image']}: {one['reason']}" for one in report["unreadable"]],
        "are listed and have no file": report["missing"],
        "have no diagnosis": report["unlabelled"],
    }
    for words, names in lists.items():
        yield from _named(f"{len(names)} images {words}.", names)


def _duplicates(report: Mapping[str, Any], found: Inspection) -> Iterator[Part]:
    torn = report["across_splits"]
    yield Heading("The same lesion or picture on two sides of the splits")
    yield from _named(
        f"{len(torn['lesions'])} lesions stand in several splits.",
        [f"{one['lesion']}: {_by_split(one['splits'])}" for one in torn["lesions"]],
    )
    for key, words in (("exact", "same files"), ("near", "near-duplicates")):
        some = torn[f"{key}_duplicates"]
        yield from _named(f"{len(some)} {words} stand in several splits.", list(map(_line, some)))
    yield Heading("Exact duplicates")
    exact = report["exact_duplicates"]
    yield from _named(f"{len(exact)} files are there more than once.", list(map(_line, exact)))
    yield Heading("Near-duplicates")
    near = report["near_duplicates"]
    yield from _named(
        f"{len(near)} pairs show one photograph or lesion in different files.",
        list(map(_line, near)),
    )
    for one, squares in zip(near, found.pairs, strict=False):
        yield Picture(as_png(np.concatenate(squares, axis=1)), " and ".join(one["images"]), 0.45)


def _named(words: str, names: Sequence[str]) -> Iterator[Part]:
    yield Words(words)
    if names:
        more = len(names) - _MOST_NAMES
        lines = [*names[:_MOST_NAMES], *([f"and {more} more"] if more > 0 else [])]
        yield Words("\n".join(lines), quiet=True)


def _by_split(sides: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{split}: {', '.join(names)}" for split, names in sides.items())


def _line(one: Mapping[str, Any]) -> str:
    notes = [", ".join(one["splits"])] if len(one["splits"]) > 1 else []
    notes += ["one lesion"] if one["same_lesion"] else []
    notes += [f"diagnoses {', '.join(one['diagnoses'])}"] if len(one["diagnoses"]) > 1 else []
    return " = ".join(one["images"]) + (f" ({'; '.join(notes)})" if notes else "")


def _diagnoses_table(diagnoses: Mapping[str, Mapping[str, int]]) -> Table:
    head = next(iter(diagnoses.values()))
    rows = [[code, *map(str, counts.values())] for code, counts in diagnoses.items()]
    return Table(["diagnosis", *head], rows)


def _diagnoses_chart(diagnoses: Mapping[str, Mapping[str, int]]) -> bytes:
    """Draw the images of each diagnosis, one colour a split."""
    codes = sorted(diagnoses, key=lambda code: diagnoses[code]["images"])
    figure, axes = _axes(len(codes))
    sides = [side for side in _SIDES if side in next(iter(diagnoses.values()))]
    left = np.zeros(len(codes))
    for side in sides:
        widths = np.array([diagnoses[code][side] for code in codes])
        axes.barh(codes, widths, left=left, color=_SIDES[side], label=side)
        left += widths
    if sides:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(sides), frameon=False)
    else:
        axes.barh(codes, [diagnoses[code]["images"] for code in codes], color=_INK)
    for place, code in enumerate(codes):
        axes.annotate(
            str(diagnoses[code]["images"]),
            (diagnoses[code]["images"], place),
            (3, 0),
            textcoords="offset points",
            va="center",
        )
    return _png(figure)


def _chart(counts: Mapping[str, int]) -> bytes:
    """Draw counts, what is missing in grey."""
    shown = dict(list(counts.items())[:_MOST_BARS])
    if rest := sum(counts.values()) - sum(shown.values()):
        shown["others"] = rest
    names = list(reversed(shown))
    figure, axes = _axes(len(names))
    colours = [_QUIET if name == MISSING else _INK for name in names]
    axes.barh(names, [shown[name] for name in names], color=colours)
    for place, name in enumerate(names):
        axes.annotate(
            str(shown[name]), (shown[name], place), (3, 0), textcoords="offset points", va="center"
        )
    return _png(figure)


def _axes(rows: int) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(6.4, 0.9 + 0.32 * max(rows, 2)), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12)
    axes.set_xlabel("images")
    return figure, axes


def _png(figure: Any) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
