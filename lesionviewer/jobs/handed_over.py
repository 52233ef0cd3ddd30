"""Tells the window of paths that a later start of the program hands over."""

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal, Slot

from lesionviewer.core.handover import Reception


class HandedOver(QObject):
    """Watches a reception."""

    arrived = Signal(object)  # list[Path]; empty if the window is only to show itself

    def __init__(self, reception: Reception, parent: QObject | None = None) -> None:
        """Begin to watch.

        Args:
            reception: Stays the caller's.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._reception = reception
        self._watcher = QFileSystemWatcher([str(reception.inbox)], self)
        self._watcher.directoryChanged.connect(self._look)

    @Slot()
    def _look(self) -> None:
        for paths in self._reception.take():
            self.arrived.emit(paths)
