"""Copies of the file of sessions, whole or not at all, the newest few kept."""

import filecmp
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from lesionviewer.core.store.backup_list import BACKUPS, backup_path, list_backups
from lesionviewer.core.store.problems import explained

KEPT = 5
_PART = ".part"


def make_backup(connection: sqlite3.Connection, folder: Path, *, now: datetime) -> None:
    """Copy the database, unless the newest backup is the same already; drop the oldest.

    Args:
        connection: To the file of sessions, outside a transaction.
        folder: Where that file lies.
        now: The time to put in the name.

    Raises:
        SessionStoreError: There is no room or no right to write; older backups are as before.
    """
    with explained(folder):
        (folder / BACKUPS).mkdir(parents=True, exist_ok=True)
        for left_over in (folder / BACKUPS).glob(f"*{_PART}*"):
            left_over.unlink()
        newest = next(iter(list_backups(folder)), None)
        path = backup_path(folder, newest.number + 1 if newest else 1, now)
        part = path.with_name(path.name + _PART)
        try:
            _copy(connection, part)
            if newest is None or not filecmp.cmp(newest.path, part, shallow=False):
                part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        for old in list_backups(folder)[KEPT:]:
            old.path.unlink()


def _copy(connection: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        connection.backup(copy)
        # The copy is one file for good, also for a reader who may not write beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
