"""Decode processes serve in order, and a file costs at most its own picture."""

import hashlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest
from decode_helpers import SECONDS_BEFORE_A_TEST_GIVES_UP, decode, process_of, result
from PIL import Image

from lesionviewer.core import decode_child, decode_scratch, decode_worker
from lesionviewer.core.children import child_command
from lesionviewer.core.decode import decode_file
from lesionviewer.core.decode_pool import DecodedFile, DecodeFailure, DecodePool, DecodeRequest
from lesionviewer.core.limits import DecodeLimits
from lesionviewer.core.preprocess import cut_square
from lesionviewer.core.region import SquareRegion


@pytest.fixture
def own_pool(good_picture):
    """A pool of one process, which has decoded a picture, for tests that harm it."""
    with DecodePool(1) as pool:
        assert isinstance(decode(pool, good_picture), DecodedFile)
        yield pool


@pytest.fixture
def photograph(tmp_path) -> Path:
    ramp = np.arange(90 * 120 * 3, dtype=np.uint32).reshape(90, 120, 3) % 251
    path = tmp_path / "photograph.jpg"
    Image.fromarray(ramp.astype(np.uint8)).save(path, quality=95)
    return path


def test_the_input_is_what_training_cuts_from_the_same_file(pool, photograph):
    pixels = decode_file(photograph).pixels
    found = decode(pool, photograph)
    np.testing.assert_array_equal(found.model_input, cut_square(pixels))
    assert found.region == SquareRegion(15, 0, 90)
    assert (found.width, found.height) == (120, 90)
    assert found.bytes == photograph.stat().st_size
    assert found.sha256 == hashlib.sha256(photograph.read_bytes()).hexdigest()


def test_a_chosen_region_and_input_size_are_cut(pool, photograph):
    region = SquareRegion(40, 10, 50)
    found = decode(pool, photograph, region=region, input_px=64)
    pixels = decode_file(photograph).pixels
    np.testing.assert_array_equal(found.model_input, cut_square(pixels, region=region, size=64))
    assert found.region == region


def test_a_region_beyond_the_picture_is_a_failure(pool, photograph):
    found = decode(pool, photograph, region=SquareRegion(100, 0, 50))
    assert isinstance(found, DecodeFailure)
    assert "reaches beyond" in found.reason


def test_only_what_was_asked_for_is_there(pool, photograph):
    found = decode(pool, photograph, input_px=None, full=True)
    np.testing.assert_array_equal(found.pixels, decode_file(photograph).pixels)
    assert (found.model_input, found.thumbnail) == (None, None)
    found = decode(pool, photograph, input_px=None, thumbnail_px=60)
    assert found.thumbnail.shape == (45, 60, 3)
    assert (found.model_input, found.pixels) == (None, None)


def test_a_thumbnail_is_never_larger_than_its_picture(pool, photograph):
    found = decode(pool, photograph, thumbnail_px=500)
    np.testing.assert_array_equal(found.thumbnail, decode_file(photograph).pixels)


def test_the_digest_comes_with_a_failure_too(pool, tmp_path):
    path = tmp_path / "text.jpg"
    path.write_bytes(b"no picture")
    assert decode(pool, path) == DecodeFailure(
        path=path,
        sha256=hashlib.sha256(b"no picture").hexdigest(),
        reason="This is not a picture in a format that is read here: JPEG, PNG, TIFF, BMP, WebP "
        "or DICOM.",
    )


def test_a_file_that_cannot_be_read_has_no_digest(pool, tmp_path, photograph):
    decode(pool, photograph)
    found = decode(pool, tmp_path / "missing.jpg")
    assert isinstance(found, DecodeFailure)
    assert found.sha256 == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_a_failure_and_blocks_nothing(pool, tmp_path, good_picture):
    os.mkfifo(tmp_path / "pipe.jpg")
    found = decode(pool, tmp_path / "pipe.jpg")
    assert isinstance(found, DecodeFailure)
    assert "pipe" in found.reason
    assert isinstance(decode(pool, good_picture), DecodedFile)


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot exist there")
@pytest.mark.parametrize("name", [b"line\nend.png", b"\xff\xfe.png", "naïve 病変.png".encode()])
def test_any_file_name_works(pool, tmp_path, good_picture, name):
    path = tmp_path / os.fsdecode(name)
    try:
        good_picture.rename(path)
    except OSError:
        pytest.skip("this file system has no such names")
    assert isinstance(decode(pool, path), DecodedFile)


