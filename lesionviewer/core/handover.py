"""One window a user: a second start hands its paths to the window that is open, and ends."""

import json
import os
import sqlite3
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from lesionviewer.core.process_lock import ProcessLock, is_taken

_LOCK, _INBOX, _SUFFIX = "window.lock", "inbox", ".json"
_WAIT_S = 3.0
_LOOK_S = 0.02


class Reception:
    """Where the open window finds what later starts were asked to open."""

    def __init__(self, folder: Path) -> None:
        """Take the place of the open window.

        Args:
            folder: The user's own; made if it is not there.

        Raises:
            WindowOpenError: Another window has it.
            OSError, sqlite3.Error: The folder cannot be used.
        """
        self.inbox = folder / _INBOX
        self.inbox.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = ProcessLock(folder / _LOCK)
        except sqlite3.OperationalError as error:
            if is_taken(error):
                raise WindowOpenError from error
            raise
        for letter in self.inbox.iterdir():
            # Of a start that was killed while it waited for a window that died.
            letter.unlink(missing_ok=True)

    def take(self) -> list[list[Path]]:
        """Return the paths that each start handed over since the last call; empty for none."""
        taken = []
        for letter in sorted(self.inbox.glob(f"*{_SUFFIX}")):
            try:
                words = json.loads(letter.read_text("utf-8"))["paths"]
                paths = [Path(os.fsdecode(bytes.fromhex(word))) for word in words]
                letter.unlink()
            except (OSError, ValueError, KeyError, TypeError):
                continue
            taken.append(paths)
        return taken

    def close(self) -> None:
        """Let another window take the place. May be called twice."""
        self._lock.release()


class WindowOpenError(Exception):
    """A window of this user is open."""


def hand_over(folder: Path, paths: Sequence[Path], *, wait_s: float = _WAIT_S) -> bool:
    """Ask the open window to show itself and to open `paths`; return whether it took them.

    Args:
        folder: As its `Reception` has it.
        paths: May be relative to this process' working folder, and may be none.
        wait_s: For a window that does not answer.
    """
    inbox = folder / _INBOX
    letter = inbox / f"{time.time_ns()}-{uuid.uuid4().hex}{_SUFFIX}"
    part = letter.with_suffix(".part")
    # Names of files are bytes where they are no text.
    words = [os.fsencode(path.absolute()).hex() for path in paths]
    try:
        part.write_text(json.dumps({"paths": words}), "utf-8")
        part.replace(letter)
    except OSError:
        return False
    end = time.monotonic() + wait_s
    while letter.exists():
        if time.monotonic() > end:
            try:
                letter.unlink()
            except FileNotFoundError:
                return True
            return False
        time.sleep(_LOOK_S)
    return True
