"""A virtual screen, and the real program on it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import numpy as np
import psutil
import pytest
from bundles import make_tiny_bundle
from PIL import Image

from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import CARD

TOOLS = ("Xvfb", "xdotool", "import")
WAIT_S = 60


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of a fresh X display."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (.ci/run installs them)")
    out, into = os.pipe()
    command = ["Xvfb", "-displayfd", str(into), "-screen", "0", "1440x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[into], stderr=subprocess.DEVNULL)
    os.close(into)
    with os.fdopen(out, encoding="ascii") as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(WAIT_S)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model that ships, or where it is not there yet, a tiny one."""
    shipped = default_bundle_dir()
    if (shipped / CARD).exists():
        return shipped
    return make_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


class Program:
    """The window's process, its lines on stderr, and a hand on its keyboard."""

    def __init__(self, display: str, home: Path, *words: str) -> None:
        self._environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "LESIONVIEWER_BENCH": "1",
            "LESIONVIEWER_HOME": str(home),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lesionviewer", *words],
            env=self._environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._photo = home / "screen.png"

    def wait_for(self, word: str) -> list[str]:
        """Return what follows `word` on the line of stderr that begins with it."""
        said = []
        for line in self.process.stderr:
            said.append(line)
            if line.split()[:1] == [word]:
                return line.split()[1:]
        raise AssertionError(f"ended without saying {word!r}: {''.join(said)}")

    def focus(self) -> None:
        """Give the window the keyboard, as a window manager would."""
        found = self._tool("xdotool", "search", "--sync", "--onlyvisible", "--name", "lesionviewer")
        self._tool("xdotool", "windowfocus", "--sync", found.split()[-1])

    def press(self, key: str) -> None:
        self._tool("xdotool", "key", key)

    def screen(self) -> np.ndarray:
        """What a person would see."""
        self._tool("import", "-window", "root", str(self._photo))
        with Image.open(self._photo) as photo:
            return np.asarray(photo.convert("RGB")).astype(int)

    def screen_when(self, wanted) -> np.ndarray:
        """Look at the screen until `wanted` is true of it."""
        end = monotonic() + WAIT_S
        while not wanted(screen := self.screen()):
            assert monotonic() < end, "the screen did not change as expected"
        return screen

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self) -> int:
        self.process.stderr.close()
        return self.process.wait(WAIT_S)

    def kill(self) -> None:
        for process in [*self.children(), self.process] if self.process.poll() is None else []:
            process.kill()
        self.process.stderr.close()
        self.process.wait(WAIT_S)

    def _tool(self, *words: str) -> str:
        return subprocess.run(
            words, env=self._environment, capture_output=True, text=True, timeout=WAIT_S, check=True
        ).stdout


@pytest.fixture
def program(display: str, bundle: Path, samples: list[Path], tmp_path: Path) -> Iterator[Program]:
    """The program, started on the folder of samples."""
    home = tmp_path / "home"
    home.mkdir()
    words = ("--bundle", str(bundle), "--engine", "openvino", str(samples[0].parent))
    program = Program(display, home, *words)
    yield program
    program.kill()
