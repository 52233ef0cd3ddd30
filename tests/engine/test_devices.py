from pathlib import Path

import pytest

from lesionviewer.engine import devices


def cpuinfo(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(devices.sys, "platform", "linux")
    monkeypatch.setattr(devices, "_text", lambda path: text if path.name == "cpuinfo" else "")


@pytest.mark.parametrize(
    ("flags", "words", "fast"),
    [
        ("fpu sse2 avx2 avx512f avx512_vnni amx_int8", "AMX int8", True),
        ("fpu sse2 avx2 avx512f avx512_vnni", "AVX-512 VNNI", True),
        ("fpu avx2 avx_vnni", "AVX VNNI", True),
        ("fpu avx2 avx512f", "AVX-512", False),
        ("fpu avx2", "AVX2", False),
        ("fpu sse2", "not known", False),
    ],
)
def test_the_instruction_set_of_a_processor_is_named(
    monkeypatch: pytest.MonkeyPatch, flags: str, words: str, fast: bool
) -> None:
    cpuinfo(monkeypatch, f"model name\t: Some CPU\nflags\t\t: {flags}\n")
    processor = devices.processor()
    assert processor.name == "Some CPU"
    assert processor.instruction_set == words
    assert processor.fast_int8 is fast
    assert processor.cores >= 1


def test_an_arm_processor_with_dot_product_is_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    cpuinfo(monkeypatch, "Features\t: fp asimd asimddp\n")
    assert devices.processor().instruction_set == "NEON with dot product"


def test_a_system_that_says_nothing_is_not_guessed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    cpuinfo(monkeypatch, "")
    assert devices.processor().fast_int8 is None
    assert devices.processor().instruction_set == "not known"


def test_windows_leaves_fast_int8_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.sys, "platform", "win32")
    monkeypatch.setattr(devices, "_windows_flags", lambda: {"avx2", "avx512f"})
    assert devices.processor().instruction_set == "AVX-512"
    assert devices.processor().fast_int8 is None


def fake_tool(folder: Path, script: str) -> None:
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    tool.chmod(0o755)


def test_nvidia_gpus_are_listed_by_their_driver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_tool(tmp_path, "echo 'NVIDIA A'; echo 'NVIDIA B'")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert devices.nvidia_gpus() == ["NVIDIA A", "NVIDIA B"]


@pytest.mark.parametrize("script", ["echo broken; exit 9", "exec tail -f /dev/null"])
def test_a_driver_that_fails_or_hangs_is_no_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    fake_tool(tmp_path, script)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(devices, "_ASK_SECONDS", 0.3)
    assert devices.nvidia_gpus() == []


def test_backends_are_found_without_importing_them() -> None:
    names = [backend.name for backend in devices.keras_backends()]
    assert set(names) <= {"tensorflow", "jax", "torch"}


def test_without_keras_there_are_no_backends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.util, "find_spec", lambda name: None)
    assert devices.keras_backends() == []
