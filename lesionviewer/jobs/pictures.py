"""The whole pictures at hand: the open one and its neighbours, within a bound of memory."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded image in its full size.

    Attributes:
        image: Position in the set.
        pixels: Upright RGB, (height, width, 3), 0 to 255.
        view: The pixels as the window prepared them for painting.
    """

    image: int
    pixels: NDArray[np.uint8]
    view: Any


class PictureCache:
    """Pictures by image, the longest unused dropped first; the newest always stays."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._pictures: dict[int, Picture] = {}

    def __contains__(self, image: object) -> bool:
        return image in self._pictures

    def get(self, image: int) -> Picture | None:
        """Return the picture of `image` and count it as just used."""
        picture = self._pictures.pop(image, None)
        if picture is not None:
            self._pictures[image] = picture
        return picture

    def put(self, picture: Picture, *, keep: int) -> None:
        """Add a picture; others go if there is too little room, but never the one of `keep`."""
        self._pictures[picture.image] = picture
        used = sum(_nbytes(p) for p in self._pictures.values())
        for image, old in list(self._pictures.items()):
            if used <= self._budget:
                break
            if image != keep:
                used -= _nbytes(old)
                del self._pictures[image]

    def clear(self) -> None:
        """Forget all."""
        self._pictures.clear()


def _nbytes(picture: Picture) -> int:
    """About what a picture takes: three bytes a pixel, and four and a third once prepared."""
    return picture.pixels.nbytes * 5 // 2
