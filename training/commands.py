"""The words of the commands that measure: `evaluate` and `compare`."""

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
