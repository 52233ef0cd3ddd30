"""One session, as the window works with it."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from lesionviewer.core.store import decisions, history, images, metadata_rows
from lesionviewer.core.store.audit import (
    DECIDE,
    DECISIONS,
    REDO,
    UNDO,
    AuditRow,
    Entry,
    append,
    read_rows,
)
from lesionviewer.core.store.canonical import plain_text
from lesionviewer.core.store.clock import Clock
from lesionviewer.core.store.database import Database
from lesionviewer.core.store.decision import Change, Circumstances, Decision, checked
from lesionviewer.core.store.history import History, Step
from lesionviewer.core.store.images import KnownImage, Moved
from lesionviewer.core.store.session_rows import SessionInfo, read_session
from lesionviewer.core.store.view_state import ViewState

_NOTHING = Circumstances()


class Session:
    """The images opened together and what its readers decided about them.

    Every method that changes something returns once that is on the disk, and raises a
    `SessionStoreError` if nothing was changed. Any thread may call; calls wait for each other.
    """

    def __init__(self, database: Database, row: int, reader: str, clock: Clock) -> None:
        """Work on the session in `row` as `reader`."""
        self._database, self._row, self._clock = database, row, clock
        self._reader = reader
        self._history = self._read_history()

    @property
    def info(self) -> SessionInfo:
        """Names, files and folders, times and counts as they are now."""
        with self._database.reading() as connection:
            return read_session(connection, self._row)

    @property
    def reader(self) -> str:
        """Who decides."""
        return self._reader

    def read_as(self, reader: str) -> None:
        """Let `reader` decide from now on; undo and redo are those of `reader` then."""
        name = plain_text(reader)
        with self._database.writing() as connection:
            connection.execute("UPDATE sessions SET reader = ? WHERE id = ?", (name, self._row))
        self._reader = name
        self._history = self._read_history()

    # Images

    def begin_scan(self) -> None:
        """Begin to look through the files and folders: what `add_images` does not name is gone."""
        with self._database.writing() as connection:
            images.begin_scan(connection, self._row)

    def add_images(self, paths: Sequence[Path | str], *, start: int) -> tuple[KnownImage, ...]:
        """Note further files of the scan and return what is known of each, in the same order.

        Args:
            paths: In the order in which they are shown.
            start: Position of the first.
        """
        stamped = [images.stamp(os.path.abspath(path)) for path in paths]  # noqa: PTH100
        with self._database.writing() as connection:
            scan = images.current_scan(connection, self._row)
            images.add_images(connection, self._row, scan, start, stamped)
            return images.read_images(connection, self._row, scan, start)

    def images(self) -> tuple[KnownImage, ...]:
        """Return the files that the last scan found, in order."""
        with self._database.reading() as connection:
            scan = images.current_scan(connection, self._row)
            return images.read_images(connection, self._row, scan)

    def note_digests(self, digests: Mapping[Path, str]) -> tuple[Moved, ...]:
        """Note SHA-256 of files that were read; lesions follow files that were renamed.

        Args:
            digests: By path. Many at once cost little more than one.
        """
        absolute = {Path(os.path.abspath(path)): text for path, text in digests.items()}  # noqa: PTH100
        with self._database.writing() as connection:
            return images.note_digests(connection, self._row, absolute)

    def group(
        self,
        paths: Iterable[Path | str],
        name: str | None,
        *,
        origin: Literal["metadata", "hand"],
    ) -> None:
        """Let files show the same lesion.

        Args:
            paths: Files of the session.
            name: The lesion's; None takes the files out of theirs.
            origin: Whether metadata say so or a reader.
        """
        absolute = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100
        lesion = None if name is None else plain_text(name)
        with self._database.writing() as connection:
            images.group(connection, self._row, {lesion: absolute}, origin)

    def keep_metadata(
        self, rows: Mapping[str, Mapping[str, str]], lesions: Mapping[str, Iterable[Path]]
    ) -> None:
        """Keep what a data set says of images, and group them, all at once.

        Args:
            rows: Fields by `core.metadata.image_key` of the images' names.
            lesions: Files of the session by their lesion's name.
        """
        with self._database.writing() as connection:
            metadata_rows.keep_metadata(connection, self._row, rows)
            groups: dict[str | None, Iterable[Path]] = dict(lesions.items())
            images.group(connection, self._row, groups, "metadata")

    def metadata(self) -> dict[str, dict[str, str]]:
        """Return what `keep_metadata` kept."""
        with self._database.reading() as connection:
            return metadata_rows.read_metadata(connection, self._row)

    # Decisions

    def decisions(self, reader: str | None = None) -> dict[str, Decision]:
        """Return what `reader` holds, by image digest; None for who decides now."""
        with self._database.reading() as connection:
            name = self._reader if reader is None else reader
            return decisions.read_decisions(connection, self._row, name)

    def decide(
        self, digests: Iterable[str], change: Change, given: Circumstances = _NOTHING
    ) -> tuple[AuditRow, ...]:
        """Apply `change` to images, all or none, as one step for `undo`.

        Args:
            digests: SHA-256 of the images, such as all of one lesion.
            change: What becomes other.
            given: Under which the reader decides.

        Returns:
            A row for each image that it altered.

        Raises:
            ValueError: `change` is none.
        """
        what = checked(change)
        with self._database.alone():
            with self._database.writing() as connection:
                rows = decisions.decide(
                    connection, self._row, self._reader, digests, what, given, at=self._clock()
                )
            if rows:
                self._history.note(DECIDE, Step(rows[0].step, len(rows)))
            return rows

    @property
    def history(self) -> History:
        """What the reader can undo and redo. To be read only."""
        return self._history

    def undo(self) -> tuple[AuditRow, ...]:
        """Take the reader's last step back. Returns its rows; none if there is no step."""
        return self._repeat(UNDO)

    def redo(self) -> tuple[AuditRow, ...]:
        """Do the step again that was taken back last. Returns its rows; none if there is none."""
        return self._repeat(REDO)

    def _repeat(self, kind: str) -> tuple[AuditRow, ...]:
        with self._database.alone():
            steps = self._history.undo if kind == UNDO else self._history.redo
            if not steps:
                return ()
            with self._database.writing() as connection:
                rows = history.repeat(
                    connection, self._row, self._reader, steps[-1], kind, at=self._clock()
                )
            self._history.note(kind, steps[-1])
            return rows

    # The session as a whole

    @property
    def view(self) -> ViewState:
        """How the session was looked at last."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT view FROM sessions WHERE id = ?", (self._row,))
            return ViewState.from_text(row.fetchone()[0])

    def save_view(self, view: ViewState) -> None:
        """Keep how the session is looked at."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE sessions SET view = ? WHERE id = ?", (view.as_text(), self._row)
            )

    def rename(self, name: str) -> None:
        """Give the session another name for people."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE sessions SET name = ? WHERE id = ?", (plain_text(name), self._row)
            )

    def assign(self, readers: Iterable[str]) -> None:
        """Note who shall read the session, beside those who do already."""
        at, names = self._clock(), [plain_text(reader) for reader in readers]
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO readers (session, reader, assigned_utc) VALUES (?, ?, ?)",
                ((self._row, name, at) for name in names),
            )
            entry = Entry("", None, {"readers": names}, "assign")
            append(connection, self._row, [entry], reader=self._reader, at=at)

    def readers(self) -> tuple[str, ...]:
        """Return who was assigned or has decided something, in alphabetical order."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT reader FROM readers WHERE session = ? UNION "
                "SELECT reader FROM decisions WHERE session = ? ORDER BY 1",
                (self._row, self._row),
            )
            return tuple(reader for (reader,) in found)

    def record(self, kind: str, old: Any, new: Any, *, bundle: str = "") -> AuditRow:
        """Write a row about the session as a whole into its audit, such as an export.

        Args:
            kind: A word that is not one of `audit.DECISIONS`.
            old: What was before, as JSON has it; None for nothing.
            new: What is from now on.
            bundle: Digest of the model bundle in use.

        Raises:
            ValueError: `kind` is one of those, which only decisions may write.
        """
        if kind in DECISIONS:
            raise ValueError(f"The kind {kind} is written by decisions alone")
        entry = Entry("", old, new, kind, bundle)
        with self._database.writing() as connection:
            (row,) = append(connection, self._row, [entry], reader=self._reader, at=self._clock())
        return row

    def audit(self, *kinds: str) -> tuple[AuditRow, ...]:
        """Return the audit rows of `kinds`, of all kinds if none is named, from the first on."""
        with self._database.reading() as connection:
            return read_rows(connection, self._row, kinds)

    def _read_history(self) -> History:
        with self._database.reading() as connection:
            return history.read_history(connection, self._row, self._reader)
