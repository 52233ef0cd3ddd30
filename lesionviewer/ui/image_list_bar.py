"""Above the list: what it is ordered by, which images it shows, tiles or rows."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lesionviewer.core.arranging import Show, SortKey, Tally
from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.review_images import MALIGNANT_FROM, Counts
from lesionviewer.ui.bars import point
from lesionviewer.ui.diagnosis_filter import DiagnosisFilter
from lesionviewer.ui.icons import icon
from lesionviewer.ui.image_list_delegate import Layout
from lesionviewer.ui.tokens import GRID
from lesionviewer.ui.widgets_flow import FlowLayout

_SORT_PX = 220
_TIPS = {
    Show.ALL: "Every image",
    Show.UNDECIDED: "Images that you have still to decide",
    Show.DECIDED: "Images that you decided",
    Show.DISAGREEMENT: "Images for which you and the model name different diagnoses",
    Show.FLAGGED: "Images that you flagged",
    Show.STARRED: "Images that you starred",
    Show.MALIGNANT: "Malignant probability of {} or more",
    Show.UNLIKE: "Images unlike the pictures this model learned from",
    Show.QUALITY: "Images with this flag, from the quality sheet",
    Show.FAILED: "Images that cannot be read",
}


class ImageListBar(QWidget):
    """Two rows of quiet buttons."""

    key_chosen = Signal(object)  # SortKey
    show_chosen = Signal(object)  # Show
    diagnosis_chosen = Signal(str)  # code, empty for any
    layout_chosen = Signal(object)  # Layout

    def __init__(self) -> None:
        super().__init__()
        self._sort = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self._sort.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._sort.setIcon(icon("sort"))
        self._sort.setAccessibleName("Sort by")
        self._sort.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._make_sort_menu()
        self._layouts = {
            Layout.GRID: _tool("grid", "Tiles (G)"),
            Layout.LIST: _tool("list", "Rows (G)"),
        }
        self._chips = {show: QToolButton() for show in Show}
        self._flag, self._flagged = "", 0
        upper, chip_line = QHBoxLayout(), QWidget()
        lower = FlowLayout(chip_line, gap=GRID // 2)
        self._sort.setMaximumWidth(_SORT_PX)
        upper.addWidget(self._sort, 1)
        upper.addStretch(0)
        for layout, button in self._layouts.items():
            button.clicked.connect(lambda _=False, kind=layout: self.layout_chosen.emit(kind))
            upper.addWidget(button)
        chips = QButtonGroup(self)
        for show, chip in self._chips.items():
            chip.setCheckable(True)
            chip.setToolTip(_TIPS[show])
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.clicked.connect(lambda _=False, wanted=show: self.show_chosen.emit(wanted))
            chips.addButton(chip)
            lower.addWidget(chip)
        self._diagnosis = DiagnosisFilter()
        self._diagnosis.diagnosis_chosen.connect(self.diagnosis_chosen)
        lower.addWidget(self._diagnosis)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, GRID)
        column.setSpacing(GRID)
        upper.setSpacing(GRID // 2)
        column.addLayout(upper)
        column.addWidget(chip_line)
        self._chip_line = chip_line
        self.set_threshold(MALIGNANT_FROM)
        self.choose(Show.ALL)
        self.mark_layout(Layout.GRID)
        self.set_counts(Counts(), Tally(), marks=False)

    def choose(self, show: Show, diagnosis: str = "") -> None:
        """Mark a quick filter as the one in use, and the code of a diagnosis, if any."""
        self._chips[show].setChecked(True)
        self._diagnosis.choose(diagnosis)

    def choose_key(self, key: SortKey) -> None:
        """Mark what the list is ordered by."""
        self._sort.setText(key.value)
        for action in self._keys.actions():
            action.setChecked(action.data() is key)

    def set_threshold(self, threshold: float) -> None:
        """Say from which malignant probability on images are flagged, 0.0 to 1.0."""
        self._chips[Show.MALIGNANT].setToolTip(_TIPS[Show.MALIGNANT].format(point(threshold)))

    def set_flag(self, name: str, count: int) -> None:
        """Say which quality flag `Show.QUALITY` looks for, in words, and how often it found it."""
        self._flag, self._flagged = name, count

    def chip_text(self, show: Show) -> str:
        """Return what a quick filter says."""
        return self._chips[show].text()

    def offers(self, show: Show) -> bool:
        """Return whether a quick filter can be chosen."""
        return not self._chips[show].isHidden()

    def mark_layout(self, layout: Layout) -> None:
        """Mark tiles or rows as what is shown."""
        self._layouts[layout].setChecked(True)

    def set_diagnoses(self, diagnoses: Sequence[Diagnosis], counts: Mapping[str, int]) -> None:
        """Offer diagnoses to look for, with the number of images of each, by code."""
        self._diagnosis.set_counts(diagnoses, counts)
        self._chip_line.updateGeometry()

    def set_counts(self, counts: Counts, tally: Tally, *, marks: bool) -> None:
        """Show how many images each quick filter finds; most only where they find any.

        Args:
            counts: Of the set.
            tally: What of it the reader decided or marked.
            marks: Whether the model marks any diagnosis as malignant.
        """
        numbers = {
            Show.ALL: counts.total,
            Show.UNDECIDED: counts.total - tally.decided,
            Show.DECIDED: tally.decided,
            Show.DISAGREEMENT: tally.disagreeing,
            Show.FLAGGED: tally.flagged,
            Show.STARRED: tally.starred,
            Show.MALIGNANT: counts.malignant,
            Show.UNLIKE: counts.unlike,
            Show.QUALITY: self._flagged,
            Show.FAILED: counts.failed,
        }
        for show, chip in self._chips.items():
            name = self._flag.lower() if show is Show.QUALITY else show.value
            chip.setText(f"{name} {numbers[show]:,}" if numbers[show] else name)
        offered = {show: bool(number) for show, number in numbers.items()} | {
            Show.ALL: True,
            Show.UNDECIDED: bool(tally.decided),
            Show.MALIGNANT: marks,
            Show.QUALITY: False,
        }
        for show, chip in self._chips.items():
            chip.setVisible(offered[show] or chip.isChecked())
        self._chip_line.updateGeometry()

    def _make_sort_menu(self) -> None:
        menu, group = QMenu(self), QActionGroup(self)
        self._keys = group
        for key in SortKey:
            action = QAction(key.value, group, checkable=True)
            action.setData(key)
            menu.addAction(action)
        group.triggered.connect(self._on_sort)
        group.actions()[0].setChecked(True)
        self._sort.setMenu(menu)
        self._sort.setText(SortKey.NAME.value)

    def _on_sort(self, action: QAction) -> None:
        self._sort.setText(action.data().value)
        self.key_chosen.emit(action.data())


def _tool(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setCheckable(True)
    button.setAutoExclusive(True)
    button.setIcon(icon(name))
    button.setIconSize(QSize(16, 16))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
