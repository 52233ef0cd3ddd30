"""Run folders and queues for the tests of jobs."""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from training.config import TrainingConfig
from training.launch import make_run
from training.queue import TrainingQueue
from training.runstate import RunState, RunView

GIVE_UP_S = 600
ENDLESS = 100_000


def pretend(run: Path, bound: bool) -> list[str]:
    script = Path(__file__).with_name("pretend_run.py")
    setup = f"import sys, runpy; sys.path.insert(0, {str(Path(__file__).parents[2])!r}); "
    setup += f"sys.argv = sys.argv[1:]; runpy.run_path({str(script)!r}, run_name='__main__')"
    return [sys.executable, "-c", setup, "run", str(run), *(["--bound"] if bound else [])]


def pretend_run(
    folder: Path, name: str, *, epochs: int = 2, batch_size: int = 16, **behave
) -> Path:
    """Make a run folder for `pretend_run.py`."""
    run = make_run(folder / name, TrainingConfig(data=Path("none"), batch_size=batch_size))
    (run / "behave.json").write_text(json.dumps({"epochs": epochs, **behave}), "utf-8")
    return run


def wait_until(true: Callable[[], object], what: str) -> None:
    """Return once `true` is; it looks at files and processes, which send no signal."""
    end = time.monotonic() + GIVE_UP_S
    pause = threading.Event()
    while not true():
        assert time.monotonic() < end, f"in vain: {what}"
        pause.wait(0.02)


def wait_for(queue: TrainingQueue, run: Path, *states: RunState) -> RunView:
    """Look until a run is in one of the states; return it."""
    found: list[RunView] = []

    def there() -> bool:
        queue.find()
        queue.look()
        found[:] = [view for view in queue.views if view.folder == run and view.state in states]
        return bool(found)

    wait_until(there, f"{run.name} {states}, {queue.views}")
    return found[0]
