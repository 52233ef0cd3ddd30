"""Undo and redo of decisions: Qt's stack over the steps that the session keeps."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QUndoCommand, QUndoStack

from lesionviewer.jobs.session_state import Steps


class _Step(QUndoCommand):
    """One step of the session; what it did, the session knows."""

    def __init__(self, undo: Callable[[], object], redo: Callable[[], object]) -> None:
        super().__init__("the last decision")
        self._undo, self._redo = undo, redo

    # Qt overrides

    def undo(self) -> None:
        self._undo()

    def redo(self) -> None:
        self._redo()


class DecisionSteps(QUndoStack):
    """Follows what is committed: after a restart the steps of the session before are there."""

    def __init__(
        self,
        undo: QAction,
        redo: QAction,
        *,
        take_back: Callable[[], object],
        do_again: Callable[[], object],
    ) -> None:
        """Take over two actions.

        Args:
            undo: Takes the last step back.
            redo: Does it again.
            take_back: Asks the session for the one.
            do_again: Asks the session for the other.
        """
        super().__init__()
        self._take_back, self._do_again = take_back, do_again
        self._mirroring = False
        undo.triggered.connect(self.undo)
        redo.triggered.connect(self.redo)
        self.canUndoChanged.connect(undo.setEnabled)
        self.canRedoChanged.connect(redo.setEnabled)
        undo.setEnabled(False)
        redo.setEnabled(False)

    def follow(self, steps: Steps) -> None:
        """Hold as many steps as the session does; what they are, only it knows."""
        if (self.index(), self.count() - self.index()) == (steps.undo, steps.redo):
            return
        self._mirroring = True
        if steps.redo or not self.index() < steps.undo:
            self.clear()
        for _ in range(steps.undo + steps.redo - self.index()):
            self.push(_Step(self._on_undo, self._on_redo))
        self.setIndex(steps.undo)
        self._mirroring = False

    def _on_undo(self) -> None:
        if not self._mirroring:
            self._take_back()

    def _on_redo(self) -> None:
        if not self._mirroring:
            self._do_again()
