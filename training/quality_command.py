"""The words of `quality`: measure what the quality figures are worth."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lesionviewer.core.errors import ConfigError


def add_quality(commands: Any) -> None:
    """Add `quality` to the commands of a parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "quality", help="measure what the quality figures are worth"
    )
    parser.set_defaults(command=_quality)
    parser.add_argument("--data", type=Path, required=True, metavar="CSV", help="HAM10000's")
    parser.add_argument("--scores", type=Path, required=True, metavar="CSV", help="MILK10k's")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="take each nth training image"
    )


def as_table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the figures as a Markdown table, the source of the one in `docs/quality.md`."""
    lines = [
        "| figure | truth | AUC (95 %) | with | without | found | flagged of good |",
        "|---|---|---|---|---|---|---|",
    ]
    for key, figure in figures.items():
        found, flagged = (
            f"{figure[name]:.1%}".replace("%", " %") if name in figure else "–"
            for name in ("found", "good_flagged")
        )
        lines.append(
            f"| `{key}` | {figure['truth']} | {figure['auc']:.3f} ({figure['low']:.3f} to "
            f"{figure['high']:.3f}) | {figure['positives']} | {figure['negatives']} | {found} | "
            f"{flagged} |"
        )
    return "\n".join(lines)


def _quality(options: argparse.Namespace) -> int:
    from training.quality_figures import quality_figures
    from training.quality_truth import MONET, read_rows, thinned

    if options.every < 1:
        raise ConfigError({"every": f"expected 1 or more, got {options.every}"})
    ham = thinned(read_rows(options.data), options.every)
    milk = thinned(read_rows(options.scores, tuple(MONET.values())), options.every)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"{options.out} cannot be written ({error.strerror})"
        raise ConfigError({"out": text}) from error
    report = quality_figures(ham, milk, progress=_progress)
    (options.out / "quality.json").write_text(json.dumps(report, indent=1), "utf-8")
    sys.stdout.write(f"{as_table(report['figures'])}\n\n{as_table(report['drawn_too'])}\n")
    return 0


def _progress(done: int, total: int) -> None:
    if done % 500 == 0 or done == total:
        sys.stderr.write(f"{done} of {total} images\n")
