"""A picture that takes too long or too much memory costs itself alone."""

import hashlib
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from decode_helpers import SECONDS_BEFORE_A_TEST_GIVES_UP, decode, process_of, result
from PIL import Image

from lesionviewer.core import deadline
from lesionviewer.core.decode_pool import DecodedFile, DecodeFailure, DecodePool, DecodeRequest
from lesionviewer.core.limits import DecodeLimits


def test_a_picture_that_hangs_is_ended_at_the_deadline(good_picture):
    with DecodePool(1, limits=DecodeLimits(max_seconds=2)) as pool:
        decode(pool, good_picture)
        process_of(pool).suspend()
        first, second = (pool.submit(DecodeRequest(path=good_picture)) for _ in range(2))
        found = result(first)
        assert isinstance(found, DecodeFailure)
        assert found.reason == "Reading the picture took longer than 2 seconds."
        assert isinstance(result(second), DecodedFile)


def test_a_picture_whose_process_waits_for_a_processor_is_given_more_time(
    good_picture, monkeypatch
):
    looked = threading.Event()

    def all_the_time(_):
        # Asked at the start, and again only once the time on the clock is over.
        if waits:
            looked.set()
        waits.append(time.monotonic())
        return waits[-1]

    with DecodePool(1, limits=DecodeLimits(max_seconds=0.5)) as pool:
        decode(pool, good_picture)
        waits: list[float] = []
        monkeypatch.setattr(deadline, "waited_for_processor", all_the_time)
        process_of(pool).suspend()
        future = pool.submit(DecodeRequest(path=good_picture))
        assert looked.wait(SECONDS_BEFORE_A_TEST_GIVES_UP)
        process_of(pool).resume()
        assert isinstance(result(future), DecodedFile)


def test_a_picture_that_takes_too_long_is_ended_and_its_digest_known(shared, good_picture):
    slow = shared / "hostile" / "many_scans.jpg"
    with DecodePool(1, limits=DecodeLimits(max_seconds=1)) as pool:
        decode(pool, good_picture)
        found = decode(pool, slow)
    assert isinstance(found, DecodeFailure)
    assert found.reason == "Reading the picture took longer than 1 seconds."
    assert found.sha256 == hashlib.sha256(slow.read_bytes()).hexdigest()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux alone")
def test_a_picture_that_needs_too_much_memory_is_named(tmp_path, good_picture):
    Image.new("RGB", (6000, 5000)).save(tmp_path / "large.png")
    with DecodePool(1, limits=DecodeLimits(max_memory_bytes=150_000_000)) as pool:
        found = decode(pool, tmp_path / "large.png")
        assert isinstance(found, DecodeFailure)
        assert found.reason == "The picture needs more than 150 MB of memory to read."
        assert isinstance(decode(pool, good_picture), DecodedFile)


def test_a_decode_process_that_hangs_ends_itself_though_nobody_kills_it():
    code = "from lesionviewer.core import decode_worker as worker; worker._end_after(0.1)\n"
    command = [sys.executable, "-c", code + "while True: pass"]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL
    ) as process:
        assert process.wait(SECONDS_BEFORE_A_TEST_GIVES_UP) != 0
