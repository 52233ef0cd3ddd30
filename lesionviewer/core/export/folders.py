"""Folders by decision: copies without anything but pixels, or links."""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.export.contents import Contents, ExportedImage, label_of
from lesionviewer.core.export.pixels import PixelSource
from lesionviewer.core.export.places import new_folder
from lesionviewer.core.intended_use import FULL

_JPEGS = (".jpg", ".jpeg", ".jpe")
_QUALITY = 95
_README = """\
Images sorted by what the reader decided: a folder for each diagnosis, and poor_image, unsure and
undecided. A folder name says what one reader held, not what a lesion is.

"""


def write_folders(
    contents: Contents, path: Path, pixels: PixelSource, *, links: bool = False
) -> tuple[str, ...]:
    """Write a folder for each decision.

    Copies are encoded anew from the pixels, JPEG as JPEG of quality 95, everything else as PNG, so
    that nothing else of a file comes along. Links lead to the files themselves.

    Args:
        contents: The images.
        path: A new or an empty folder.
        pixels: Gives whole pictures.
        links: Whether to link instead.

    Returns:
        Names of the images that could not be read, and so are left out.

    Raises:
        StoreError: The place cannot be written, or holds something already.
    """
    failed = []
    with new_folder(path) as folder:
        (folder / "README.txt").write_text(f"{_README}{FULL}\n", encoding="utf-8")
        for image, target in _targets(folder, contents.images, links=links):
            picture = None if links else pixels(image)
            if picture is None and not links:
                failed.append(image.name)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if picture is None:
                target.symlink_to(image.path.absolute())
            else:
                target.write_bytes(encoded(picture, jpeg=target.suffix.lower() in _JPEGS))
    return tuple(failed)


def encoded(pixels: NDArray[np.uint8], *, jpeg: bool) -> bytes:
    """Return a JPEG or PNG of RGB pixels, (h, w, 3), 0 to 255, and nothing beside them."""
    stream, picture = io.BytesIO(), Image.fromarray(pixels)
    if jpeg:
        picture.save(stream, "JPEG", quality=_QUALITY, subsampling=0)
    else:
        picture.save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def _targets(
    folder: Path, images: Iterable[ExportedImage], *, links: bool
) -> Iterable[tuple[ExportedImage, Path]]:
    taken: set[str] = set()
    for image in images:
        name = image.name
        if not links and Path(name).suffix.lower() not in _JPEGS:
            name += ".png"
        wanted = folder / label_of(image.decision) / name
        target, number = wanted, 1
        while str(target).casefold() in taken:
            number += 1
            target = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        taken.add(str(target).casefold())
        yield image, target
