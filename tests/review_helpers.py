"""Stand-ins for decoding and inference whose pace a test decides."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from time import monotonic

import numpy as np
from bundles import tiny_card
from PIL import Image

from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.core.files import FoundImage
from lesionviewer.core.preprocess import cut_square
from lesionviewer.core.region import centre_square
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.fake_classifier import FakeClassifier
from lesionviewer.engine.selection import Chosen

WAIT_S = 20
WAIT_MS = 1000 * WAIT_S


def found(*names: str) -> list[FoundImage]:
    return [FoundImage(Path(name), name, name) for name in names]


def decoded(request: DecodeRequest, pixels: np.ndarray) -> DecodedFile:
    """What the real pool gives for `pixels`."""
    height, width = pixels.shape[:2]
    wants = request.input_px is not None
    return DecodedFile(
        path=request.path,
        sha256="0" * 64,
        bytes=1,
        width=width,
        height=height,
        region=centre_square(width, height),
        model_input=cut_square(pixels, size=request.input_px) if wants else None,
        thumbnail=pixels[::4, ::4] if request.thumbnail_px else None,
        pixels=pixels if request.full else None,
        notices=(),
    )


class HandDecoder:
    """A decoder that does nothing until the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[DecodeRequest, Future]] = []
        self.asked: list[DecodeRequest] = []

    def submit(self, request: DecodeRequest) -> Future:
        future: Future = Future()
        self.asked.append(request)
        self.waiting.append((request, future))
        return future

    @property
    def names(self) -> list[str]:
        self.waiting = [pair for pair in self.waiting if not pair[1].cancelled()]
        return [request.path.name for request, _ in self.waiting]

    def give(self, name: str | None = None, *, grey: int = 40) -> str:
        """Decode the file of that name, or the one asked for first. Returns its name."""
        names = self.names
        request, future = self.waiting.pop(0 if name is None else names.index(name))
        future.set_result(decoded(request, np.full((48, 64, 3), grey, np.uint8)))
        return request.path.name

    def give_all(self) -> None:
        while self.names:
            self.give()

    def fail(self, name: str, reason: str) -> None:
        place = self.names.index(name)
        request, future = self.waiting.pop(place)
        future.set_result(DecodeFailure(path=request.path, sha256="", reason=reason))


class GatedClassifier(FakeClassifier):
    """Works only while its gate is open, and remembers how large its batches were."""

    def __init__(self, *, batch_size: int = 4) -> None:
        super().__init__(tiny_card(), batch_size=batch_size)
        self.gate = threading.Event()
        self.gate.set()
        self.entered = 0
        self.batches: list[int] = []
        self.closed = False

    def predict(self, batch: np.ndarray) -> RawOutput:
        self.entered += 1
        self.gate.wait(WAIT_S)
        self.batches.append(len(batch))
        return super().predict(batch)

    def close(self) -> None:
        self.closed = True


def chosen(classifier: FakeClassifier) -> Callable[[], Chosen]:
    return lambda: Chosen(classifier)


def instant_finder(sets: dict[str, Sequence[str]]) -> Callable[..., Iterable[FoundImage]]:
    """A finder that knows the content of a few folders."""

    def find(paths: Sequence[Path], *, recursive: bool) -> Iterable[FoundImage]:
        for path in paths:
            yield from found(*sets[str(path)])

    return find


def save_picture(
    path: Path, width: int, height: int, *, spot: tuple[int, int] | None = None, grey: int = 20
) -> Path:
    """Write a dark picture, with a bright square around `spot` (column, row)."""
    pixels = np.full((height, width, 3), grey, np.uint8)
    if spot is not None:
        half = min(width, height) // 14
        column, row = spot
        pixels[max(0, row - half) : row + half, max(0, column - half) : column + half] = 255
    Image.fromarray(pixels).save(path)
    return path


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait, outside an event loop, until something another thread does has happened."""
    pause, end = threading.Event(), monotonic() + WAIT_S
    while not condition():
        assert monotonic() < end, f"waited in vain until {what}"
        pause.wait(0.002)
