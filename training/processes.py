"""Processes told apart from others that later get the same number, and their priority."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

_NICE = 10


def mark_of(pid: int) -> str | None:
    """Return when process `pid` began, as a mark to compare; None if there is no such process.

    The mark is the system's own: it stays the same over the life of a process, and no other
    process with that number has it. A process that has ended and was not waited for is none.
    """
    if sys.platform == "win32":
        return _windows_mark(pid)
    if sys.platform == "linux":
        try:
            # The name stands in brackets and may hold anything; what follows it does not.
            fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2]
            state, began = fields.split()[0], fields.split()[19]
            boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        except (OSError, IndexError):
            return None
        return None if state in "ZX" else f"{boot}/{began}"
    done = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, began = done.stdout.strip().partition(" ")
    return began.strip() if began and not state.startswith("Z") else None


def lower_priority(pid: int) -> None:
    """Let other work go before that of a process which has just been started."""
    if sys.platform != "win32":
        # It may have ended already, or the system may not allow it: it works all the same.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, _NICE)


def _windows_mark(pid: int) -> str | None:
    if sys.platform != "win32":
        return None
    import ctypes
    from ctypes import wintypes

    query, still_active = 0x1000, 259
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = wintypes.HANDLE
    handle = kernel.OpenProcess(query, False, pid)
    if not handle:
        return None
    try:
        times = [wintypes.FILETIME() for _ in range(4)]
        code = wintypes.DWORD()
        found = kernel.GetProcessTimes(
            wintypes.HANDLE(handle), *(ctypes.byref(time) for time in times)
        ) and kernel.GetExitCodeProcess(wintypes.HANDLE(handle), ctypes.byref(code))
        if not found or code.value != still_active:
            return None
        return str(times[0].dwHighDateTime << 32 | times[0].dwLowDateTime)
    finally:
        kernel.CloseHandle(wintypes.HANDLE(handle))
