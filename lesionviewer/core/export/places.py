"""Files and folders that appear whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lesionviewer.core.errors import StoreError


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Hand out a name to write to; leaving well gives that file the name `path`.

    Raises:
        StoreError: It cannot be written there; nothing is left behind.
    """
    if path.is_dir():
        raise StoreError(f"{path} is a folder. Name a file to write to.")
    part = _beside(path)
    try:
        with written(path):
            yield part
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Hand out a folder to write into; leaving well gives it the name `path`.

    Raises:
        StoreError: `path` holds something already or cannot be written; nothing is left behind.
    """
    part = _beside(path)
    with written(path):
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise StoreError(f"{path} is there already. Name a new or an empty folder.")
        part.mkdir(parents=True)
    try:
        with written(path):
            yield part
            if path.exists():
                path.rmdir()
            part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Say of what the system reports that `path` cannot be written.

    Raises:
        StoreError: The system reported something.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise StoreError(f"Cannot write {path}: {reason}. Choose another place.") from error


def _beside(path: Path) -> Path:
    return path.absolute().with_name(f".{path.name[:100]}.{os.getpid()}.part")
