"""A key whose action is undone when it is let go after a hold."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QWidget

HOLD_MS = 350
"""A key that is down for longer is held, not tapped."""


class HeldKey(QObject):
    """Watches one key of a window, by the times at which it went down and up.

    The events bring them; when they arrive says little, since a busy machine delivers late.
    """

    let_go = Signal()  # the key triggered the action, was held, and is up again

    def __init__(self, key: Qt.Key, action: QAction, window: QWidget) -> None:
        """Watch `key` in `window`, where it triggers `action`."""
        super().__init__(window)
        self._key = key
        self._pressed_ms: int | None = None
        self._held_ms: int | None = None
        window.installEventFilter(self)
        action.triggered.connect(self._on_triggered)

    @Slot()
    def _on_triggered(self) -> None:
        self._held_ms, self._pressed_ms = self._pressed_ms, None

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.key() != self._key or event.isAutoRepeat():
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            self._pressed_ms = event.timestamp() if plain else None
        elif event.type() == QEvent.Type.KeyRelease:
            held_ms, self._held_ms = self._held_ms, None
            if held_ms is not None and event.timestamp() - held_ms > HOLD_MS:
                self.let_go.emit()
        return False
