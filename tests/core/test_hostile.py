"""Every odd and broken file gives a picture or one clear error, through real decode processes."""

import csv
import io
import sys
from pathlib import Path

import pytest

from lesionviewer.core.decode_pool import DecodedFile, DecodeFailure, DecodePool, DecodeRequest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "hostile"
MANIFEST = FOLDER / "manifest.csv"
ROWS = list(csv.DictReader(io.StringIO(MANIFEST.read_text("utf-8")))) if MANIFEST.exists() else []
SECONDS_BEFORE_A_TEST_GIVES_UP = 60
CANARIES = ("CANARY", "7f3a", "<", "hopper", "shared", "Error")

pytestmark = pytest.mark.skipif(not ROWS, reason="needs ../shared/hostile")


def decode(pool: DecodePool, path: Path, **wanted) -> DecodedFile | DecodeFailure:
    future = pool.submit(DecodeRequest(path=path, **wanted))
    return future.result(SECONDS_BEFORE_A_TEST_GIVES_UP)


def peak_bytes(pid: int) -> int:
    """Most memory that a process has held so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_hostile_file_gives_what_the_manifest_says(pool, good_picture, row):
    outcome = decode(pool, FOLDER / row["file"], full=True, thumbnail_px=96)

    assert ("opens" if isinstance(outcome, DecodedFile) else "clear error") in row["expected"]
    assert outcome.sha256 == row["sha256"]
    if isinstance(outcome, DecodedFile):
        texts = outcome.notices
        assert outcome.pixels is not None
        assert outcome.pixels.shape == (outcome.height, outcome.width, 3)
        assert outcome.model_input is not None
        assert outcome.model_input.shape == (224, 224, 3)
    else:
        texts = (outcome.reason,)
    for text in texts:
        assert 10 < len(text) < 160
        assert text.endswith(".")
        assert text.isprintable()
        assert not any(canary in text for canary in CANARIES)
    if sys.platform == "linux":
        assert all(peak_bytes(pid) < 1_000_000_000 for pid in pool.pids)
    assert isinstance(decode(pool, good_picture), DecodedFile)


@pytest.mark.parametrize(
    ("name", "places"),
    [
        # Where the test picture's colours stand once it is upright.
        ("pillow_hopper_orientation_6.jpg", 3),
        ("phi_canary_exif.jpg", 8),
        ("pillow_hopper.Lab.tif", 12),
        ("wrongext_webp_named.jpg", 12),
        ("pillow_hopper_idat_after_image_end.png", 3),
        ("trailing_garbage.jpg", 3),
    ],
)
def test_copies_of_one_picture_look_the_same(pool, name, places):
    wanted = decode(pool, FOLDER / "pillow_hopper_idat_after_image_end.png", thumbnail_px=16)
    found = decode(pool, FOLDER / name, thumbnail_px=16)
    assert isinstance(wanted, DecodedFile)
    assert isinstance(found, DecodedFile)
    difference = abs(found.thumbnail.astype(int) - wanted.thumbnail)
    assert difference.mean() <= places


def test_a_picture_of_camera_size_and_a_very_thin_one_open(pool):
    large = decode(pool, FOLDER / "big_legal_5472x3648.png", thumbnail_px=96)
    thin = decode(pool, FOLDER / "thin_60000x1.png", thumbnail_px=96)
    assert isinstance(large, DecodedFile)
    assert isinstance(thin, DecodedFile)
    assert (large.width, large.height, large.thumbnail.shape) == (5472, 3648, (64, 96, 3))
    assert (thin.width, thin.height, thin.thumbnail.shape) == (60000, 1, (1, 96, 3))
