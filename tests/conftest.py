"""Fixtures for every test."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with data sets and broken files that lies beside the checkout."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the data folder ../shared, which is not part of the repository")
    return folder


@pytest.fixture(scope="session")
def samples() -> list[Path]:
    """The CC0 dermatoscope pictures that ship with the program."""
    return sorted((REPOSITORY / "assets" / "samples").glob("*.jpg"))
