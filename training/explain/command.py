"""The words of the command `explain`: measures a bundle's maps, and writes the page about them."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from lesionviewer.core.errors import ConfigError


def add_explain_command(commands: Any) -> argparse.ArgumentParser:
    """Add `explain` to the commands of a parser, and return its parser, which lacks `--data`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "explain",
        help="measure what a bundle's maps are worth, on images with lesion masks",
        description="Measure a bundle's maps on images with lesion masks, and write "
        "explanations.json. Without --data nothing is measured, and --page is filled from the "
        "explanations.json in --out. What is left out stays as that file has it.",
    )
    parser.set_defaults(command=_explain)
    parser.add_argument("--bundle", type=Path, metavar="DIR")
    parser.add_argument("--masks", type=Path, metavar="DIR", help="masks beside the data if absent")
    parser.add_argument("--split", choices=("train", "val", "test"), default="test")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--page", type=Path, metavar="FILE.md", help="put the tables in here")
    counts = {
        "images-count": "images to take apart (default 200; 0 leaves out the graph's maps)",
        "localised-count": "images to localise (default all)",
        "keras-count": "images for the methods that need Keras (default 0)",
        "randomised-count": "images for the randomisation check (default 0)",
        "seed": "of every draw (default 0)",
    }
    for name, text in counts.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=text)
    return parser


def _explain(options: argparse.Namespace) -> int:
    from training.explain.study import FIGURES

    if options.data is not None:
        _measure(options)
    if options.page is not None:
        _fill(options.page, options.out / FIGURES)
    elif options.data is None:
        raise ConfigError({"data": "say what to measure on (--data), or what --page to write"})
    return 0


def _measure(options: argparse.Namespace) -> None:
    from training.explain.study import FIGURES, StudyOptions, study

    if options.bundle is None:
        raise ConfigError({"bundle": "say which model to measure: --bundle DIR"})
    names = ("masks", "images_count", "localised_count", "keras_count", "randomised_count", "seed")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    least = {"images_count": 0, "localised_count": 1, "keras_count": 0, "randomised_count": 0}
    if bad := [name for name, low in least.items() if given.get(name, low) < low]:
        raise ConfigError({name: f"expected {least[name]} or more" for name in bad})
    asked = StudyOptions(data=options.data, images=options.images, split=options.split, **given)
    study(options.bundle, options.out, asked, _tell)
    sys.stdout.write(f"Wrote {options.out / FIGURES}\n")


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _fill(page: Path, figures: Path) -> None:
    from training.explain.page import explanation_blocks
    from training.pages import fill_page

    try:
        blocks = explanation_blocks(json.loads(figures.read_text("utf-8")))
    except OSError as error:
        raise ConfigError({"out": f"{figures}: {error.strerror}"}) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError({"out": f"{figures} holds no figures of explanations"}) from error
    fill_page(page, blocks)
    sys.stdout.write(f"Wrote {page}\n")
