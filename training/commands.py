"""The words of the commands that measure and tell: `evaluate`, `compare` and `document`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from lesionviewer.core.errors import ConfigError
from training.datasets import SPLITS


def add_evaluate(commands: Any) -> argparse.ArgumentParser:
    """Add `evaluate` to the commands of a parser, and return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "evaluate", help="measure a bundle on labelled images"
    )
    parser.set_defaults(command=_evaluate)
    parser.add_argument("--bundle", type=Path, required=True, metavar="DIR")
    parser.add_argument("--split", choices=(*SPLITS, "all"), default="test")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--flips",
        action="store_true",
        help="measure the mean of eight flips and quarter turns too, in a folder of its own",
    )
    return parser


def add_compare(commands: Any) -> argparse.ArgumentParser:
    """Add `compare` to the commands of a parser, and return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "compare", help="set two models, or two evaluations, against each other on the same images"
    )
    parser.set_defaults(command=_compare)
    for name in ("champion", "challenger"):
        parser.add_argument(f"--{name}", type=Path, metavar="BUNDLE")
    parser.add_argument("--split", choices=(*SPLITS, "all"), default="test")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="what champion and data give")
    for name in ("first", "second"):
        parser.add_argument(
            f"--{name}",
            type=Path,
            nargs="+",
            action="extend",
            metavar="DIR",
            help="what evaluate wrote; of several folders all images count",
        )
    return parser


def add_document(commands: Any) -> None:
    """Add `document` to the commands of a parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "document", help="fill a page's tables from a bundle's card"
    )
    parser.set_defaults(command=_document)
    parser.add_argument("--bundle", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--page", type=Path, required=True, metavar="FILE", help="Markdown; its blocks are replaced"
    )


def _evaluate(options: argparse.Namespace) -> int:
    from training.evaluation import EvaluationOptions, evaluate
    from training.figures import in_words

    asked = EvaluationOptions(
        data=options.data, images=options.images, split=options.split, flips=options.flips
    )
    report = evaluate(options.bundle, options.out, asked)
    sys.stdout.write(f"{in_words(report)}\n")
    return 0


def _compare(options: argparse.Namespace) -> int:
    bundles = (options.champion, options.challenger, options.data, options.out)
    folders = (options.first, options.second)
    if all(bundles) and not any(folders):
        return _challenge(options)
    if not all(folders) or any(bundles):
        text = "give --champion, --challenger, --data and --out; or --first and --second"
        raise ConfigError({"compare": text})
    from training.compare import compare, in_sentences

    sys.stdout.write(f"{in_sentences(compare(options.first, options.second))}\n")
    return 0


def _challenge(options: argparse.Namespace) -> int:
    from lesionviewer.core.export.places import new_file
    from training.challenge import NAMES, challenge
    from training.compare import in_sentences
    from training.evaluation import EvaluationOptions

    asked = EvaluationOptions(data=options.data, images=options.images, split=options.split)
    report = challenge(options.champion, options.challenger, asked)
    with new_file(options.out) as part:
        part.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", "utf-8")
    sys.stdout.write(f"{in_sentences(report, NAMES)}\n")
    return 0


def _document(options: argparse.Namespace) -> int:
    from lesionviewer.core.bundle import open_bundle
    from training.modelpage import card_blocks
    from training.pages import fill_page

    fill_page(options.page, card_blocks(open_bundle(options.bundle).card))
    sys.stdout.write(f"Wrote {options.page}\n")
    return 0
