"""`python -m benchmarks`: measure, print, and write docs/benchmarks.md."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import engine, explain, many, window
from benchmarks.keras_side import KerasSide
from benchmarks.pictures import images_of, sample_folder
from benchmarks.report import load, table
from benchmarks.timing import Comparison, spread
from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import open_bundle

PARTS = ("engine", "window", "many")
_FOLDER_IMAGES, _LAG_IMAGES, _FEW, _MANY = 200, 400, 1000, 20_000
_SEEN_PX = 224


def main(arguments: Sequence[str]) -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--images", type=Path, help="folder of JPEGs; default: made of the samples")
    parser.add_argument("--bundle", type=Path, default=default_bundle_dir())
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=PARTS, action="append", help="default: all parts")
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks.md"))
    words = parser.parse_args(arguments)
    comparisons: list[Comparison] = []
    with tempfile.TemporaryDirectory() as folder:
        for part in words.only or PARTS:
            print(f"{part} ({load()})", file=sys.stderr)
            for comparison in _MEASURES[part](words, Path(folder)):
                comparisons.append(comparison)
                print(f"  {comparison.what}: {spread(comparison.ratios or comparison.ours)}")
    words.out.write_text(table(comparisons, arguments), encoding="utf-8")


def _engine(words: argparse.Namespace, folder: Path) -> list[Comparison]:
    bundle = open_bundle(words.bundle)
    large = words.images or sample_folder(folder / "large", _FOLDER_IMAGES)
    small = sample_folder(folder / "small", _FOLDER_IMAGES, width=_SEEN_PX, height=_SEEN_PX)
    name = "given" if words.images else "600×450"
    with KerasSide(words.bundle) as keras:
        return [
            *engine.folder_figures(bundle, large, keras, words.rounds, name),
            *engine.folder_figures(bundle, small, keras, words.rounds, "224×224"),
            engine.maps_figure(bundle, images_of(large), words.rounds),
            *explain.explain_figures(bundle, images_of(large), keras, words.rounds, folder),
        ]


def _window(words: argparse.Namespace, folder: Path) -> list[Comparison]:
    one = sample_folder(folder / "one", 1)
    some = words.images or sample_folder(folder / "some", _LAG_IMAGES)
    return [
        *window.start_figures(one, words.bundle, words.rounds),
        *window.lag_figures(some, words.bundle, min(3, words.rounds)),
    ]


def _many(words: argparse.Namespace, folder: Path) -> list[Comparison]:
    few, lots = (
        sample_folder(folder / f"{count}", count, width=_SEEN_PX, height=_SEEN_PX)
        for count in (_FEW, _MANY)
    )
    return many.many_figures(words.bundle, few, lots)


_MEASURES: dict[str, Callable[[argparse.Namespace, Path], list[Comparison]]] = {
    "engine": _engine,
    "window": _window,
    "many": _many,
}

if __name__ == "__main__":
    main(sys.argv[1:])
