"""Whether the file of sessions is whole and one that this program understands."""

from contextlib import closing
from pathlib import Path

from lesionviewer.core.store.database import connect
from lesionviewer.core.store.migrations import MIGRATIONS, version_of
from lesionviewer.core.store.problems import SessionStoreError, StoreProblem, explained
from lesionviewer.core.store.schema import APPLICATION_ID

_WHOLE_BYTES = 64 << 20
"""Up to this size every page is looked at, about 0.2 s; above, those of decisions alone."""


def check_file(file: Path, *, busy_ms: int) -> None:
    """Look at `file` without writing into it.

    Args:
        file: The file of sessions or a backup of it.
        busy_ms: How long to wait for another program's lock.

    Raises:
        SessionStoreError: It is damaged, no file of sessions, newer than this program, or locked.
    """
    with explained(file.parent), closing(connect(file, busy_ms=busy_ms, read_only=True)) as reader:
        version = version_of(reader)
        ours = reader.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
        if not ours or version == 0:
            raise SessionStoreError(StoreProblem.DAMAGED, file.parent)
        if version > len(MIGRATIONS):
            raise SessionStoreError(StoreProblem.NEWER, file.parent)
        whole = file.stat().st_size <= _WHOLE_BYTES
        check = "PRAGMA quick_check(1)" if whole else "PRAGMA quick_check('decisions')"
        if reader.execute(check).fetchone()[0] != "ok":
            raise SessionStoreError(StoreProblem.DAMAGED, file.parent)
