"""The quick filter by diagnosis: the reader's, or while an image is undecided, the model's."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from lesionviewer.core.diagnosis import Diagnosis

_ANY = "any diagnosis"


class DiagnosisFilter(QToolButton):
    """A chip with a menu of the model's diagnoses and how many images each of them has."""

    diagnosis_chosen = Signal(str)  # code, empty for any

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Your diagnosis; while an image is undecided, the model's")
        self.setCheckable(True)
        self._menu = QMenu(self)
        self._group = QActionGroup(self)
        self._group.triggered.connect(self._on_chosen)
        self.setMenu(self._menu)
        self._diagnoses: tuple[Diagnosis, ...] = ()
        self._counts: Mapping[str, int] = {}
        self._chosen = ""
        self._fill()

    @property
    def chosen(self) -> str:
        """Code of the diagnosis that is listed, empty for any."""
        return self._chosen

    def choose(self, code: str) -> None:
        """Mark a diagnosis as the one that is listed; empty for any."""
        self._chosen = code
        self._tell()

    def set_counts(self, diagnoses: Sequence[Diagnosis], counts: Mapping[str, int]) -> None:
        """Offer `diagnoses`, with the number of images of each, by code."""
        self._counts = counts
        if tuple(diagnoses) != self._diagnoses:
            self._diagnoses = tuple(diagnoses)
            self._fill()
        self._tell()

    def _fill(self) -> None:
        for action in self._group.actions():
            self._group.removeAction(action)
            self._menu.removeAction(action)
            action.deleteLater()
        for code in ("", *(diagnosis.code for diagnosis in self._diagnoses)):
            action = QAction(self._group, checkable=True)
            action.setData(code)
            self._menu.addAction(action)
        self._tell()

    def _tell(self) -> None:
        names = {diagnosis.code: diagnosis.name for diagnosis in self._diagnoses}
        for action in self._group.actions():
            code = action.data()
            count = self._counts.get(code, 0)
            # Behind a tab, where menus have keys. A menu takes "&" for the sign of a key.
            words = f"{names[code]}\t{count:,}".replace("&", "&&") if code else "Any diagnosis"
            action.setText(words)
            action.setChecked(code == self._chosen)
        count = self._counts.get(self._chosen, 0)
        text = f"{self._chosen} {count:,}" if self._chosen else _ANY
        self.setText(text)
        self.setAccessibleName(f"Diagnosis: {text}")
        self.setChecked(bool(self._chosen))
        self.setVisible(bool(any(self._counts.values()) or self._chosen))

    def _on_chosen(self, action: QAction) -> None:
        self.choose(action.data())
        self.diagnosis_chosen.emit(self._chosen)
