"""Framed messages between the program and its helper processes: JSON behind its length.

A length in front, rather than a line's end behind, lets a path hold any character, and lets the
reader refuse a message that is too long before it is read.
"""

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

_LENGTH = struct.Struct("<I")
MAX_MESSAGE_BYTES = 1 << 20


class FrameError(Exception):
    """The other side ended within a message, or sent what is none."""


def write_message(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Write `message` to `stream` and flush it.

    Raises:
        FrameError: The message is longer than `MAX_MESSAGE_BYTES`.
        OSError: The other side is gone.
    """
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    if len(body) > MAX_MESSAGE_BYTES:
        raise FrameError(f"A message of {len(body)} bytes is longer than {MAX_MESSAGE_BYTES}.")
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def read_message(stream: IO[bytes]) -> dict[str, Any] | None:
    """Return the next message of `stream`, or None at its end.

    Args:
        stream: A buffered stream: its `read(n)` gives less than n bytes only at the end.

    Raises:
        FrameError: The stream ends within a message, or holds something else.
    """
    head = stream.read(_LENGTH.size)
    if not head:
        return None
    if len(head) < _LENGTH.size:
        raise FrameError("The stream ended within the length of a message.")
    (length,) = _LENGTH.unpack(head)
    if length > MAX_MESSAGE_BYTES:
        raise FrameError(f"A message of {length} bytes is longer than {MAX_MESSAGE_BYTES}.")
    body = stream.read(length)
    if len(body) < length:
        raise FrameError("The stream ended within a message.")
    try:
        message = json.loads(body)
    except ValueError:
        raise FrameError("A message is not JSON.") from None
    if not isinstance(message, dict):
        raise FrameError("A message is not a JSON object.")
    return message
