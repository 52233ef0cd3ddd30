"""What the machine can compute with, found without importing a heavy library."""

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import util
from pathlib import Path

_ASK_SECONDS = 5
_INTEL = "0x8086"
_INSTRUCTION_SETS = {
    "amx_int8": "AMX int8",
    "avx512_vnni": "AVX-512 VNNI",
    "avx_vnni": "AVX VNNI",
    "avx512f": "AVX-512",
    "avx2": "AVX2",
    "asimddp": "NEON with dot product",
    "asimd": "NEON",
}
"""Flags of /proc/cpuinfo, the fastest first."""
_FAST_INT8 = {"amx_int8", "avx512_vnni", "avx_vnni", "asimddp"}
_WINDOWS_FEATURES = {41: "avx512f", 40: "avx2", 43: "asimddp"}
"""Numbers of IsProcessorFeaturePresent. Windows has none for VNNI."""
_GPU_BUILDS = {
    "tensorflow": ("nvidia-cudnn-cu12", "nvidia-cudnn-cu13"),
    "jax": ("jax-cuda12-plugin", "jax-cuda13-plugin"),
    "torch": ("nvidia-cudnn-cu12", "nvidia-cudnn-cu13"),
}


@dataclass(frozen=True, slots=True)
class Processor:
    """The processor as far as it matters for speed.

    Attributes:
        name: As the system calls it.
        instruction_set: The fastest one that the engines use, in words.
        fast_int8: Whether it multiplies 8-bit numbers at full speed (VNNI or alike); None if the
            system does not say.
        cores: How many threads this process may run at once.
    """

    name: str
    instruction_set: str
    fast_int8: bool | None
    cores: int


@dataclass(frozen=True, slots=True)
class KerasBackend:
    """A backend of Keras that is installed; `gpu` says whether its GPU build is."""

    name: str
    gpu: bool


def processor() -> Processor:
    """Return what is known of the processor."""
    flags = _processor_flags()
    best = next((flag for flag in _INSTRUCTION_SETS if flag in flags), None)
    unknown = not flags or (sys.platform == "win32" and not flags & _FAST_INT8)
    return Processor(
        name=_processor_name(),
        instruction_set=_INSTRUCTION_SETS[best] if best else "not known",
        fast_int8=None if unknown else bool(flags & _FAST_INT8),
        cores=usable_cores(),
    )


def usable_cores() -> int:
    """Return how many threads this process may run at once, 1 or more."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def nvidia_gpus() -> list[str]:
    """Return the names of the NVIDIA GPUs whose driver answers."""
    tool = shutil.which("nvidia-smi") or _windows_tool()
    if tool is None:
        return []
    answer = _ask([tool, "--query-gpu=name", "--format=csv,noheader"])
    return [line.strip() for line in answer.splitlines() if line.strip()]


def nvidia_hardware() -> bool:
    """Return whether an NVIDIA GPU or its driver is there at all, working or not."""
    if Path("/proc/driver/nvidia/version").exists() or _windows_tool():
        return True
    return "0x10de" in _graphics_vendors()


def intel_graphics() -> bool:
    """Return whether Linux sees an Intel GPU (False on other systems: OpenVINO says it there)."""
    return _INTEL in _graphics_vendors()


def keras_backends() -> list[KerasBackend]:
    """Return the backends that Keras finds here, none if Keras itself is missing."""
    if util.find_spec("keras") is None:
        return []
    return [
        KerasBackend(name, any(_installed(build) for build in builds))
        for name, builds in _GPU_BUILDS.items()
        if util.find_spec(name) is not None
    ]


def _installed(distribution: str) -> bool:
    # Slow to import, and wanted only where Keras may have a GPU.
    from importlib import metadata

    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _graphics_vendors() -> set[str]:
    return {_text(file).strip() for file in Path("/sys/class/drm").glob("card[0-9]*/device/vendor")}


def _windows_tool() -> str | None:
    if sys.platform != "win32":
        return None
    tool = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "nvidia-smi.exe")
    return str(tool) if tool.exists() else None


def _processor_name() -> str:
    for line in _text(Path("/proc/cpuinfo")).splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    if sys.platform == "darwin":
        return _ask(["sysctl", "-n", "machdep.cpu.brand_string"]).strip() or "Mac"
    return platform.processor() or platform.machine() or "not known"


def _processor_flags() -> set[str]:
    sources: dict[str, Callable[[], set[str]]] = {"darwin": _mac_flags, "win32": _windows_flags}
    return sources.get(sys.platform, _linux_flags)()


def _linux_flags() -> set[str]:
    for line in _text(Path("/proc/cpuinfo")).splitlines():
        if line.startswith(("flags", "Features")):
            return set(line.partition(":")[2].split())
    return set()


def _mac_flags() -> set[str]:
    if platform.machine() == "arm64":
        dot = _ask(["sysctl", "-n", "hw.optional.arm.FEAT_DotProd"]).strip() == "1"
        return {"asimd", "asimddp"} if dot else {"asimd"}
    words = _ask(["sysctl", "-n", "machdep.cpu.features", "machdep.cpu.leaf7_features"])
    return {word.lower() for word in words.split()}


def _windows_flags() -> set[str]:
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - absent on other systems
    return {flag for n, flag in _WINDOWS_FEATURES.items() if kernel.IsProcessorFeaturePresent(n)}


def _ask(command: list[str]) -> str:
    """Return what a command of the system prints, nothing if it fails or hangs."""
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
            errors="replace",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
