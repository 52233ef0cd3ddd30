"""`python -m benchmarks.kills`: kills training processes at random moments, and lets them go on.

Real processes, as the window starts them, of a network small enough that most of their time goes
into checkpoints: one is written with every step. A third of the kills falls anywhere into a
process' start, a third anywhere into its training, a third on the moment a file is half written.
A kill counts as survived once a later process trains on with every epoch that was there before.
"""

import argparse
import csv
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.user_dirs import HOME_VARIABLE
from training.config import TrainingConfig
from training.launch import OUTPUT, make_run, start_run
from training.runstate import EVENTS, EventTail

_PLACES = ("start", "training", "write")
_COLOURS = {"nv": (150, 90, 60), "mel": (60, 40, 40), "bkl": (190, 140, 90)}
_EACH, _EDGE = 8, 48
_LONGEST_S, _MOST_WRITES = 3.0, 40
_LOOK_S, _CLOSE_LOOK_S = 0.02, 0.001
_GIVE_UP_S = 900.0


@dataclass(slots=True)
class Tally:
    """What came of the kills."""

    kills: Counter[str] = field(default_factory=Counter)
    torn: int = 0
    survived: int = 0
    waiting: int = 0

    def count(self, place: str, run: Path) -> None:
        """Note a kill, and whether it left a file half written."""
        self.kills[place] += 1
        self.waiting += 1
        self.torn += any((run / "checkpoints").glob("*.partial"))

    def trains(self) -> None:
        """Note that a process trains: the kills before it were survived."""
        self.survived, self.waiting = self.survived + self.waiting, 0


class Victim:
    """One process of a run."""

    def __init__(self, run: Path) -> None:
        self._run, self._tail = run, EventTail(run / EVENTS)
        self._tail.read()
        self._process = start_run(run, bound=False)
        self._began = time.monotonic()
        self.kinds: set[str] = set()

    @property
    def age_s(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._began

    def wait(self, until: Callable[[], bool], *, every_s: float = _LOOK_S) -> bool:
        """Return whether it still runs once `until` is true.

        Raises:
            RuntimeError: It failed, or nothing happens.
        """
        try:
            while not until():
                self.kinds |= {event["kind"] for event in self._tail.read()}
                if (status := self._process.poll()) is not None:
                    if status:
                        output = (self._run / OUTPUT).read_text("utf-8", "replace")
                        raise RuntimeError(output[-3000:])
                    return False
                if self.age_s > _GIVE_UP_S:
                    raise RuntimeError(f"Nothing happened in {_GIVE_UP_S:.0f} s.")
                time.sleep(every_s)
        except BaseException:
            self.kill()
            raise
        return True

    def kill(self) -> None:
        """Kill it as a power cut would, its children included."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def main() -> int:
    """Kill, resume, print what came of it; 1 if anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=60, help="after them it kills no more")
    parser.add_argument("--epochs", type=int, default=60, help="of each run; another one follows")
    parser.add_argument("--seed", type=int, default=0)
    words = parser.parse_args()
    tally, rng = Tally(), np.random.default_rng(words.seed)
    until = time.monotonic() + 60 * words.minutes

    def goes_on() -> bool:
        return tally.kills.total() < words.kills and time.monotonic() < until

    with tempfile.TemporaryDirectory() as folder:
        os.environ[HOME_VARIABLE] = folder
        data = _draw_data(Path(folder) / "data")
        whole = _new_run(Path(folder) / "whole", data, words.epochs)
        Victim(whole).wait(lambda: False)
        runs = 0
        while goes_on():
            runs += 1
            run = _new_run(Path(folder) / f"run-{runs}", data, words.epochs)
            _work(run, rng, tally, goes_on)
            if not _same(run, whole, words.epochs):
                print(f"run {runs} is not what a run without kills is")
                return 1
    where = ", ".join(f"{count} in its {place}" for place, count in tally.kills.items())
    print(f"{tally.kills.total()} kills ({where}; {tally.torn} left a half-written file)")
    print(f"{tally.survived} of them were resumed from")
    print(f"{runs} run(s) of {words.epochs} epochs: each epoch once, weights bit for bit the same")
    return int(tally.survived != tally.kills.total())


