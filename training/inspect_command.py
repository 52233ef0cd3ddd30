"""The words of `inspect`: the data report."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add_inspect(commands: Any) -> argparse.ArgumentParser:
    """Add `inspect` to the commands of a parser, and return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "inspect", help="say what a data set holds and what is wrong with it"
    )
    parser.set_defaults(command=_inspect)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.html")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the same for programs")
    parser.add_argument("--threads", type=int, choices=range(1, 65), default=2, metavar="N")
    return parser


def _inspect(options: argparse.Namespace) -> int:
    from lesionviewer.core.export.places import new_file
    from training.inspection import inspect_data
    from training.inspection_page import inspection_page

    found = inspect_data(options.data, options.images, threads=options.threads, progress=_tell)
    report = found.report
    with new_file(options.out) as part:
        part.write_text(inspection_page(found), "utf-8")
    if options.json:
        with new_file(options.json) as part:
            part.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    torn = sum(len(some) for some in report["across_splits"].values())
    sys.stdout.write(
        f"{report['images']} images of {len(report['diagnoses'])} diagnoses; "
        f"{len(report['unreadable'])} unreadable, {len(report['missing'])} missing, "
        f"{len(report['unlabelled'])} unlabelled; {len(report['exact_duplicates'])} exact and "
        f"{len(report['near_duplicates'])} near duplicates; {torn} across splits\n"
        f"Wrote {options.out}\n"
    )
    return 0


def _tell(work: str, done: int, total: int) -> None:
    sys.stderr.write(f"{work}: {done} of {total}\n")
