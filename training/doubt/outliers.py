"""Pictures that are none of dermatoscope images, to choose and to measure an outlier score by.

Drawn and everyday pictures need no data set. Each kind has two halves of different sources: the
score is chosen by one and reported on the other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from lesionviewer.core.errors import ImageError
from lesionviewer.core.files import find_images
from lesionviewer.core.preprocess import cut_square
from training.doubt.drawings import noise, screen, texture
from training.pixels import read_pixels

Square = NDArray[np.uint8]
_DRAWN = 80
"""Pictures of each drawn kind, in both halves together."""
_VIEWS = 6
"""Altered cuts of each everyday picture, beside the picture as it is."""
_CUTS_OF_A_SCREENSHOT = 30
_PACKAGES = (("skimage", "data"), ("sklearn", "datasets/images"))
_LEAST_PX = 64


@dataclass(frozen=True, slots=True)
class OutlierSet:
    """Squares of one kind as the network sees them, in two halves.

    Attributes:
        choosing: To choose a score by, (s, s, 3) each.
        reporting: To report its figures on.
        sources: What the pictures were made of, for the card.
    """

    choosing: tuple[Square, ...]
    reporting: tuple[Square, ...]
    sources: str


def outlier_sets(
    size: int, folders: Mapping[str, Path] | None = None, *, seed: int = 0
) -> dict[str, OutlierSet]:
    """Return the sets that can be had here, by kind.

    Args:
        size: Edge of the network's square in pixels.
        folders: More kinds, by name. Pictures of a folder `screenshots` are cut and altered too,
            the others are taken as they are.
            A folder of fewer than two gives no set.
        seed: Of the drawing and altering.
    """
    sets = {
        name: _halves(list(_drawn(draw, size, seed)), f"{_DRAWN} drawn")
        for name, draw in (("textures", texture), ("noise", noise), ("drawn screens", screen))
    }
    if everyday := _everyday_pictures():
        sets["everyday"] = _altered_set(everyday, size, _VIEWS, seed, "scikit-image, scikit-learn")
    for name, folder in (folders or {}).items():
        pictures = list(_read(sorted(image.path for image in find_images([folder]))))
        if name == "screenshots" and pictures:
            sets[name] = _altered_set(pictures, size, _CUTS_OF_A_SCREENSHOT, seed, folder.name)
        elif pictures:
            squares = [cut_square(picture, size=size) for picture in pictures]
            sets[name] = _halves(squares, folder.name)
    return {name: some for name, some in sets.items() if some.choosing and some.reporting}


def altered(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a cut of an RGB picture, turned, and changed in light, colour and sharpness."""
    short = min(picture.size)
    side = int(rng.uniform(min(1.0, _LEAST_PX / short), 1.0) * short)
    left, top = (int(rng.integers(0, edge - side + 1)) for edge in picture.size)
    cut = picture.crop((left, top, left + side, top + side))
    cut = cut.rotate(90 * int(rng.integers(4)))
    if rng.random() < 0.5:
        cut = ImageOps.mirror(cut)
    cut = ImageEnhance.Brightness(cut).enhance(float(rng.uniform(0.6, 1.4)))
    cut = ImageEnhance.Color(cut).enhance(float(rng.uniform(0.0, 1.6)))
    if rng.random() < 0.3:
        cut = cut.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 3.0))))
    return cut


def _drawn(
    draw: Callable[[np.random.Generator, int], Square], size: int, seed: int
) -> Iterator[Square]:
    rng = np.random.default_rng([seed, 11])
    return islice((draw(rng, size) for _ in iter(int, 1)), _DRAWN)


def _everyday_pictures() -> list[Image.Image]:
    """Return the pictures that lie in installed packages, without importing those."""
    files: list[Path] = []
    for package, folder in _PACKAGES:
        spec = find_spec(package)
        for place in (spec and spec.submodule_search_locations) or ():
            files += sorted(image.path for image in find_images([Path(place) / folder]))
    return [picture for picture in _read(files) if min(picture.size) >= _LEAST_PX]


def _read(files: Sequence[Path]) -> Iterator[Image.Image]:
    for path in files:
        try:
            pixels, _ = read_pixels(path)
        except ImageError:
            continue
        yield Image.fromarray(pixels)


def _altered_set(
    pictures: Sequence[Image.Image], size: int, views: int, seed: int, sources: str
) -> OutlierSet:
    """Return cuts of the pictures; all cuts of one stand in one half."""
    rng = np.random.default_rng([seed, 12])
    made = [
        tuple(
            cut_square(view, size=size)
            for view in (picture, *(altered(picture, rng) for _ in range(views)))
        )
        for picture in pictures
    ]
    choosing, reporting = (
        tuple(square for cuts in half for square in cuts) for half in (made[::2], made[1::2])
    )
    said = f"{len(pictures)} pictures of {sources}, cut and altered"
    return OutlierSet(choosing, reporting, said)


def _halves(squares: Sequence[Square], sources: str) -> OutlierSet:
    return OutlierSet(tuple(squares[::2]), tuple(squares[1::2]), sources)
