"""Selecting several images of the list by mouse and keys."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView

from lesionviewer.ui.image_list_model import ImageListModel
from lesionviewer.ui.image_selection import ImageSelection

_Action = QAbstractItemView.CursorAction
_CURSOR = {
    Qt.Key.Key_Up: _Action.MoveUp,
    Qt.Key.Key_Down: _Action.MoveDown,
    Qt.Key.Key_Left: _Action.MoveLeft,
    Qt.Key.Key_Right: _Action.MoveRight,
    Qt.Key.Key_Home: _Action.MoveHome,
    Qt.Key.Key_End: _Action.MoveEnd,
}
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


class Selecting(QObject):
    """Takes clicks with Ctrl or Shift, and cursor keys with Shift, before the list does."""

    extended = Signal(int)  # image that the reader went to with what lies between

    def __init__(
        self, view: QAbstractItemView, model: ImageListModel, selection: ImageSelection
    ) -> None:
        """Watch `view`, which shows `model`, and select in `selection`."""
        super().__init__(view)
        self._view, self._model, self._selection = view, model, selection
        view.installEventFilter(self)
        view.viewport().installEventFilter(self)

    def _click(self, event: QMouseEvent) -> bool:
        index = self._view.indexAt(event.position().toPoint())
        image, marked = self._image(index), self._image(self._view.currentIndex())
        if image >= 0 and event.modifiers() & _SHIFT:
            self._selection.extend(image, marked)
        elif image >= 0 and event.modifiers() & _CONTROL:
            self._selection.toggle(image, marked)
        else:
            self._selection.clear()
            return False
        return True

    def _press(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape and len(self._selection):
            self._selection.clear()
            return True
        action = _CURSOR.get(Qt.Key(event.key()))
        if action is None or not event.modifiers() & _SHIFT:
            return False
        index = self._view.moveCursor(action, event.modifiers())
        image, marked = self._image(index), self._image(self._view.currentIndex())
        if image not in (-1, marked):
            self._selection.extend(image, marked)
            self.extended.emit(image)
        return True

    def _image(self, index: QModelIndex) -> int:
        return self._model.image_at(index.row())

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            return self._click(event)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._press(event)
        return False
