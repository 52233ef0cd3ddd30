"""Fixtures for these tests."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from bundles import tiny_bundle
from doubting import doubtful_bundle
from PIL import Image

from lesionviewer.cli.classify import main

__all__ = ["doubtful_bundle", "tiny_bundle"]


@dataclass(frozen=True)
class Classified:
    """What `lesionviewer classify` left behind."""

    status: int
    rows: list[dict[str, str]]
    err: str


@pytest.fixture
def classify(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Classified]:
    """Run the command on the tiny bundle and read its CSV back."""

    def run(*words: object, bundle: Path = tiny_bundle) -> Classified:
        out = tmp_path / "out.csv"
        options = ["--out", str(out), "--bundle", str(bundle), "--engine", "openvino"]
        status = main([*map(str, words), *options])
        captured = capsys.readouterr()
        assert captured.out == ""
        if not out.exists():
            return Classified(status, [], captured.err)
        with out.open(encoding="utf-8", newline="") as file:
            return Classified(status, list(csv.DictReader(file)), captured.err)

    return run


@pytest.fixture
def picture() -> Callable[..., Path]:
    """Save a dark picture, with a bright spot if a place for it is given."""

    def save(
        path: Path,
        *,
        width: int = 80,
        height: int = 60,
        spot: tuple[int, int] | None = None,
        spot_px: int = 8,
        **options: object,
    ) -> Path:
        pixels = np.full((height, width, 3), 20, np.uint8)
        if spot:
            column, row = spot
            half = spot_px // 2
            pixels[row - half : row + half, column - half : column + half] = 255
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path, **options)
        return path

    return save
