"""Fixtures of the tests of the session store: a folder for it, and folders of images."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from lesionviewer.core.store.session import Session
from lesionviewer.core.store.store import SessionStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the file of sessions lies."""
    return tmp_path / "data"


@pytest.fixture
def store(folder: Path) -> Iterator[SessionStore]:
    """An open store."""
    with SessionStore.open(folder, busy_ms=0) as store:
        yield store


@pytest.fixture
def session(store: SessionStore, tmp_path: Path) -> Session:
    """A session without any image, as decisions need none."""
    return store.session_for([tmp_path / "images"], reader="Ada")


@pytest.fixture
def digest() -> Callable[[int], str]:
    """Gives a digest for each number."""
    return lambda number: sha256(str(number).encode()).hexdigest()


@pytest.fixture
def images(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of files that pass for images, each with other bytes."""

    def make(name: str = "images", count: int = 3) -> Path:
        made = tmp_path / name
        made.mkdir()
        for number in range(count):
            (made / f"{number}.jpg").write_bytes(f"{name} {number}".encode())
        return made

    return make
