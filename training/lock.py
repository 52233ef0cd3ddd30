"""`lock` of a run folder: which process works on the run, so that no second one begins."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lesionviewer.core.errors import ConfigError, StoreError
from training.processes import mark_of

NAME = "lock"
_GUARDED = 1 << 30
"""Offset of the byte that writers lock: far behind the text, so that readers are left alone."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that works on a run.

    Attributes:
        pid: Its number.
        started: When it began, as `processes.mark_of` says it.
        bound: Whether it stops with the program that started it.
    """

    pid: int
    started: str
    bound: bool = False

    @property
    def alive(self) -> bool:
        """Whether that very process still runs."""
        return mark_of(self.pid) == self.started


class RunLock:
    """Held from its making until `release`, or until the death of its process in whatever way.

    An empty file is nobody's. One of a process that is dead, or of a number that has become
    another process's, is taken over.
    """

    def __init__(self, run: Path, *, bound: bool = False) -> None:
        """Become the one that works on a run.

        Args:
            run: The run folder.
            bound: Kept for whoever reads the lock.

        Raises:
            ConfigError: Another process works on the run.
            StoreError: The lock cannot be written.
        """
        self._path = run / NAME
        mine = Owner(os.getpid(), mark_of(os.getpid()) or "", bound)
        try:
            with self._path.open("a+b") as file, _alone(file):
                file.seek(0)
                other = _parsed(file.read())
                if other and other.alive and other != mine:
                    raise ConfigError(
                        {
                            "resume": f"process {other.pid} works on {run} already; "
                            "stop it first, or wait until it ends"
                        }
                    )
                self.took_over = other if other and other != mine else None
                _write(file, mine)
        except OSError as error:
            raise StoreError(f"{self._path} cannot be written ({error.strerror}).") from error

    def release(self) -> None:
        """Let another process work on the run. May be called twice."""
        # The folder may have gone: then there is nothing to let go of.
        with (
            contextlib.suppress(OSError),
            self._path.open("r+b") as file,
            _alone(file),
        ):
            owner = _parsed(file.read())
            if owner and owner.pid == os.getpid():
                _write(file, None)


def owner_of(run: Path) -> Owner | None:
    """Return the live process that works on a run, if there is one."""
    try:
        owner = _parsed((run / NAME).read_bytes())
    except OSError:
        return None
    return owner if owner and owner.alive else None


def _parsed(content: bytes) -> Owner | None:
    try:
        entries = json.loads(content)
        return Owner(int(entries["pid"]), str(entries["started"]), bool(entries["bound"]))
    except (ValueError, TypeError, KeyError):
        # Nobody's, or torn by the death of who wrote it.
        return None


def _write(file: BinaryIO, owner: Owner | None) -> None:
    file.truncate(0)
    file.seek(0)
    if owner:
        entries = {"pid": owner.pid, "started": owner.started, "bound": owner.bound}
        file.write(json.dumps(entries).encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())


@contextlib.contextmanager
def _alone(file: BinaryIO) -> Iterator[None]:
    """Keep other writers out while the lock is looked at and written."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(_GUARDED)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        file.seek(0)
        try:
            yield
        finally:
            file.seek(_GUARDED)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
        yield
