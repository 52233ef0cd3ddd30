"""News for the window, gathered for a moment: many results, one look at the list."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

_GATHER_MS = 60


class Updates(QObject):
    """Collects changed images and thumbnails until `due`."""

    due = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed: set[int] = set()
        self._thumbnails: dict[int, NDArray[np.uint8]] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_GATHER_MS)
        self._timer.timeout.connect(self.due)

    def note(self, *images: int) -> None:
        """Note that images changed; `due` follows soon, also for none."""
        self._changed.update(images)
        if not self._timer.isActive():
            self._timer.start()

    def note_thumbnail(self, image: int, pixels: NDArray[np.uint8]) -> None:
        """Note a thumbnail that was made."""
        self._thumbnails[image] = pixels
        self.note()

    def take(self) -> tuple[list[int], list[tuple[int, NDArray[np.uint8]]]]:
        """Return the changed images in order and the new thumbnails, and begin anew."""
        changed, thumbnails = sorted(self._changed), list(self._thumbnails.items())
        self.clear()
        return changed, thumbnails

    def clear(self) -> None:
        """Forget what was noted."""
        self._timer.stop()
        self._changed.clear()
        self._thumbnails.clear()
