"""Pictures with one bright spot, for the network that looks at nothing else."""

import numpy as np


def spot_picture(row: int, column: int, *, size: int = 224, width: int = 40) -> np.ndarray:
    """Return a dark RGB picture with a bright square of `width` from (row, column) on."""
    picture = np.full((size, size, 3), 20, np.uint8)
    picture[row : row + width, column : column + width] = 250
    return picture


def spot_mask(row: int, column: int, *, size: int = 224, width: int = 40) -> np.ndarray:
    """Return where the spot of such a picture is, (size, size)."""
    return spot_picture(row, column, size=size, width=width)[..., 0] > 100
