"""The table."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata

from benchmarks.timing import Comparison, spread
from lesionviewer import __version__
from lesionviewer.engine.devices import processor

_PACKAGES = ("openvino", "tensorflow", "keras", "tf-keras-vis", "pyside6-essentials", "numpy")


def table(comparisons: Sequence[Comparison], words: Sequence[str]) -> str:
    """Return the figures as Markdown."""
    cpu = processor()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES)
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`; do not edit. Both sides of a line alternate in one run. Figures are "
        "median (least – most) over n rounds; a ratio is that of two neighbours in one round.",
        "",
        f"* lesionviewer {__version__}, {datetime.now(UTC):%Y-%m-%d}; Python "
        f"{platform.python_version()}, {versions}",
        f"* {cpu.name}, {cpu.cores} threads, {cpu.instruction_set}; {platform.system()} "
        f"{platform.release()}",
        f"* `python -m benchmarks {' '.join(words)}`".rstrip("` ") + "`",
        "",
        "| what | against | goal | ratio | n | this program | the other side |",
        "|---|---|---|---|---|---|---|",
    ]
    for line in comparisons:
        theirs = f"{spread(line.theirs)} {line.unit}" if line.theirs else "–"
        lines.append(
            f"| {line.what} | {line.against or '–'} | {line.goal} | {spread(line.ratios)} | "
            f"{len(line.ours)} | {spread(line.ours)} {line.unit} | {theirs} |"
        )
    return "\n".join([*lines, ""])


def load() -> str:
    """Return how busy the machine is, where it says."""
    try:
        return f"load average {os.getloadavg()[0]:.1f}"
    except (AttributeError, OSError):
        return ""
