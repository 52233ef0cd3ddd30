"""What the reader decides: a key a diagnosis, and whether it is on the disk."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.store.decision import Decision
from lesionviewer.ui.actions import DECIDED_BY_KEY, Actions
from lesionviewer.ui.note_field import NoteField
from lesionviewer.ui.tokens import GRID
from lesionviewer.ui.widgets_flow import FlowLayout
from lesionviewer.ui.widgets_text import Section, label, plain_tip, set_tone

_TITLE = "Your decision"
_NOTHING = Decision()


class DecisionPanel(QWidget):
    """Shows a decision as committed, and sends what the reader wants."""

    diagnosis_chosen = Signal(str)  # code
    note_written = Signal(str)
    note_left = Signal()  # the reader is done writing
    why_requested = Signal()  # what keeps decisions from being saved

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        """Build the panel.

        Args:
            actions: Its buttons trigger them.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self._chips: dict[str, QPushButton] = {}
        section = Section(_TITLE)
        self._heading = section.heading
        self._saved = QPushButton()
        self._saved.setProperty("kind", "flat")
        self._saved.clicked.connect(self.why_requested)
        self._quiet = label(tone="quiet")
        section.head.addWidget(self._saved)
        section.head.addWidget(self._quiet)
        self._diagnoses = QWidget()
        self._flow = FlowLayout(self._diagnoses, gap=GRID)
        section.body.addWidget(self._diagnoses)
        others = QWidget()
        line = FlowLayout(others, gap=GRID)
        self._agree = _action_chip("Enter  agree", actions.agree)
        self._unsure = _action_chip("U  unsure", actions.unsure)
        self._poor = _action_chip("Q  poor image", actions.poor_image)
        self._flag = _action_chip("F  flag", actions.flag)
        self._star = _action_chip("S  star", actions.star)
        self._own = [self._agree, self._unsure, self._poor, self._flag, self._star]
        for chip in self._own:
            line.addWidget(chip)
        section.body.addWidget(others)
        self.note = NoteField()
        self.note.written.connect(self.note_written)
        self.note.left.connect(self.note_left)
        section.body.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(section)
        self.show_saved("")
        self.show_decision(None, count=0)

    @property
    def saved_words(self) -> str:
        """What it says of the disk."""
        return self._quiet.text() or self._saved.text()

    @property
    def title(self) -> str:
        """What it is about."""
        return self._heading.text()

    def chip(self, code: str) -> QPushButton:
        """Return the button of a diagnosis.

        Raises:
            KeyError: The model does not know it.
        """
        return self._chips[code]

    def set_diagnoses(self, diagnoses: Sequence[Diagnosis]) -> None:
        """Offer the diagnoses of the model, in card order."""
        for chip in self._chips.values():
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = {}
        for place, diagnosis in enumerate(diagnoses):
            key = f"{place + 1}  " if place < DECIDED_BY_KEY else ""
            code = diagnosis.code
            chip = _chip(f"{key}{code}", partial(self.diagnosis_chosen.emit, code))
            chip.setToolTip(plain_tip(diagnosis.name))
            chip.setAccessibleName(diagnosis.name)
            self._chips[code] = chip
            self._flow.addWidget(chip)
        self._diagnoses.setVisible(bool(self._chips))

    def show_decision(self, decision: Decision | None, *, count: int, top: str = "") -> None:
        """Show what holds.

        Args:
            decision: Of the open image; None for none.
            count: Images that the next decision is about; 0 for none.
            top: Code that the model holds most probable; empty if there is none.
        """
        held = decision or _NOTHING
        self._heading.setText(f"{_TITLE} · {count:,} images" if count > 1 else _TITLE)
        for code, chip in self._chips.items():
            chip.setChecked(code == held.diagnosis)
        self._agree.setText(f"Enter  agree: {top}".replace("&", "&&") if top else "Enter  agree")
        self._agree.setChecked(False)
        self._agree.setEnabled(bool(top) or count > 1)
        self._unsure.setChecked(held.unsure)
        self._poor.setChecked(held.poor_image)
        self._flag.setChecked(held.flag)
        self._star.setChecked(held.star)
        self.note.show_note(held.note)
        for widget in (*self._chips.values(), *self._own[1:], self.note):
            widget.setEnabled(count > 0)

    def show_saved(self, words: str, *, tone: str = "quiet", why: bool = False) -> None:
        """Say how decisions stand with the disk.

        Args:
            words: Such as "Saved"; empty for nothing.
            tone: As of `label`.
            why: Whether the words are a button that tells more.
        """
        self._saved.setText(words if why else "")
        self._saved.setVisible(why)
        self._quiet.setText("" if why else words)
        set_tone(self._quiet, tone)


def _action_chip(text: str, action: QAction) -> QPushButton:
    chip = _chip(text, action.trigger)
    chip.setToolTip(action.toolTip())
    chip.setAccessibleName(action.text())
    return chip


def _chip(text: str, press: Callable[[], None]) -> QPushButton:
    chip = QPushButton(text.replace("&", "&&"))
    chip.setProperty("kind", "chip")
    chip.setCheckable(True)
    chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def pressed() -> None:
        # What is checked is what holds on the disk, not what was pressed.
        chip.setChecked(not chip.isChecked())
        press()

    chip.clicked.connect(pressed)
    return chip
