"""The words of the command `doubt`: fits a bundle's doubt anew, and writes the page about it."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lesionviewer.core.errors import ConfigError


def add_doubt_command(commands: Any) -> argparse.ArgumentParser:
    """Add `doubt` to the commands of a parser, and return its parser, which lacks `--data`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "doubt",
        help="fit a bundle's conformal sets, outlier score and similar cases anew",
        description="Fit a bundle's conformal sets, outlier score, similar cases and operating "
        "curve anew, in place. Its card changes, and so does the card's digest. Without --run and "
        "--data nothing is fitted.",
    )
    parser.set_defaults(command=_doubt)
    parser.add_argument("--bundle", type=Path, required=True, metavar="DIR")
    parser.add_argument("--run", type=Path, metavar="RUN", help="the images of this run")
    parser.add_argument("--extra-data", type=Path, action="append", metavar="CSV", default=[])
    parser.add_argument("--page", type=Path, metavar="FILE.md", help="put the tables in here")
    add_outliers(parser)
    return parser


def add_outliers(parser: argparse.ArgumentParser) -> None:
    """Add the option for folders of pictures of other kinds."""
    parser.add_argument(
        "--outliers",
        type=_named_folder,
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="pictures of another kind, half to choose the outlier score by, half to measure it",
    )


def _named_folder(text: str) -> tuple[str, Path]:
    name, sign, folder = text.partition("=")
    if not (name and sign and Path(folder).is_dir()):
        raise argparse.ArgumentTypeError(f"expected NAME=DIR with a folder, got {text!r}")
    return name, Path(folder)


def _doubt(options: argparse.Namespace) -> int:
    from lesionviewer.core.bundle import open_bundle
    from training.doubt.page import doubt_blocks
    from training.pages import fill_page

    if options.run is not None and options.data is not None:
        raise ConfigError({"run": "give --run or --data, not both"})
    if options.run is not None or options.data is not None:
        _fit(options, dict(options.outliers))
    elif options.page is None:
        raise ConfigError({"data": "say what to fit to (--run or --data), or what --page to write"})
    if options.page is not None:
        fill_page(options.page, doubt_blocks(open_bundle(options.bundle).card))
        sys.stdout.write(f"Wrote {options.page}\n")
    return 0


def _fit(options: argparse.Namespace, outliers: Mapping[str, Path]) -> None:
    from lesionviewer.core.bundle import open_bundle
    from training.config import parse_config
    from training.doubt.fit import add_doubt
    from training.doubt.gather import config_of, doubt_data, gathered_data
    from training.manifest import read_manifest

    card = open_bundle(options.bundle).card
    if options.run is not None:
        try:
            config = parse_config((options.run / "config.json").read_text("utf-8"))
        except OSError as error:
            text = f"{options.run} is no run folder: it has no config.json"
            raise ConfigError({"run": text}) from error
        data = doubt_data(config, read_manifest(options.run), card.codes, outliers=outliers)
    else:
        config = config_of(card, options.data, options.images, options.extra_data)
        data = gathered_data(config, card, outliers)
    add_doubt(options.bundle, data)
    sys.stdout.write(f"Fitted {options.bundle}\n")
