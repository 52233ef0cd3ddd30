"""The program's side of one decode process."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.children import child_command
from lesionviewer.core.decode_scratch import ScratchReader
from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.core.frames import FrameError, read_message, write_message
from lesionviewer.core.limits import DecodeLimits
from lesionviewer.core.region import SquareRegion


class ChildEndedError(Exception):
    """The process ended, or answers what is no answer."""


class DecodeChild:
    """One decode process. One thread uses it; `kill` may be called from another."""

    def __init__(self, limits: DecodeLimits) -> None:
        """Start the process, without waiting until it can decode.

        Raises:
            OSError: It cannot be started.
        """
        self._limits = limits
        self._ticket = 0
        self._scratch = ScratchReader()
        try:
            self._process = subprocess.Popen(
                child_command("decode-worker", str(self._scratch.path), json.dumps(asdict(limits))),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # What libraries write there may quote the file, and so a patient.
                stderr=subprocess.DEVNULL,
                env=_environment(),
                # Python imports from the folder it starts in: never from the user's.
                cwd=Path(__file__).resolve().parents[2],
                creationflags=_creation_flags(),
            )
        except OSError:
            self._scratch.close()
            raise
        self._requests = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)

    @property
    def pid(self) -> int:
        """Identifier of the process."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Return whether the process still runs."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Return once the process can decode.

        Raises:
            ChildEndedError: It never will.
        """
        self._receive()
        self._scratch.unlink()

    def decode(self, request: DecodeRequest) -> DecodedFile | DecodeFailure:
        """Have the process decode one file.

        Raises:
            ChildEndedError: The file took the process down, or `kill` was called.
        """
        self._ticket += 1
        region = request.region
        message = {
            "ticket": self._ticket,
            "path": os.path.abspath(request.path),  # noqa: PTH100
            "input_px": request.input_px,
            "region": [region.left, region.top, region.side] if region else None,
            "thumbnail_px": request.thumbnail_px,
            "full": request.full,
        }
        try:
            write_message(self._requests, message)
        except OSError as error:
            raise ChildEndedError from error
        answer = self._receive()
        try:
            if answer["kind"] == "decoded":
                return self._decoded(request, answer)
            return DecodeFailure(
                path=request.path, sha256=self.last_sha256(), reason=str(answer["reason"])
            )
        except (LookupError, TypeError, ValueError, EOFError, OSError) as error:
            raise ChildEndedError from error

    def last_sha256(self) -> str:
        """Return the digest of the file decoded last, or "" if it could not be read."""
        try:
            return self._scratch.digest(self._ticket)
        except OSError:
            return ""

    def kill(self) -> None:
        """End the process at once. May be called twice, and by any thread."""
        self._process.kill()

    def close(self) -> None:
        """End the process, wait until it has, and free what belongs to it."""
        self.kill()
        self._process.wait()
        for pipe in (self._requests, self._answers):
            try:
                pipe.close()
            except OSError:  # a request that the dead process never took is still to be flushed
                continue
        self._scratch.close()

    def _receive(self) -> dict[str, Any]:
        try:
            message = read_message(self._answers)
        except (FrameError, OSError, ValueError) as error:
            raise ChildEndedError from error
        if message is None:
            raise ChildEndedError
        return message

    def _decoded(self, request: DecodeRequest, answer: Mapping[str, Any]) -> DecodedFile:
        # A file may have taken the process over: what it says is checked, as the file itself is.
        width, height = int(answer["width"]), int(answer["height"])
        if not 0 < width * height <= self._limits.max_pixels:
            raise ValueError("The picture's size is beyond the limits.")
        shapes = {str(name): tuple(shape) for name, shape in answer["arrays"].items()}
        _check_shapes(shapes, request, width, height)
        arrays: dict[str, NDArray[np.uint8]] = self._scratch.arrays(shapes)
        return DecodedFile(
            path=request.path,
            sha256=self.last_sha256(),
            bytes=int(answer["bytes"]),
            width=width,
            height=height,
            region=SquareRegion(*answer["region"]),
            model_input=arrays.get("model_input"),
            thumbnail=arrays.get("thumbnail"),
            pixels=arrays.get("pixels"),
            notices=tuple(str(notice) for notice in answer["notices"]),
        )


def _check_shapes(
    shapes: Mapping[str, tuple[int, ...]], request: DecodeRequest, width: int, height: int
) -> None:
    exact = {}
    if request.full:
        exact["pixels"] = (height, width, 3)
    if request.input_px:
        exact["model_input"] = (request.input_px, request.input_px, 3)
    if request.thumbnail_px:
        rows, columns, channels = shapes["thumbnail"]
        if channels != 3 or not 0 < max(rows, columns) <= request.thumbnail_px:
            raise ValueError("The thumbnail has a size that was not asked for.")
        exact["thumbnail"] = (rows, columns, 3)
    if dict(shapes) != exact:
        raise ValueError("The answer holds other arrays than asked for.")


def _environment() -> dict[str, str]:
    # One thread and one arena: processes are what runs side by side, and both reserve memory.
    single = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX")
    # Pictures of a usual size reuse memory rather than fault it in anew: a quarter of the time.
    kept = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}
    return {**os.environ, **dict.fromkeys(single, "1"), **kept}


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return 0
