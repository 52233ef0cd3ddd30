"""What to export, of which images, and where to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lesionviewer.core import intended_use
from lesionviewer.jobs.export_service import ExportFormat, ExportWish
from lesionviewer.ui.tokens import GRID, HEADING_PT, STRONG
from lesionviewer.ui.widgets_choice import Choice
from lesionviewer.ui.widgets_text import label, separator, set_tone

_LEAST_PX = 460


@dataclass(frozen=True, slots=True)
class _Words:
    name: str
    ending: str
    says: str


_FORMATS: Mapping[ExportFormat, _Words] = {
    ExportFormat.CSV: _Words("Table (CSV)", ".csv", "All probabilities, decisions, digests."),
    ExportFormat.JSON: _Words(
        "JSON", ".json", "As the table; lesionviewer replay computes it again and compares."
    ),
    ExportFormat.ISIC2018: _Words(
        "ISIC 2018 table", ".csv", "The probabilities in the challenge's columns."
    ),
    ExportFormat.PDF: _Words("Report (PDF)", ".pdf", "A page for each image, with its overlay."),
    ExportFormat.FOLDERS: _Words(
        "Folders by decision", "", "Copies without EXIF or other data of the files, or links."
    ),
    ExportFormat.DICOM_SR: _Words(
        "DICOM structured reports", "", "With a secondary capture each. Needs an extra."
    ),
}


class ExportDialog(QDialog):
    """Sends a wish, and shows how far it is."""

    wished = Signal(object, str, bool)  # ExportWish, which images, whether with patient data
    stop_requested = Signal()

    def __init__(
        self, scopes: Sequence[tuple[str, int]], *, patient_data: bool, parent: QWidget
    ) -> None:
        """Build the dialog.

        Args:
            scopes: Which images can be exported, in words, and how many these are.
            patient_data: Whether there is any that could go along.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.setMinimumWidth(_LEAST_PX)
        self.format, self.scope = Choice("Format"), Choice("Images")
        for kind, words in _FORMATS.items():
            self.format.addItem(words.name, kind)
        for name, count in scopes:
            self.scope.addItem(f"{name} ({count:,})", name)
        self._about = label(tone="quiet", wrap=True)
        self.links = QCheckBox("Links in place of copies")
        self.patient_data = QCheckBox("With lesions and metadata")
        self.patient_data.setVisible(patient_data)
        self.words = label(wrap=True)
        self._bar = QProgressBar(textVisible=False)
        self.go = QPushButton("Export …")
        self.go.setProperty("kind", "primary")
        self.go.clicked.connect(self._ask_place)
        self._leave = QPushButton("Close")
        self._leave.clicked.connect(self.reject)
        self._working = False
        self._lay_out()
        self.format.currentIndexChanged.connect(self._fit)
        self._fit()
        self._say("", "")

    def _lay_out(self) -> None:
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(6 * GRID, 5 * GRID, 6 * GRID, 5 * GRID)
        column.setSpacing(3 * GRID)
        column.addWidget(label("Export", points=HEADING_PT, weight=STRONG))
        grid = QGridLayout()
        grid.setHorizontalSpacing(4 * GRID)
        grid.setVerticalSpacing(2 * GRID)
        rows: list[QWidget] = [self.scope, self.format, self._about, self.links, self.patient_data]
        for place, widget in enumerate(rows):
            grid.addWidget(widget, place, 1)
        for place, name in enumerate(("Images", "Format")):
            grid.addWidget(label(name), place, 0)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addWidget(label(intended_use.SHORT, tone="quiet", wrap=True))
        column.addWidget(self._bar)
        column.addWidget(self.words)
        column.addWidget(separator())
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._leave)
        row.addWidget(self.go)
        column.addLayout(row)

    @Slot(object, object)
    def show_done(self, wish: ExportWish, lost: Sequence[str]) -> None:
        """Say where it was written, and how many pictures it had to do without."""
        words = f"Written to {wish.out}."
        images = "1 image" if len(lost) == 1 else f"{len(lost):,} images"
        missing = f" The pictures of {images} could not be read." if lost else ""
        self._say(f"{words}{missing}", "warning" if lost else "ok")

    @Slot(str)
    def show_failure(self, message: str) -> None:
        """Say why nothing was written."""
        self._say(message, "danger")

    @Slot()
    def show_stopped(self) -> None:
        """Say that the reader stopped it."""
        self._say("Stopped. Nothing was kept.", "quiet")

    @Slot(int, int)
    def show_progress(self, done: int, total: int) -> None:
        """Show how many of the images are written."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def _say(self, words: str, tone: str) -> None:
        """Say how it ended, or nothing; another export can begin."""
        self._set_working(False)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        set_tone(self.words, tone)
        self._make_room()

    def wish(self, out: Path) -> None:
        """Want what is chosen written to `out`."""
        kind = self.format.currentData()
        self._say("", "")
        self._set_working(True)
        self.show_progress(0, 0)
        self.wished.emit(
            ExportWish(kind, out, self.links.isChecked() and kind is ExportFormat.FOLDERS),
            self.scope.currentData(),
            self.patient_data.isChecked(),
        )

    def _set_working(self, working: bool) -> None:
        self._working = working
        self._bar.setVisible(working)
        self.go.setEnabled(not working)
        self._leave.setText("Stop" if working else "Close")

    def _ask_place(self) -> None:
        words = _FORMATS[self.format.currentData()]
        pattern = f"{words.name} (*{words.ending})" if words.ending else ""
        title = f"Export: {words.name}"
        name, _ = QFileDialog.getSaveFileName(self, title, f"export{words.ending}", pattern)
        if name:
            self.wish(Path(name))

    def _fit(self) -> None:
        kind = self.format.currentData()
        self._about.setText(_FORMATS[kind].says)
        self.links.setVisible(kind is ExportFormat.FOLDERS)
        self._make_room()

    def _make_room(self) -> None:
        """Be as high as the words need, which a dialog with wrapped lines does not see to."""
        self._column.activate()
        self.resize(self.width(), max(self.height(), self._column.heightForWidth(self.width())))

    # Qt overrides

    def reject(self) -> None:
        if self._working:
            self.stop_requested.emit()
        else:
            super().reject()
