"""Runs as child processes: made, started, and started again with less after a lack of memory."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lesionviewer.core.children import child_command
from lesionviewer.core.errors import StoreError
from training.checkpoints import write_whole
from training.config import TrainingConfig, parse_config
from training.events import write_event
from training.processes import lower_priority
from training.runstate import EVENTS

OUTPUT = "output.log"
"""What a run's process prints, tracebacks of errors that nobody foresaw included."""

RunCommand = Callable[[Path, bool], list[str]]
"""From a run folder and whether the run is bound to the words that start it."""


def run_command(run: Path, bound: bool) -> list[str]:
    """Return the command line that starts a run, or goes on with it."""
    return child_command("train", "--resume", str(run), *(["--bound"] if bound else []))


def estimate_command(run: Path) -> list[str]:
    """Return the command line that prints what a run will take as JSON."""
    return child_command("train", "--resume", str(run), "--estimate")


def make_run(folder: Path, config: TrainingConfig) -> Path:
    """Make a run folder that holds nothing but its config, and return it.

    Raises:
        StoreError: The folder exists and is not empty, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StoreError(f"{folder} is not empty. Choose another name for the run.")
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror}).") from error
    write_whole(folder / "config.json", config.to_json().encode())
    return folder


def start_run(
    run: Path, *, bound: bool, command: RunCommand = run_command
) -> subprocess.Popen[bytes]:
    """Start the process of a run, at low priority.

    Args:
        run: The run folder.
        bound: Whether the run ends with this program: its input is a pipe, and it stops when that
            ends. Else it has a session of its own and no pipe, and outlives the program.
        command: Other words to start it with.

    Raises:
        StoreError: The process cannot be started, or its output cannot be written.
    """
    try:
        with (run / OUTPUT).open("ab") as output:
            process = subprocess.Popen(
                command(run, bound),
                stdin=subprocess.PIPE if bound else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Python imports from the folder it starts in: never from the user's.
                cwd=Path(__file__).resolve().parents[1],
                start_new_session=not bound,
                creationflags=_creation_flags(bound),
            )
    except OSError as error:
        raise StoreError(f"The run {run} cannot be started ({error.strerror}).") from error
    lower_priority(process.pid)
    return process


def let_go(process: subprocess.Popen[bytes]) -> None:
    """Close the input of a run: one that is bound stops."""
    if process.stdin:
        with contextlib.suppress(OSError):
            process.stdin.close()


def halve_batch(run: Path) -> int | None:
    """Give a run half its batch, said in its config and its events; return the new size.

    Return None where the batch is one image already.

    Raises:
        ConfigError: The run's config is damaged.
        StoreError: It cannot be written.
    """
    path = run / "config.json"
    config = parse_config(path.read_text("utf-8"))
    if config.batch_size == 1:
        return None
    half = config.batch_size // 2
    asked = config.batch_size_asked or config.batch_size
    write_whole(path, replace(config, batch_size=half, batch_size_asked=asked).to_json().encode())
    text = f"The memory did not do for {config.batch_size} images a step: trying {half}."
    try:
        with (run / EVENTS).open("a", encoding="utf-8") as file:
            write_event(
                file, "retry", message=text, batch_size=half, batch_size_before=config.batch_size
            )
    except OSError as error:
        raise StoreError(f"{run / EVENTS} cannot be written ({error.strerror}).") from error
    return half


def runs_in(folder: Path) -> list[Path]:
    """Return the run folders directly below a folder, in order of their names."""
    try:
        return sorted(path.parent for path in folder.glob("*/config.json") if is_run(path.parent))
    except OSError:
        return []


def is_run(folder: Path) -> bool:
    """Return whether a folder holds the config of a run."""
    try:
        return "backbone" in json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _creation_flags(bound: bool) -> int:
    if sys.platform != "win32":
        return 0
    flags = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return flags if bound else flags | subprocess.CREATE_NEW_PROCESS_GROUP
