"""What is asked of the decode processes, and what they give."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.region import SquareRegion


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """A picture, ready to show.

    Attributes:
        picture: RGB of 8 bits, upright, in sRGB: as Pillow holds it, or (height, width, 3).
        notices: What a reader should know of how the file became this picture, one sentence each.
    """

    picture: Image.Image | NDArray[np.uint8]
    notices: tuple[str, ...] = ()

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The picture as an array, (height, width, 3), 0 to 255; a copy if Pillow holds it."""
        return np.asarray(self.picture)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeRequest:
    """One file to read, and what of it is wanted.

    Attributes:
        path: The file.
        input_px: Edge of the network's input; None if it is not wanted.
        region: The square of the upright picture that the network sees; None for the centre.
        thumbnail_px: Longest side of a small copy; None if it is not wanted.
        full: Whether the whole picture is wanted.
    """

    path: Path
    input_px: int | None = 224
    region: SquareRegion | None = None
    thumbnail_px: int | None = None
    full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodedFile:
    """What was wanted of a file that could be read.

    Attributes:
        path: As requested.
        sha256: Of the file's bytes, 64 hexadecimal digits.
        bytes: Size of the file.
        width: Of the upright picture in pixels.
        height: Of the upright picture in pixels.
        region: The square that `model_input` was cut from.
        model_input: RGB, (input_px, input_px, 3), as `core.preprocess.cut_square` gives it.
        thumbnail: RGB, (h, w, 3); its longest side is `thumbnail_px`, or the picture's own if that
            is shorter.
        pixels: RGB, (height, width, 3).
        notices: As of `DecodedImage`.
    """

    path: Path
    sha256: str
    bytes: int
    width: int
    height: int
    region: SquareRegion
    model_input: NDArray[np.uint8] | None
    thumbnail: NDArray[np.uint8] | None
    pixels: NDArray[np.uint8] | None
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeFailure:
    """A file that gave no picture.

    Attributes:
        path: As requested.
        sha256: Of the file's bytes, 64 hexadecimal digits; empty if they could not be read.
        reason: One sentence for the reader. It holds nothing that the file says.
    """

    path: Path
    sha256: str
    reason: str
