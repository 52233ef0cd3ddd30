"""Going back to a backup, or beginning anew; what was there before is kept beside it."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from lesionviewer.core.errors import StoreError
from lesionviewer.core.store.backup_list import BACKUPS, Backup
from lesionviewer.core.store.checks import check_file
from lesionviewer.core.store.database import SESSION_DB
from lesionviewer.core.store.ownership import Ownership
from lesionviewer.core.store.problems import SessionStoreError, explained

KEPT_ASIDE = "set-aside"
_BUSY_MS = 2000


def restore_backup(folder: Path, backup: Backup) -> Path:
    """Put `backup` in the place of the file of sessions.

    A program that dies on the way leaves either the old file, or none and every backup, from which
    a store that is opened says so.

    Args:
        folder: Where the file of sessions lies; no store may be open there.
        backup: One of `list_backups`.

    Returns:
        The folder in which what was there before is kept.

    Raises:
        SessionStoreError: The sessions are in use, or there is no room or right to write.
        StoreError: The backup cannot be used.
    """
    owner = Ownership(folder, busy_ms=_BUSY_MS)
    try:
        _check(backup)
        with explained(folder):
            part = folder / f"{SESSION_DB}.part"
            try:
                shutil.copyfile(backup.path, part)
                with part.open("rb+") as copy:
                    os.fsync(copy.fileno())
                aside = set_aside(folder)
                part.replace(folder / SESSION_DB)
            finally:
                part.unlink(missing_ok=True)
        return aside
    finally:
        owner.release()


def _check(backup: Backup) -> None:
    try:
        check_file(backup.path, busy_ms=_BUSY_MS)
    except SessionStoreError as error:
        raise StoreError(
            "This backup cannot be used either; nothing was changed. Choose another one."
        ) from error


def begin_anew(folder: Path) -> Path:
    """Put the file of sessions and its backups away, so that the next store begins empty.

    Returns:
        The folder in which they are kept.

    Raises:
        SessionStoreError: The sessions are in use, or the folder cannot be written.
    """
    owner = Ownership(folder, busy_ms=_BUSY_MS)
    try:
        aside = set_aside(folder)
        with explained(folder):
            if (folder / BACKUPS).exists():
                (folder / BACKUPS).rename(aside / BACKUPS)
        return aside
    finally:
        owner.release()


def set_aside(folder: Path) -> Path:
    """Move the file of sessions and its log, where there are any, and return where to.

    Raises:
        SessionStoreError: The folder cannot be written.
    """
    with explained(folder):
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        aside = folder / KEPT_ASIDE / stamp
        aside.mkdir(parents=True)
        # The file goes first: without it a log that is left over counts for nothing, whereas the
        # file without its log would pass for whole.
        for name in (SESSION_DB, f"{SESSION_DB}-wal"):
            if (folder / name).exists():
                (folder / name).rename(aside / name)
        (folder / f"{SESSION_DB}-shm").unlink(missing_ok=True)
        return aside
