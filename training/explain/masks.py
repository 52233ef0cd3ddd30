"""Outlines of lesions, over the square that the network sees."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.errors import DatasetError
from lesionviewer.core.heat import enlarge
from lesionviewer.core.region import centre_square

SUFFIX = "_segmentation.png"


def read_mask(folder: Path, image: Path, size: int) -> NDArray[np.bool_] | None:
    """Return where the lesion lies, (size, size), or None if there is no usable mask.

    A mask outlines the whole frame, as HAM10000's do; a picture is that frame or its centre
    square. The network sees the centre square of either, so that of the mask is what it saw.

    Args:
        folder: Where `<name of the image>_segmentation.png` lies.
        image: The image's file.
        size: Edge of the network's input in pixels.

    Raises:
        DatasetError: The mask cannot be read.
    """
    path = folder / f"{image.stem}{SUFFIX}"
    if not path.is_file():
        return None
    try:
        with Image.open(path) as picture:
            whole = np.asarray(picture.convert("L")) > 0
    except OSError as error:
        raise DatasetError(f"The mask {path.name} cannot be read.") from error
    region = centre_square(whole.shape[1], whole.shape[0])
    seen = whole[region.top :, region.left :][: region.side, : region.side]
    mask = enlarge(seen.astype(np.float32), size, size) >= 0.5
    return mask if mask.any() and not mask.all() else None
