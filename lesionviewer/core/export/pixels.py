"""Whole pictures of the images that are exported, one after the other."""

from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.core.export.contents import ExportedImage

PixelSource = Callable[[ExportedImage], NDArray[np.uint8] | None]
"""Gives the upright RGB picture, (h, w, 3), 0 to 255; None if the file is no longer that image."""


def pixels_from(
    submit: "Callable[[DecodeRequest], Future[DecodedFile | DecodeFailure]]",
) -> PixelSource:
    """Return a source that decodes with `submit` of a `DecodePool`."""

    def pixels(image: ExportedImage) -> NDArray[np.uint8] | None:
        if image.error:
            return None
        decoded = submit(DecodeRequest(path=image.path, input_px=None, full=True)).result()
        if isinstance(decoded, DecodeFailure) or decoded.sha256 != image.sha256:
            return None
        return decoded.pixels

    return pixels
