"""A decode process: reads requests on its input, decodes, answers on its output.

It is started by `core.decode_child` as `lesionviewer decode-worker SCRATCH LIMITS` and ends with
its input, hence with the program. Files from anywhere are decoded here, so it holds little and may
die: memory is bounded by the system, and a picture that takes far too long ends the process even if
nobody is left to kill it.

Answers are framed messages; pixels go through the scratch file of `core.decode_scratch`.
"""

import faulthandler
import json
import logging
import os
import signal
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.decode import decode_bytes, read_file, too_little_memory
from lesionviewer.core.decode_scratch import ScratchWriter
from lesionviewer.core.errors import ImageError
from lesionviewer.core.frames import read_message, write_message
from lesionviewer.core.limits import DecodeLimits
from lesionviewer.core.preprocess import cut_square, size_of
from lesionviewer.core.region import SquareRegion, centre_square

_OVERTIME = 1.2
"""The process ends itself after this many times the seconds that the program waits at most."""


def main(arguments: Sequence[str]) -> int:
    """Serve until the end of input.

    Args:
        arguments: Path of the scratch file; the limits as JSON.
    """
    # Ctrl-C in a terminal reaches the whole group; the program decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    scratch_path, limits_json = arguments
    limits = DecodeLimits(**json.loads(limits_json))
    requests, answers = _take_pipes()
    _be_quiet()
    _yield_to_others()
    _bound_memory(limits.max_memory_bytes)
    with ScratchWriter(Path(scratch_path)) as scratch:
        write_message(answers, {"kind": "ready"})
        while (request := read_message(requests)) is not None:
            _end_after(limits.longest_seconds * _OVERTIME)
            answer = _answer(request, scratch, limits)
            _end_after(0)
            write_message(answers, answer)
    return 0


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return the pipes to the program, and leave libraries that print or read nothing of them."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    return requests, answers


def _be_quiet() -> None:
    """Drop warnings and log lines: they may quote the file, and so a patient."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


def _yield_to_others() -> None:
    """Let the window and the network go first; on Windows the program sets this at the start."""
    if sys.platform != "win32":
        os.nice(5)


def _bound_memory(max_bytes: int) -> None:
    """Keep what this process holds below `max_bytes`, where the system can; write no core dumps."""
    if sys.platform == "win32":
        return
    import resource

    # A core dump would hold the picture.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return
    pages, resident = (int(word) for word in Path("/proc/self/statm").read_text().split()[:2])
    # Libraries reserve addresses that they never fill; those are not counted.
    bound = max_bytes + (pages - resident) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _end_after(seconds: float) -> None:
    """Have the system end this process after `seconds`, whatever a decoder does; 0: never mind."""
    if sys.platform != "win32":
        # Its default action, unlike a handler in Python, needs no help from a decoder that hangs.
        signal.setitimer(signal.ITIMER_REAL, seconds)
    elif seconds:
        faulthandler.dump_traceback_later(seconds, exit=True, file=2)
    else:
        faulthandler.cancel_dump_traceback_later()


def _answer(
    request: Mapping[str, Any], scratch: ScratchWriter, limits: DecodeLimits
) -> dict[str, Any]:
    scratch.begin(int(request["ticket"]))
    try:
        return _decode(request, scratch, limits)
    except ImageError as error:
        return {"kind": "failed", "reason": str(error)}
    except MemoryError:
        return {"kind": "failed", "reason": str(too_little_memory(limits))}
    except OSError:
        return {"kind": "failed", "reason": "There is not enough room for temporary files."}
    except Exception:  # noqa: BLE001
        # Whatever it was, its text may quote the file.
        return {"kind": "failed", "reason": "The picture could not be decoded."}


def _decode(
    request: Mapping[str, Any], scratch: ScratchWriter, limits: DecodeLimits
) -> dict[str, Any]:
    file = read_file(Path(request["path"]), limits=limits)
    # Before decoding: it is wanted even if the decoder takes this process down.
    scratch.note(file.sha256)
    picture = decode_bytes(file.data, limits=limits)
    size = len(file.data)
    del file
    width, height = size_of(picture.picture)
    region = SquareRegion(*request["region"]) if request["region"] else centre_square(width, height)
    if request["full"]:
        scratch.add("pixels", picture.pixels)
    if request["thumbnail_px"]:
        scratch.add("thumbnail", _thumbnail(picture.picture, request["thumbnail_px"]))
    if request["input_px"]:
        square = cut_square(picture.picture, region=region, size=request["input_px"])
        scratch.add("model_input", square)
    return {
        "kind": "decoded",
        "bytes": size,
        "width": width,
        "height": height,
        "region": [region.left, region.top, region.side],
        "notices": picture.notices,
        "arrays": scratch.shapes,
    }


def _thumbnail(picture: Image.Image | NDArray[np.uint8], longest_px: int) -> NDArray[np.uint8]:
    width, height = size_of(picture)
    scale = min(1.0, longest_px / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    whole = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    # It is looked at, not measured: whole steps first take half the time of the full rule.
    return np.asarray(whole.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.5))
