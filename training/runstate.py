"""What a run is doing, from its folder alone: its events, read as they grow, and its lock."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from training.lock import Owner, owner_of
from training.memory import resident_bytes

EVENTS = "events.jsonl"
_LINES = 200
_PIECE = 1 << 20


class RunState(StrEnum):
    """Where a run stands."""

    READY = "ready"
    """Its config is written, and nothing of it was started."""
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    DIED = "died"
    """Its process ended without a word."""


ACTIVE = frozenset({RunState.STARTING, RunState.RUNNING, RunState.PAUSED, RunState.STOPPING})
"""The states in which a process works on the run."""

_BY_KIND = {
    "started": RunState.RUNNING,
    "paused": RunState.PAUSED,
    "resumed": RunState.RUNNING,
    "stopping": RunState.STOPPING,
    "stopped": RunState.STOPPED,
    "finished": RunState.FINISHED,
    "failed": RunState.FAILED,
}
_DIED = (
    "The run ended without a word: its process was ended from outside, or crashed. "
    "It goes on from its last checkpoint."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as one sees it.

    Attributes:
        folder: The run folder.
        state: Where it stands.
        message: A plain sentence on why, for a run that failed or died; else what it said last.
        cause: Name of the error that it failed by; empty if none.
        work: What is under way, such as `epoch 3 of 28`.
        done: Steps of it that are done.
        total: Steps of it.
        rate: Steps a second; None while it is not known.
        seconds_left: Until `work` is done; None while it is not known.
        run_seconds_left: Until the run is done, as its last epoch told; None before.
        epochs: How many the run has; 0 before it began.
        rows: Its epochs so far, as in `history.csv`, each with `best_epoch`.
        lines: What it said, the last ones.
        lines_said: How many lines it has said in all.
        started_pid: The process that said last that it has started; 0 if none did.
        memory_bytes: What its process holds; None where it is not known.
        owner: The process that works on it; None if none does.
    """

    folder: Path
    state: RunState = RunState.READY
    message: str = ""
    cause: str = ""
    work: str = ""
    done: int = 0
    total: int = 0
    rate: float | None = None
    seconds_left: float | None = None
    run_seconds_left: float | None = None
    epochs: int = 0
    rows: tuple[Mapping[str, Any], ...] = ()
    lines: tuple[str, ...] = ()
    lines_said: int = 0
    started_pid: int = 0
    memory_bytes: int | None = None
    owner: Owner | None = None

    @property
    def active(self) -> bool:
        """Whether a process works on the run."""
        return self.state in ACTIVE

    @property
    def detached(self) -> bool:
        """Whether it goes on when the window is closed."""
        return self.owner is not None and not self.owner.bound


class EventTail:
    """The events of a run, as they come. A last line that is not whole yet is left for later."""

    def __init__(self, path: Path) -> None:
        self._path, self._at = path, 0

    def read(self) -> list[dict[str, Any]]:
        """Return the events since the last call; lines that are none are left out."""
        try:
            if self._path.stat().st_size < self._at:
                self._at = 0
            with self._path.open("rb") as file:
                file.seek(self._at)
                content = file.read(_PIECE)
        except OSError:
            return []
        whole = content.rfind(b"\n") + 1
        self._at += whole
        return [event for line in content[:whole].splitlines() if (event := _event(line))]


class RunReader:
    """Follows one run folder.

    Args:
        folder: The run folder.
    """

    def __init__(self, folder: Path) -> None:
        self._tail = EventTail(folder / EVENTS)
        self._view = RunView(folder=folder)

    def read(self) -> RunView:
        """Return what the run is doing now."""
        # The lock first: a run says that it ended before it lets go.
        owner = owner_of(self._view.folder)
        view = self._view
        while events := self._tail.read():
            for event in events:
                view = _after(view, event)
        self._view = view
        memory = resident_bytes(owner.pid) if owner else None
        view = replace(view, owner=owner, memory_bytes=memory)
        if owner is None and view.active:
            return replace(view, state=RunState.DIED, message=_DIED, **_NO_WORK)
        if owner is not None and owner.pid != view.started_pid:
            return replace(view, state=RunState.STARTING, **_NO_WORK)
        return view


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("kind"), str) else None


def _after(view: RunView, event: Mapping[str, Any]) -> RunView:
    kind = event["kind"]
    message = str(event.get("message", ""))
    view = replace(view, message=message, state=_BY_KIND.get(kind, view.state))
    if kind != "progress":
        lines = (*view.lines, message)[-_LINES:]
        view = replace(view, lines=lines, lines_said=view.lines_said + 1)
    if kind == "started":
        pid, epochs = _whole(event.get("pid")), _whole(event.get("epochs"))
        return replace(view, epochs=epochs, started_pid=pid, cause="", **_NO_WORK)
    if kind == "failed":
        return replace(view, cause=str(event.get("cause", "")), **_NO_WORK)
    if kind in ("stopped", "finished"):
        return replace(view, **_NO_WORK)
    if kind == "progress":
        return replace(
            view,
            work=str(event.get("work", "")),
            done=_whole(event.get("done")),
            total=_whole(event.get("total")),
            rate=_number(event.get("rate")),
            seconds_left=_number(event.get("seconds_left")),
        )
    if kind == "epoch":
        row = {name: v for name, v in event.items() if name not in ("kind", "time", "message")}
        left = _number(row.pop("seconds_left", None))
        # An epoch whose checkpoint turned out damaged is done again: its last row counts.
        earlier = tuple(r for r in view.rows if _whole(r.get("epoch")) < _whole(row.get("epoch")))
        return replace(view, rows=(*earlier, row), run_seconds_left=left)
    return view


_NO_WORK: dict[str, Any] = {"work": "", "done": 0, "total": 0, "rate": None, "seconds_left": None}


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
