"""What is wrong with the file of sessions, and the ways out of it."""

from collections.abc import Callable

from PySide6.QtCore import QLocale, QSize, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lesionviewer.core.store.backup_list import Backup
from lesionviewer.core.store.problems import StoreProblem
from lesionviewer.jobs.session_messages import SessionFailure
from lesionviewer.ui.tokens import GRID, HEADING_PT, STRONG
from lesionviewer.ui.widgets_choice import Choice
from lesionviewer.ui.widgets_text import label, separator

_WIDTH_PX = 480
_TITLES = {
    StoreProblem.IN_USE: "The sessions are in use",
    StoreProblem.LOCKED: "The file of sessions is locked",
    StoreProblem.READ_ONLY: "The file of sessions cannot be written",
    StoreProblem.FULL: "The disk is full",
    StoreProblem.DAMAGED: "The file of sessions is damaged",
    StoreProblem.NEWER: "The file of sessions is from a newer version",
    StoreProblem.MISSING: "The file of sessions is gone",
    StoreProblem.UNREADABLE: "The file of sessions cannot be read",
}
_REPLACED = (StoreProblem.DAMAGED, StoreProblem.NEWER, StoreProblem.MISSING)
_UNTOUCHED = "Nothing in it was changed. Images can be looked at meanwhile; decisions are not kept."


class StoreDialog(QDialog):
    """Names the trouble; what the reader chooses goes out as a signal, then it closes."""

    again_requested = Signal()
    backup_chosen = Signal(object)  # Backup
    anew_requested = Signal()

    def __init__(self, failure: SessionFailure, *, opening: bool, parent: QWidget) -> None:
        """Build the dialog.

        Args:
            failure: With its problem.
            opening: Whether there is no session because of it; else one change was not kept.
            parent: Qt's owner.
        """
        super().__init__(parent)
        problem = failure.problem or StoreProblem.UNREADABLE
        self.setWindowTitle("Sessions")
        column = QVBoxLayout(self)
        column.setContentsMargins(6 * GRID, 5 * GRID, 6 * GRID, 5 * GRID)
        column.setSpacing(3 * GRID)
        column.addWidget(label(_TITLES[problem], points=HEADING_PT, weight=STRONG))
        column.addWidget(label(failure.message, wrap=True))
        if opening:
            column.addWidget(label(_UNTOUCHED, tone="quiet", wrap=True))
        if failure.folder is not None:
            column.addWidget(label(str(failure.folder), tone="quiet", wrap=True))
        replaced = opening and problem in _REPLACED
        if replaced and failure.backups:
            column.addLayout(self._backup_row(failure.backups))
        column.addWidget(separator())
        row = QHBoxLayout()
        if replaced:
            row.addWidget(self._button("Begin anew", self.anew_requested.emit))
        row.addStretch(1)
        if opening:
            row.addWidget(self._button("Try again", self.again_requested.emit))
        leave = QPushButton("Go on without saving" if opening else "Close")
        leave.setDefault(True)
        leave.clicked.connect(self.reject)
        row.addWidget(leave)
        column.addLayout(row)

    def _backup_row(self, backups: tuple[Backup, ...]) -> QHBoxLayout:
        row = QHBoxLayout()
        choice = Choice("Backup")
        for backup in backups:
            choice.addItem(_backup_words(backup), backup)
        row.addWidget(choice, 1)
        row.addWidget(
            self._button(
                "Restore this backup", lambda: self.backup_chosen.emit(choice.currentData())
            )
        )
        return row

    def _button(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)

        def press() -> None:
            self.accept()
            act()

        button.clicked.connect(press)
        return button

    # Qt overrides

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH_PX, self.heightForWidth(_WIDTH_PX))


def _backup_words(backup: Backup) -> str:
    made = backup.made.astimezone()
    size = QLocale().formattedDataSize(backup.bytes)
    return f"{made:%Y-%m-%d %H:%M} · {size}"
