"""Maps as files: an overlay to look at and the numbers behind it, for each image."""

import io
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lesionviewer.core.colormaps import COLOUR_MAPS, DEFAULT_MAP
from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.core.errors import StoreError
from lesionviewer.core.files import FoundImage
from lesionviewer.core.heat import grad_cam, heat_of, overlay
from lesionviewer.core.intended_use import FULL
from lesionviewer.core.prediction import Prediction
from lesionviewer.engine.pipeline import Decoder, Outcome

_AT_ONCE = 2
"""Pictures held whole at a time: each may have 120 million pixels."""
_OPACITY = 0.5


def check_targets(found: Iterable[FoundImage], folder: Path) -> None:
    """Make sure that no two images share their maps, and that no map replaces an image.

    Raises:
        StoreError: They would, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".lesionviewer.{os.getpid()}.part"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StoreError(f"Cannot write to {folder}: {error.strerror}.") from error
    images = list(found)
    sources = {_key(image.path) for image in images}
    owners: dict[str, FoundImage] = {}
    for image in images:
        for target in map_files(folder, image):
            key = _key(target)
            if key in sources:
                raise StoreError(
                    f"The maps of {image.shown} would overwrite the image {target}. Choose "
                    "another folder for --maps."
                )
            if owners.setdefault(key, image) is not image:
                raise StoreError(
                    f"{owners[key].shown} and {image.shown} would both write {target}. Classify "
                    "them one after the other, with a folder for --maps each."
                )


def map_files(folder: Path, image: FoundImage) -> tuple[Path, Path]:
    """Return where the overlay and the numbers of `image` go; its suffix is kept."""
    return folder / f"{image.relative}.png", folder / f"{image.relative}.npy"


def with_maps(
    outcomes: Iterable[Outcome], pool: Decoder, folder: Path
) -> Iterator[tuple[Outcome, str]]:
    """Yield each outcome, in order, once its maps are written, with an error if they were not.

    Args:
        outcomes: As the pipeline gives them.
        pool: Decodes each picture once more, whole; keeping them would not fit in memory.
        folder: Where the maps go.
    """
    pending: deque[tuple[Outcome, Future[str] | None]] = deque()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="maps") as threads:
        for outcome in outcomes:
            task = None
            if isinstance(outcome.decoded, DecodedFile) and outcome.prediction is not None:
                task = threads.submit(
                    _write, outcome.found, outcome.decoded.sha256, outcome.prediction, pool, folder
                )
            pending.append((outcome, task))
            while len(pending) > _AT_ONCE:
                yield _finished(pending.popleft())
        while pending:
            yield _finished(pending.popleft())


def _finished(item: tuple[Outcome, "Future[str] | None"]) -> tuple[Outcome, str]:
    outcome, task = item
    return outcome, task.result() if task else ""


def _write(
    found: FoundImage, sha256: str, prediction: Prediction, pool: Decoder, folder: Path
) -> str:
    decoded = pool.submit(DecodeRequest(path=found.path, input_px=None, full=True)).result()
    if isinstance(decoded, DecodeFailure) or decoded.pixels is None or decoded.sha256 != sha256:
        return "The file changed while it was read. Classify it again."
    heat = heat_of(prediction.activation_maps, prediction.top)
    picture = overlay(
        decoded.pixels,
        heat,
        prediction.region,
        opacity=_OPACITY,
        colours=COLOUR_MAPS[DEFAULT_MAP],
    )
    overlay_file, numbers_file = map_files(folder, found)
    try:
        overlay_file.parent.mkdir(parents=True, exist_ok=True)
        _replace(overlay_file, _png(picture))
        _replace(numbers_file, _npy(grad_cam(prediction.activation_maps.transpose(2, 0, 1))))
    except OSError as error:
        return f"The maps could not be written: {error.strerror or 'unknown reason'}."
    return ""


def _replace(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all."""
    part = path.with_name(f".{os.getpid()}.{path.name}"[:200] + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer, words = io.BytesIO(), PngInfo()
    words.add_text("Disclaimer", FULL)
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1, pnginfo=words)
    return buffer.getvalue()


def _npy(maps: NDArray[np.float32]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(maps, np.float32), allow_pickle=False)
    return buffer.getvalue()


def _key(path: Path) -> str:
    return os.path.normcase(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
