"""The file through which a decode process hands pixels to the program.

It lies in memory where the system has a folder for that. It is read and written, not mapped: that
costs the same two copies, and a full disk is an error rather than a signal that ends the program.

    0   ticket of the request (8 bytes), SHA-256 of the file being decoded (32 bytes)
    64  arrays of the answer, one behind the other

The head is written before decoding begins. It tells the program what file took the process down.
"""

import math
import os
import shutil
import struct
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

_HEAD = struct.Struct("<Q32s")
_ARRAYS_AT = 64
_KEEP_BYTES = 64 << 20
_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108
_MEMORY_FOLDER_FREE_BYTES = 2 << 30


class ScratchWriter:
    """The decode process's side. `shapes` tells what has been written since `begin`."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("r+b", buffering=0)
        self._ticket = 0
        self._size = 0
        self.shapes: dict[str, Sequence[int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def begin(self, ticket: int) -> None:
        """Start the answer to request `ticket`; give back the room that a large one took."""
        self._ticket = ticket
        self.shapes = {}
        if self._size > _KEEP_BYTES:
            self._file.truncate(_ARRAYS_AT)
        self._size = _ARRAYS_AT

    def note(self, sha256: str) -> None:
        """Keep the digest of the file that is about to be decoded."""
        self._file.seek(0)
        self._file.write(_HEAD.pack(self._ticket, bytes.fromhex(sha256)))

    def add(self, name: str, pixels: NDArray[np.uint8]) -> None:
        """Append an array.

        Raises:
            OSError: There is no room.
        """
        self._file.seek(self._size)
        rest = np.ascontiguousarray(pixels).reshape(-1).data
        self._size += len(rest)
        self.shapes[name] = pixels.shape
        while rest:
            rest = rest[self._file.write(rest) :]


class ScratchReader:
    """The program's side. It makes the file and removes it."""

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix="lesionviewer-", dir=_folder())
        self.path = Path(name)
        self._file = os.fdopen(descriptor, "rb", buffering=0)

    def digest(self, ticket: int) -> str:
        """Return the SHA-256 of the file of request `ticket`, or "" if it was never read."""
        self._file.seek(0)
        head = self._file.read(_HEAD.size) or b""
        if len(head) < _HEAD.size:
            return ""
        noted, digest = _HEAD.unpack(head)
        return digest.hex() if noted == ticket else ""

    def arrays(self, shapes: Mapping[str, Sequence[int]]) -> dict[str, NDArray[np.uint8]]:
        """Return copies of the arrays of an answer.

        Raises:
            EOFError: The file holds less than `shapes` tell.
        """
        self._file.seek(_ARRAYS_AT)
        arrays = {}
        for name, shape in shapes.items():
            arrays[name] = np.empty(math.prod(shape), np.uint8)
            rest = arrays[name].data
            while rest:
                count = self._file.readinto(rest)
                if not count:
                    raise EOFError("The scratch file ends within an array.")
                rest = rest[count:]
            arrays[name] = arrays[name].reshape(shape)
        return arrays

    def unlink(self) -> None:
        """Take the name away once both sides hold the file, so that it cannot outlive them."""
        if sys.platform != "win32":
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close and remove the file."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def _folder() -> Path | None:
    """Return the folder for scratch files: one in memory if it has room, or the system's."""
    try:
        room = shutil.disk_usage(_MEMORY_FOLDER).free
    except OSError:
        return None
    fits = room >= _MEMORY_FOLDER_FREE_BYTES and os.access(_MEMORY_FOLDER, os.W_OK)
    return _MEMORY_FOLDER if fits else None
