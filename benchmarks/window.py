"""The real window, watched from outside through what it prints for benchmarks."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.timing import Comparison, alternate, seconds

_MOST_SECONDS = 600


def run_window(folder: Path, bundle: Path) -> dict[str, list[float]]:
    """Open the window on `folder`, let it finish, and return its lines: word → figures."""
    environment = {**os.environ, "LESIONVIEWER_BENCH": "1"}
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    command = [sys.executable, "-m", "lesionviewer", "--bundle", str(bundle), "--quit-when-done"]
    ended = subprocess.run(
        [*command, str(folder)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=environment,
        timeout=_MOST_SECONDS,
        check=True,
    )
    return {
        line.split()[0]: [float(word) for word in line.split()[1:] if word[0].isdigit()]
        for line in ended.stderr.splitlines()
        if line.startswith(("shown ", "explained ", "classified ", "lag "))
    }


def import_tensorflow() -> float:
    """Return the seconds of `python -c "import tensorflow"`."""
    command = [sys.executable, "-c", "import tensorflow"]
    return seconds(lambda: subprocess.run(command, check=True, stderr=subprocess.DEVNULL))


def start_figures(folder: Path, bundle: Path, rounds: int) -> list[Comparison]:
    """Compare the start of the window with an import of TensorFlow."""
    shown: list[float] = []

    def window() -> float:
        lines = run_window(folder, bundle)
        shown.append(lines["shown"][0])
        return lines["explained"][0]

    window(), import_tensorflow()
    shown.clear()
    explained, theirs = alternate(rounds, window, import_tensorflow)
    against = '`python -c "import tensorflow"`'
    return [
        Comparison(
            what,
            against,
            goal,
            "s",
            ours,
            theirs,
            [a / b for a, b in zip(ours, theirs, strict=True)],
        )
        for what, goal, ours in (
            ("Window shown, from the start of the process", "≤ 0.15 × the time", shown),
            ("First image explained, from the start of the process", "≤ 0.5 ×", explained),
        )
    ]


def lag_figures(folder: Path, bundle: Path, rounds: int) -> list[Comparison]:
    """Measure how late the event loop is while a folder is classified."""
    runs = [run_window(folder, bundle)["lag"] for _ in range(rounds)]
    what = "Event loop late, from the first frame to the last image, engine start included"
    return [
        Comparison(f"{what}: p99", "", "< 50 ms", "ms", [run[1] for run in runs]),
        Comparison(f"{what}: most", "", "< 200 ms", "ms", [run[2] for run in runs]),
    ]
