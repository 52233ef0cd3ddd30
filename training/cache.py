"""Maps of a frozen trunk, kept on disk as memory-mapped float16; a stop loses little of them."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def cache_key(*parts: object) -> str:
    """Return a name for maps made from `parts`; the same parts give the same name."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:24]


def fill_cache(
    path: Path,
    rows: int,
    make: Callable[[Sequence[int]], NDArray[np.float16]],
    *,
    chunk: int,
    progress: Callable[[int, int], None],
) -> NDArray[np.float16]:
    """Return the maps in `path`, computing the rows that are not there yet.

    Args:
        path: Of the maps; beside it a `.json` keeps their shape.
        rows: How many there must be.
        make: From row numbers to their maps, (len, h, w, c).
        chunk: Rows made at once.
        progress: Called with how many rows are there, of how many. What it raises ends the work;
            the rows made so far are kept.
    """
    note = path.with_suffix(".json")
    shape: tuple[int, ...] = ()
    done = 0
    if note.is_file() and path.is_file():
        shape = tuple(json.loads(note.read_text("utf-8"))["shape"])
        # Only whole rows count: the last one may have been cut short by a kill.
        done = path.stat().st_size // (2 * int(np.prod(shape)))
    path.parent.mkdir(parents=True, exist_ok=True)
    if done < rows:
        with path.open("r+b" if done else "wb") as file:
            file.seek(done * 2 * int(np.prod(shape)))
            file.truncate()
            while done < rows:
                progress(done, rows)
                maps = make(range(done, min(rows, done + chunk)))
                if not shape:
                    shape = maps.shape[1:]
                    note.write_text(json.dumps({"shape": shape}), "utf-8")
                file.write(np.ascontiguousarray(maps, np.float16).tobytes())
                done += len(maps)
    return np.memmap(path, np.float16, mode="r", shape=(rows, *shape))
