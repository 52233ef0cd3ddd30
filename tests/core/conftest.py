"""Fixtures of the tests of `lesionviewer.core`: small pictures, and a pool of decode processes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.decode_pool import DecodePool


@pytest.fixture(scope="session")
def colours() -> NDArray[np.uint8]:
    """A 3 × 2 picture (width × height) with another colour at every place."""
    return np.array(
        [
            [[255, 0, 0], [0, 255, 0], [0, 0, 255]],
            [[200, 100, 50], [10, 20, 30], [250, 250, 250]],
        ],
        np.uint8,
    )


@pytest.fixture
def good_picture(tmp_path: Path, colours: NDArray[np.uint8]) -> Path:
    """A PNG of 3 × 2 pixels."""
    path = tmp_path / "good.png"
    Image.fromarray(colours).save(path)
    return path


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    """One decode process for a whole module of tests."""
    with DecodePool(1) as pool:
        yield pool
