"""One way to write a value: the audit's hashes and the comparison of states rest on it."""

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

PathCell = str | bytes
"""A path as the database keeps it: text, or bytes where a file's name is no text."""


def canonical(value: Any) -> str:
    """Return JSON in ASCII, with sorted keys and no spaces.

    Raises:
        ValueError: A number is not finite.
        TypeError: A value is none of JSON's.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    """Return SHA-256 of ASCII `text`, 64 hexadecimal digits."""
    return sha256(text.encode("ascii")).hexdigest()


def utc_text(moment: datetime) -> str:
    """Return a moment as `2026-11-21T08:31:55.123Z`, which sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain_text(text: str) -> str:
    """Return `text` without halves of surrogate pairs, which SQLite cannot keep."""
    return text.encode("utf-8", "replace").decode("utf-8")


def path_cell(path: Path | str) -> PathCell:
    """Return `path` as the database keeps it; `os.fsdecode` turns it back."""
    text = os.fspath(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(text)
    return text


def roots_key(roots: Iterable[str]) -> str:
    """Return what is the same for the same folders in any order, and for no others."""
    return digest(canonical(sorted({os.path.normcase(root) for root in roots})))
