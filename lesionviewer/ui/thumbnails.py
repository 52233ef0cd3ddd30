"""Thumbnails within a bound of memory, the longest unused dropped first."""

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPixmap

_BYTES_A_PIXEL = 4


class ThumbnailCache:
    """Pixmaps by image."""

    def __init__(self, budget_bytes: int = 96 << 20) -> None:
        self._budget = budget_bytes
        self._used = 0
        self._pixmaps: OrderedDict[int, QPixmap] = OrderedDict()

    def __contains__(self, image: int) -> bool:
        return image in self._pixmaps

    @property
    def full(self) -> bool:
        """Whether one more would push another out."""
        return self._used > 0.9 * self._budget

    def get(self, image: int) -> QPixmap | None:
        """Return the thumbnail of `image` and count it as just used."""
        pixmap = self._pixmaps.get(image)
        if pixmap is not None:
            self._pixmaps.move_to_end(image)
        return pixmap

    def put(self, image: int, pixels: NDArray[np.uint8]) -> None:
        """Keep a thumbnail.

        Args:
            image: Position in the set.
            pixels: RGB, (height, width, 3), 0 to 255.
        """
        self.drop(image)
        height, width = pixels.shape[:2]
        packed = np.ascontiguousarray(pixels)
        picture = QImage(packed.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self._pixmaps[image] = QPixmap.fromImage(picture)
        self._used += width * height * _BYTES_A_PIXEL
        while self._used > self._budget and len(self._pixmaps) > 1:
            self.drop(next(iter(self._pixmaps)))

    def drop(self, image: int) -> None:
        """Forget the thumbnail of `image`, if there is one."""
        pixmap = self._pixmaps.pop(image, None)
        if pixmap is not None:
            self._used -= pixmap.width() * pixmap.height() * _BYTES_A_PIXEL

    def clear(self) -> None:
        """Forget all."""
        self._pixmaps.clear()
        self._used = 0