def test_a_relative_path_is_of_the_programs_folder(pool, good_picture, monkeypatch):
    monkeypatch.chdir(good_picture.parent)
    assert isinstance(decode(pool, Path(good_picture.name)), DecodedFile)


def test_requests_are_served_in_order(own_pool, good_picture):
    process_of(own_pool).suspend()
    order = []
    futures = [own_pool.submit(DecodeRequest(path=good_picture)) for _ in range(5)]
    for number, future in enumerate(futures):
        future.add_done_callback(lambda _, number=number: order.append(number))
    process_of(own_pool).resume()
    own_pool.submit(DecodeRequest(path=good_picture)).result(SECONDS_BEFORE_A_TEST_GIVES_UP)
    assert order == [0, 1, 2, 3, 4]


def test_a_process_killed_within_a_picture_costs_that_picture_alone(own_pool, good_picture):
    process = process_of(own_pool)
    process.suspend()
    first, second = (own_pool.submit(DecodeRequest(path=good_picture)) for _ in range(2))
    process.kill()
    assert result(first) == DecodeFailure(
        path=good_picture,
        sha256="",
        reason="The picture crashed its decoder: it is damaged, or needs too much memory.",
    )
    assert isinstance(result(second), DecodedFile)
    assert not process.is_running()


@pytest.mark.skipif(sys.platform == "win32", reason="there it has no console")
def test_ctrl_c_is_left_to_the_program(own_pool, good_picture):
    process = process_of(own_pool)
    process.send_signal(signal.SIGINT)
    assert isinstance(decode(own_pool, good_picture), DecodedFile)
    assert process_of(own_pool) == process


def test_a_process_killed_while_idle_costs_nothing(own_pool, good_picture):
    process = process_of(own_pool)
    process.kill()
    psutil.wait_procs([process], timeout=SECONDS_BEFORE_A_TEST_GIVES_UP)
    assert isinstance(decode(own_pool, good_picture), DecodedFile)


def test_a_full_disk_is_named(good_picture):
    class FullWriter(decode_scratch.ScratchWriter):
        def add(self, name, pixels):
            raise OSError(28, "No space left on device")

    scratch = decode_scratch.ScratchReader()
    request = {"ticket": 1, "path": str(good_picture), "region": None, "full": True}
    with FullWriter(scratch.path) as writer:
        answer = decode_worker._answer(request, writer, DecodeLimits())
    scratch.close()
    assert answer["reason"] == "There is not enough room for temporary files."


def test_a_waiting_request_can_be_cancelled(own_pool, good_picture):
    process_of(own_pool).suspend()
    first, second, third = (own_pool.submit(DecodeRequest(path=good_picture)) for _ in range(3))
    assert second.cancel()
    process_of(own_pool).resume()
    assert isinstance(result(first), DecodedFile)
    assert isinstance(result(third), DecodedFile)
    assert second.cancelled()


def test_a_request_being_served_can_be_cancelled(own_pool, good_picture):
    process_of(own_pool).suspend()
    first, second = (own_pool.submit(DecodeRequest(path=good_picture)) for _ in range(2))
    assert first.cancel()
    process_of(own_pool).resume()
    assert isinstance(result(second), DecodedFile)


def test_closing_cancels_everything_and_leaves_no_process_and_no_file(good_picture, monkeypatch):
    folder = good_picture.parent / "scratch"
    folder.mkdir()
    monkeypatch.setattr(decode_scratch, "_MEMORY_FOLDER", folder / "none")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    pool = DecodePool(2)
    pool.warm_up()
    while len(pool.pids) < pool.size:
        decode(pool, good_picture)
    processes = [psutil.Process(pid) for pid in pool.pids]
    for process in processes:
        process.suspend()
    futures = [pool.submit(DecodeRequest(path=good_picture)) for _ in range(6)]
    pool.close()
    assert all(future.cancelled() for future in futures)
    assert not any(process.is_running() for process in processes)
    assert list(folder.iterdir()) == []
    pool.close()
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(DecodeRequest(path=good_picture))


def test_a_callback_may_close_the_pool(good_picture):
    pool = DecodePool(1)
    closed = threading.Event()

    def close(_):
        pool.close()
        closed.set()

    pool.submit(DecodeRequest(path=good_picture)).add_done_callback(close)
    assert closed.wait(SECONDS_BEFORE_A_TEST_GIVES_UP)
    pool.close()


