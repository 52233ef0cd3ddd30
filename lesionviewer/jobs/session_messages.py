"""What the session service tells the window."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lesionviewer.core.store.audit import AuditRow
from lesionviewer.core.store.backup_list import Backup
from lesionviewer.core.store.decision import Decision
from lesionviewer.core.store.images import KnownImage, Moved
from lesionviewer.core.store.problems import StoreProblem
from lesionviewer.core.store.session_rows import SessionInfo
from lesionviewer.core.store.view_state import ViewState
from lesionviewer.jobs.session_state import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """A session as it was left.

    Attributes:
        ticket: Of the request.
        info: Names, files and folders, times and counts.
        reader: Who decides.
        images: The files that the last scan found, in order, with digests and lesions.
        metadata: By `core.metadata.image_key` of a file's name, what was imported, field by field.
        decisions: What the reader holds, by image digest.
        view: How it was looked at last.
        steps: What can be undone and redone.
        backup_failure: Why no backup was made when the store opened; empty if one was.
    """

    ticket: int
    info: SessionInfo
    reader: str
    images: tuple[KnownImage, ...]
    metadata: Mapping[str, Mapping[str, str]]
    decisions: Mapping[str, Decision]
    view: ViewState
    steps: Steps
    backup_failure: str


@dataclass(frozen=True, slots=True)
class Committed:
    """What is on the disk now.

    Attributes:
        ticket: Of the request.
        rows: A row for each image that it altered.
        steps: What can be undone and redone from then on.
    """

    ticket: int
    rows: tuple[AuditRow, ...]
    steps: Steps


@dataclass(frozen=True, slots=True)
class Known:
    """What the session knows of files that were named to it, or that turned out to be moved.

    Attributes:
        images: In the order named; after grouping, all of the session.
        moved: Files that were found again under another name.
    """

    images: tuple[KnownImage, ...] = ()
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionFailure:
    """A request that changed nothing.

    Attributes:
        ticket: Of the request.
        message: For the reader.
        problem: Which kind of trouble the file of sessions is in; None for any other.
        folder: Where that file lies.
        backups: What can be brought back, newest first.
    """

    ticket: int
    message: str
    problem: StoreProblem | None = None
    folder: Path | None = None
    backups: tuple[Backup, ...] = ()
