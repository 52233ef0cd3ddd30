"""CSV files that appear whole or not at all, and that no spreadsheet runs."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Self

from lesionviewer.core.errors import StoreError

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Number(str):
    """A cell that the program wrote as a number: no spreadsheet runs its minus."""

    __slots__ = ()


def safe_cell(text: str) -> str:
    """Return `text` so that a spreadsheet shows it instead of running it."""
    if isinstance(text, Number):
        return text
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text


class CsvFile:
    """A CSV (UTF-8, no BOM) that takes its name only once it is complete.

    Used as a context manager: leaving it well puts the file in place, leaving it by an exception
    removes what was written.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Begin the file beside its later place, so that an unwritable one shows at once.

        Raises:
            StoreError: The place cannot be written.
        """
        self._path = path
        self._in_place = path.exists() and not path.is_file() and not path.is_dir()
        self._part = path if self._in_place else path.with_name(f".{path.name}.{os.getpid()}.part")
        self._file = self._open()
        self._writer = csv.writer(self._file, lineterminator="\n")
        self.write(columns)

    def _open(self) -> IO[str]:
        if self._path.is_dir():
            raise StoreError(f"{self._path} is a folder. Name a file to write to.")
        try:
            # A file name may hold bytes that are no text; they are written as \udc80 and the like.
            return self._part.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        except OSError as error:
            raise self._unwritable(error) from error

    def write(self, cells: Iterable[str]) -> None:
        """Add a row.

        Raises:
            StoreError: It could not be written, such as on a full disk.
        """
        try:
            self._writer.writerow([safe_cell(cell) for cell in cells])
        except OSError as error:
            raise self._unwritable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._file.close()
            if kind is None and not self._in_place:
                self._part.replace(self._path)
        except OSError as problem:
            raise self._unwritable(problem) from problem
        finally:
            if not self._in_place:
                self._part.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> StoreError:
        reason = error.strerror or "unknown reason"
        return StoreError(f"Cannot write {self._path}: {reason}. Choose another place.")