def test_a_pool_that_was_never_used_can_be_closed():
    DecodePool(3).close()


def test_there_are_as_many_processes_as_asked_for(good_picture):
    with DecodePool(3) as pool:
        assert pool.size == 3
        assert pool.pids == []
    assert 1 <= DecodePool().size <= 4


@pytest.mark.parametrize(
    "command", [["/nonexistent/lesionviewer"], [sys.executable, "-c", "print('hello')"]]
)
def test_a_process_that_cannot_be_started_is_a_failure(good_picture, monkeypatch, command):
    monkeypatch.setattr(decode_child, "child_command", lambda *_: command)
    with DecodePool(1) as pool:
        found = decode(pool, good_picture)
    assert isinstance(found, DecodeFailure)
    assert "could not be started" in found.reason


LIAR = """
import sys
sys.path.insert(0, {source!r})
from lesionviewer.core.frames import read_message, write_message
answer = {{"kind": "decoded", "bytes": 1, "width": 2, "height": 2, "region": [0, 0, 2],
          "notices": [], "arrays": {arrays}}}
write_message(sys.stdout.buffer, {{"kind": "ready"}})
while read_message(sys.stdin.buffer):
    write_message(sys.stdout.buffer, answer)
"""


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"model_input": [100_000, 100_000, 3]},
        {"model_input": [224, 224, 3]},
        {"model_input": [224, 224, 3], "pixels": [2, 2, 3]},
        {"model_input": "text"},
    ],
)
def test_an_answer_that_was_not_asked_for_is_not_believed(good_picture, monkeypatch, arrays):
    source = str(Path(decode_child.__file__).parents[2])
    script = LIAR.format(source=source, arrays=arrays)
    monkeypatch.setattr(decode_child, "child_command", lambda *_: [sys.executable, "-c", script])
    with DecodePool(1) as pool:
        found = decode(pool, good_picture)
    assert isinstance(found, DecodeFailure)
    assert "crashed its decoder" in found.reason


def test_a_decode_process_ends_with_its_input(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.touch()
    command = child_command("decode-worker", str(scratch), "{}")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], **pipes) as process:
        process.stdin.close()
        assert process.wait(SECONDS_BEFORE_A_TEST_GIVES_UP) == 0


def test_large_answers_leave_the_scratch_file_small_again(tmp_path):
    reader = decode_scratch.ScratchReader()
    large = np.zeros((5000, 5000, 3), np.uint8)
    small = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    with decode_scratch.ScratchWriter(reader.path) as writer:
        writer.begin(1)
        writer.add("pixels", large)
        assert reader.path.stat().st_size > large.nbytes
        writer.begin(2)
        writer.add("a", small)
        writer.add("b", small[:1])
        assert reader.path.stat().st_size < 1000
        arrays = reader.arrays(writer.shapes)
    np.testing.assert_array_equal(arrays["a"], small)
    np.testing.assert_array_equal(arrays["b"], small[:1])
    with pytest.raises(EOFError):
        reader.arrays({"a": [100, 100, 3]})
    reader.close()
    assert not reader.path.exists()


def test_a_picture_that_prints_breaks_nothing(good_picture, monkeypatch):
    script = (
        f"import sys; sys.path.insert(0, {str(Path(decode_child.__file__).parents[2])!r})\n"
        "from lesionviewer.core import decode_worker as worker\n"
        "decode = worker.decode_bytes\n"
        "def noisy(*a, **k):\n"
        "    print('library text', flush=True)\n"
        "    import os; os.write(1, b'more text'); return decode(*a, **k)\n"
        "worker.decode_bytes = noisy\n"
        "worker.main(sys.argv[1:])\n"
    )
    monkeypatch.setattr(
        decode_child, "child_command", lambda _, *words: [sys.executable, "-c", script, *words]
    )
    with DecodePool(1) as pool:
        for _ in range(2):
            assert isinstance(decode(pool, good_picture), DecodedFile)


def test_an_image_of_every_orientation_gives_its_square_upright(pool, tmp_path):
    bright = np.zeros((60, 100, 3), np.uint8)
    bright[:20, :20] = 255
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(bright).save(file, "PNG", exif=exif)
    path = tmp_path / "turned.png"
    path.write_bytes(file.getvalue())
    found = decode(pool, path, full=True, region=SquareRegion(40, 0, 20))
    assert (found.width, found.height) == (60, 100)
    assert found.model_input.min() == 255