def _work(run: Path, rng: np.random.Generator, tally: Tally, goes_on: Callable[[], bool]) -> None:
    """Train a run to its end; kill its processes on the way."""
    start_s = 20.0
    while True:
        before, victim = _history(run), Victim(run)
        place = _PLACES[tally.kills.total() % 3] if goes_on() else ""
        if place == "start" and before:
            due_s = rng.uniform(0, start_s)
            if not victim.wait(lambda v=victim, s=due_s: v.age_s > s or "stage" in v.kinds):
                tally.trains()
                return
        else:
            lives = victim.wait(lambda v=victim: "stage" in v.kinds)
            start_s = victim.age_s if lives else start_s
            if not _history(run)[: len(before)] == before:
                raise RuntimeError(f"{run} has lost epochs")
            tally.trains()
            moment = _moment(run, place, victim, rng)
            if not (lives and place and victim.wait(moment, every_s=_CLOSE_LOOK_S)):
                victim.wait(lambda: False)
                return
        victim.kill()
        tally.count(place, run)
        print(f"kill {tally.kills.total()} in its {place}, epochs: {len(before)}", file=sys.stderr)


def _moment(run: Path, place: str, victim: Victim, rng: np.random.Generator) -> Callable[[], bool]:
    """Return what tells that the time has come, from the beginning of training on."""
    if place != "write":
        moment = victim.age_s + rng.uniform(0, _LONGEST_S)
        return lambda: victim.age_s > moment
    seen = _partials(run / "checkpoints")
    skipped = int(rng.integers(_MOST_WRITES))
    return lambda: next(seen) > skipped


def _partials(folder: Path) -> Iterator[int]:
    """Yield how many half-written files were seen so far; only at the sight of one, else 0."""
    seen, last = 0, ""
    while True:
        found = next((path.name for path in folder.glob("*.partial")), "")
        seen += found != last and bool(found)
        last = found
        yield seen if found else 0


def _same(run: Path, whole: Path, epochs: int) -> bool:
    """Return whether a run has each epoch once, and the weights of one that was not killed."""
    from safetensors.numpy import load_file

    def last(folder: Path) -> dict[str, NDArray[np.float32]]:
        return dict(load_file(folder / "checkpoints" / f"epoch-{epochs:04}.safetensors"))

    numbers = [int(row[0]) for row in _history(run)]
    ours, theirs = last(run), last(whole)
    return (
        numbers == list(range(1, epochs + 1))
        and (run / "metrics.json").read_bytes() == (whole / "metrics.json").read_bytes()
        and ours.keys() == theirs.keys()
        and all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    )


def _history(run: Path) -> list[list[str]]:
    try:
        with (run / "history.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))[1:]
    except FileNotFoundError:
        return []


def _new_run(folder: Path, data: Path, epochs: int) -> Path:
    config = TrainingConfig(
        data=data,
        backbone="tiny_cnn",
        init="none",
        malignant=("mel",),
        input_px=32,
        epochs=epochs,
        batch_size=4,
        views=2,
        threads=1,
        mixup=0.2,
        checkpoint_minutes=1e-9,
        bundle="none",
    )
    return make_run(folder, config)


def _draw_data(folder: Path) -> Path:
    """Draw a picture of each lesion: noise of the colour of its diagnosis."""
    from PIL import Image

    folder.mkdir()
    rng = np.random.default_rng(0)
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image_id", "lesion_id", "dx", "split"])
        for code, colour in _COLOURS.items():
            for number in range(_EACH):
                noise = rng.integers(-25, 26, (_EDGE, _EDGE, 3))
                pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(folder / f"{code}_{number}.png")
                side = "val" if number < 2 else "train"
                writer.writerow([f"{code}_{number}", f"{code}{number}", code, side])
    return folder / "metadata.csv"


if __name__ == "__main__":
    sys.exit(main())
