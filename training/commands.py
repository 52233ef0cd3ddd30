"""The words of the commands that measure and tell: `evaluate`, `compare` and `document`."""

import argparse
import sys
from pathlib import Path
from typing import Any

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


def add_compare(commands: Any) -> None:
    """Add `compare` to the commands of a parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "compare", help="set two classifiers against each other on the same images"
    )
    parser.set_defaults(command=_compare)
    for name in ("first", "second"):
        parser.add_argument(
            f"--{name}",
            type=Path,
            nargs="+",
            action="extend",
            required=True,
            metavar="DIR",
            help="what evaluate wrote; of several folders all images count",
        )


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
    from training.compare import compare, in_sentences

    sys.stdout.write(f"{in_sentences(compare(options.first, options.second))}\n")
    return 0


def _document(options: argparse.Namespace) -> int:
    from lesionviewer.core.bundle import open_bundle
    from training.modelpage import card_blocks
    from training.pages import fill_page

    fill_page(options.page, card_blocks(open_bundle(options.bundle).card))
    sys.stdout.write(f"Wrote {options.page}\n")
    return 0
