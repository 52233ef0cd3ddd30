"""The words of `runs` and `report`: what was trained, and what came of it."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add_runs(commands: Any) -> None:
    """Add `runs` to the commands of a parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "runs", help="list the runs that were started"
    )
    parser.set_defaults(command=_runs)
    parser.add_argument(
        "folders",
        type=Path,
        nargs="*",
        metavar="FOLDER",
        help="runs, or folders of runs; the window's, and all that were started, if none",
    )
    parser.add_argument("--json", action="store_true", help="a list of objects")


def add_report(commands: Any) -> None:
    """Add `report` to the commands of a parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "report", help="write what came of a run, on its test images"
    )
    parser.set_defaults(command=_report)
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.html|FILE.pdf")


def _report(options: argparse.Namespace) -> int:
    from training.runreport import write_run_report

    write_run_report(options.run, options.out)
    sys.stdout.write(f"Wrote {options.out}\n")
    return 0


def _runs(options: argparse.Namespace) -> int:
    from training.known import as_table, known_runs, summary

    runs = [summary(run) for run in known_runs(options.folders)]
    runs.sort(key=lambda run: run["created_utc"], reverse=True)
    if options.json:
        sys.stdout.write(json.dumps(runs, indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(as_table(runs) if runs else "There are no runs.\n")
    return 0
