"""All runs that this person has made, wherever their folders lie, and what they came to."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lesionviewer.core.errors import ConfigError
from lesionviewer.core.user_dirs import data_dir, runs_dir
from training.config import TrainingConfig, parse_config
from training.launch import is_run, runs_in
from training.runstate import RunReader

_LIST = "runs.txt"
_MELANOMA = ("mel", "melanoma")


def note_run(run: Path) -> None:
    """Remember where a run lies. What cannot be written is not remembered: the run goes on."""
    folder = str(run.resolve())
    path = data_dir() / _LIST
    try:
        if folder in _noted(path):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # One write of one line: several processes may append at a time.
        with path.open("ab", buffering=0) as file:
            file.write(os.fsencode(f"{folder}\n"))
    except OSError:
        return


def known_runs(folders: Iterable[Path] = ()) -> list[Path]:
    """Return the run folders that are there, each once.

    Args:
        folders: Runs, or folders of runs; the window's, and all that were started, if none.
    """
    given = list(folders)
    places = given or [runs_dir(), *map(Path, _noted(data_dir() / _LIST))]
    found = [run for place in places for run in ([place] if is_run(place) else runs_in(place))]
    return list(dict.fromkeys(run.resolve() for run in found))


def summary(run: Path) -> dict[str, Any]:
    """Return what a run is and has come to, fit for JSON."""
    view = RunReader(run).read()
    config = _config(run)
    rows = _history(run)
    best = max(rows, key=lambda row: float(row["val_balanced_accuracy"]), default=None)
    recalls = _recalls(best or {})
    made = (run / "config.json").stat().st_mtime
    return {
        "name": run.name,
        "folder": str(run),
        "state": str(view.state),
        "message": view.message,
        "created_utc": datetime.fromtimestamp(made, UTC).isoformat(timespec="seconds"),
        "backbone": config.backbone if config else None,
        "data": str(config.data) if config else None,
        "epochs": config.length if config else None,
        "epochs_done": len(rows),
        "seconds": round(sum(float(row["seconds"]) for row in rows), 1),
        "best_epoch": int(best["epoch"]) if best else None,
        "val_balanced_accuracy": float(best["val_balanced_accuracy"]) if best else None,
        "recall_melanoma": next((recalls[c] for c in _MELANOMA if c in recalls), None),
        "recall": recalls,
        "pid": view.owner.pid if view.owner else None,
    }


def as_table(runs: Sequence[Mapping[str, Any]]) -> str:
    """Return runs as lines to read, each with its end."""
    head = ("run", "state", "epochs", "best", "balanced accuracy", "melanoma", "time", "folder")
    rows = [
        (
            run["name"],
            run["state"],
            f"{run['epochs_done']}/{run['epochs'] or '?'}",
            str(run["best_epoch"] or "–"),
            _share(run["val_balanced_accuracy"]),
            _share(run["recall_melanoma"]),
            f"{run['seconds'] / 60:.1f} min",
            run["folder"],
        )
        for run in runs
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    )
    return "".join(f"{line}\n" for line in lines)


def _noted(path: Path) -> list[str]:
    try:
        return os.fsdecode(path.read_bytes()).splitlines()
    except OSError:
        return []


def _config(run: Path) -> TrainingConfig | None:
    try:
        return parse_config((run / "config.json").read_text("utf-8"))
    except (OSError, ValueError, ConfigError):
        return None


def _history(run: Path) -> list[dict[str, str]]:
    try:
        with (run / "history.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError:
        return []


def _recalls(row: Mapping[str, str]) -> dict[str, float]:
    start = "recall_"
    return {n.removeprefix(start): float(v) for n, v in row.items() if n.startswith(start) and v}


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
