"""What a run takes of the machine's memory, and how it looks when that does not do."""

import sys
from pathlib import Path

from lesionviewer.core.errors import LesionViewerError

_NAMES = {"ResourceExhaustedError", "OutOfMemoryError"}
_WORDS = ("RESOURCE_EXHAUSTED", "out of memory", "failed to allocate", "bad_alloc")


class OutOfMemoryError(LesionViewerError):
    """The memory of the machine, or of its GPU, does not do for a run."""


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of Python, TensorFlow, JAX or OpenVINO means a lack of memory."""
    if isinstance(error, MemoryError) or type(error).__name__ in _NAMES:
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(word.lower() in text for word in _WORDS)


def resident_bytes(pid: int | str = "self") -> int | None:
    """Return how much memory a process holds; None where the system does not tell (not Linux)."""
    return _status(pid, "VmRSS:")


def peak_bytes() -> int:
    """Return the most memory that this process held so far; 0 where the system does not tell."""
    return _status("self", "VmHWM:") or 0


def memory_kills() -> int:
    """Return how often the system has ended a process for lack of memory; 0 where it keeps none."""
    try:
        lines = Path("/proc/vmstat").read_text("ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def _status(pid: int | str, field: str) -> int | None:
    if sys.platform != "linux":
        return None
    try:
        for line in Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None
