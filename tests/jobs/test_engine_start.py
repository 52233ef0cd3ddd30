"""What the window classifies with is opened as a whole: engine, doubts, the reader's own images."""

from pathlib import Path

import numpy as np
import pytest
from bundles import make_tiny_bundle
from doubting import doubtful_bundle

from lesionviewer.core.bundle import open_bundle
from lesionviewer.engine.doubt.doubts import read_doubts
from lesionviewer.engine.doubt.own_library import (
    LibraryRow,
    build_library,
    libraries_dir,
    save_library,
)
from lesionviewer.jobs.engine_start import own_libraries, start_engine

__all__ = ["doubtful_bundle"]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LESIONVIEWER_HOME", str(tmp_path / "home"))


def keep_library(bundle_dir: Path, name: str) -> None:
    """Write a library of two made-up images for a bundle."""
    bundle = open_bundle(bundle_dir)
    reduction = read_doubts(bundle).reduction
    assert reduction is not None
    dice = np.random.default_rng(1)
    rows = [
        LibraryRow(
            dice.normal(size=reduction.mean.size).astype(np.float32), "mel", Path(f"{i}.jpg")
        )
        for i in range(2)
    ]
    save_library(build_library(name, rows, reduction), libraries_dir() / name, bundle)


def test_a_bundle_comes_with_its_doubts_and_the_readers_libraries(doubtful_bundle: Path):
    keep_library(doubtful_bundle, "mine")
    chosen = start_engine(doubtful_bundle, "openvino")
    chosen.classifier.close()
    assert chosen.doubts.sets is not None
    assert chosen.doubts.rule is not None
    assert [library.images[0].source for library in chosen.libraries][1:] == ["mine"]


def test_a_bundle_without_such_parts_starts_all_the_same(tmp_path: Path):
    chosen = start_engine(make_tiny_bundle(tmp_path / "tiny"), "openvino")
    chosen.classifier.close()
    assert chosen.doubts.sets is None
    assert chosen.libraries == ()


def test_a_damaged_library_is_left_out(doubtful_bundle: Path):
    keep_library(doubtful_bundle, "mine")
    (libraries_dir() / "mine" / "vectors.safetensors").write_bytes(b"no vectors")
    bundle = open_bundle(doubtful_bundle)
    assert own_libraries(libraries_dir(), bundle, read_doubts(bundle)) == ()
