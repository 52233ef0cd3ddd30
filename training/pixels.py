"""Reads an image file for training and evaluation, as the viewer does."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.decode import decode_bytes, read_file
from lesionviewer.core.limits import DecodeLimits


def read_pixels(path: Path) -> tuple[NDArray[np.uint8], str]:
    """Return an image's upright RGB pixels, (height, width, 3), and its file's SHA-256.

    Raises:
        ImageError: The file cannot be read as a picture.
    """
    file = read_file(path, limits=DecodeLimits())
    return decode_bytes(file.data).pixels, file.sha256
