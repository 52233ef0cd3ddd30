"""From decoded pixels to what the image view paints."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from lesionviewer.ui.image_view_paint import make_pyramid


def prepare_picture(pixels: NDArray[np.uint8]) -> list[QImage]:
    """Return the picture at full size and each time half as large. Safe in any thread.

    Args:
        pixels: RGB, (height, width, 3), 0 to 255.
    """
    height, width = pixels.shape[:2]
    packed = np.ascontiguousarray(pixels)
    return make_pyramid(QImage(packed.data, width, height, 3 * width, QImage.Format.Format_RGB888))
