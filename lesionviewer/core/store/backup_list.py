"""The backups of the file of sessions, as they lie in their folder."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

BACKUPS = "backups"
_NAME = re.compile(r"session-(\d{6,})-(\d{8}T\d{6}Z)\.db")
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """One whole copy of the file of sessions.

    Attributes:
        path: Where it lies.
        number: Counts up from 1 over all backups ever made in its folder.
        made: When, in UTC, by this machine's clock.
        bytes: Its size.
    """

    path: Path
    number: int
    made: datetime
    bytes: int


def list_backups(folder: Path) -> tuple[Backup, ...]:
    """Return the backups of the sessions in `folder`, newest first; none if it cannot be listed."""
    found = []
    try:
        for path in (folder / BACKUPS).iterdir():
            if match := _NAME.fullmatch(path.name):
                made = datetime.strptime(match[2], _TIME).replace(tzinfo=UTC)
                found.append(Backup(path, int(match[1]), made, path.stat().st_size))
    except OSError:
        return ()
    return tuple(sorted(found, key=lambda backup: backup.number, reverse=True))


def backup_path(folder: Path, number: int, made: datetime) -> Path:
    """Return where backup `number` lies. The number tells the order: clocks may be set back."""
    return folder / BACKUPS / f"session-{number:06}-{made.astimezone(UTC).strftime(_TIME)}.db"
