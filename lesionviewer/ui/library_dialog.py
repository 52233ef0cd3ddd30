"""The reader's own confirmed images, among which similar cases are looked for too."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lesionviewer.engine.doubt.own_library import KeptLibrary
from lesionviewer.jobs.own_libraries import OwnLibraries
from lesionviewer.ui.tokens import HEADING_PT, STRONG
from lesionviewer.ui.widgets_text import ElidedLabel, label, separator

_WIDTH_PX = 520
_SENTENCE = (
    "Similar cases are looked for among these images too, and shown with their pictures. Choose a "
    "folder with a sub-folder for each diagnosis, or a table (CSV with image_id and dx) beside its "
    "pictures. The pictures stay where they are; for another model they have to be added again."
)
_NONE = "There are none yet."


class LibraryDialog(QDialog):
    """A row for each library; adding goes on while the dialog is open."""

    def __init__(self, libraries: OwnLibraries, parent: QWidget | None = None) -> None:
        """Build the dialog and ask which libraries there are.

        Args:
            libraries: Does the work.
            parent: The window it belongs to.
        """
        super().__init__(parent)
        self._libraries = libraries
        self._rows: list[QWidget] = []
        self.setWindowTitle("Own reference images")
        self.setFixedWidth(_WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("Own reference images", points=HEADING_PT, weight=STRONG))
        column.addWidget(label(_SENTENCE, tone="quiet", wrap=True))
        column.addWidget(separator())
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        column.addLayout(self._list)
        self._none = label(_NONE, tone="quiet")
        column.addWidget(self._none)
        column.addWidget(separator())
        column.addWidget(self._build_progress())
        self._said = label(wrap=True)
        self._said.hide()
        column.addWidget(self._said)
        column.addLayout(self._build_foot())
        libraries.listed.connect(self._on_listed)
        libraries.progressed.connect(self._on_progress)
        libraries.said.connect(self._on_said)
        libraries.refresh()

    def _build_progress(self) -> QWidget:
        self._working = QWidget()
        row = QHBoxLayout(self._working)
        row.setContentsMargins(0, 0, 0, 0)
        self._count = label(tone="quiet", tabular=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Images looked at")
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self._libraries.cancel)
        for widget in (self._count, self._bar, cancel):
            row.addWidget(widget)
        row.setStretch(1, 1)
        self._working.hide()
        return self._working

    def _build_foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._adders = [QPushButton("Add folder …"), QPushButton("Add table …")]
        for button, ask in zip(self._adders, (self._ask_folder, self._ask_table), strict=True):
            button.setAutoDefault(False)
            button.clicked.connect(ask)
            row.addWidget(button)
        row.addStretch(1)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row.addWidget(close)
        return row

    @property
    def words(self) -> list[str]:
        """What the rows say."""
        return [row.accessibleName() for row in self._rows]

    @property
    def said(self) -> str:
        """How the last piece of work ended."""
        return "" if self._said.isHidden() else self._said.text()

    def add(self, source: Path) -> None:
        """Begin to add a folder or a table."""
        self._said.hide()
        self._set_working(True)
        self._count.setText("Looking for images …")
        self._bar.setRange(0, 1)
        self._bar.setValue(0)
        self._libraries.add(source)

    def _ask_folder(self) -> None:
        if name := QFileDialog.getExistingDirectory(self, "Folder with a sub-folder a diagnosis"):
            self.add(Path(name))

    def _ask_table(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, "Table of confirmed images", "", "Tables (*.csv *.tsv *.txt);;All files (*)"
        )
        if name:
            self.add(Path(name))

    def _set_working(self, working: bool) -> None:
        self._working.setVisible(working)
        for button in self._adders:
            button.setEnabled(not working)

    @Slot(object)
    def _on_listed(self, kept: Sequence[KeptLibrary]) -> None:
        for row in self._rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._row(library) for library in kept]
        for row in self._rows:
            self._list.addWidget(row)
        self._none.setVisible(not kept)
        self._set_working(self._libraries.busy)

    def _row(self, kept: KeptLibrary) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        facts = _facts(kept)
        row.setAccessibleName(f"{kept.name}: {facts}")
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(ElidedLabel(kept.name))
        names.addWidget(label(facts, tone="quiet", wrap=True))
        line.addLayout(names, 1)
        remove = QPushButton("Remove")
        remove.setAutoDefault(False)
        remove.setAccessibleName(f"Remove {kept.name}")
        remove.clicked.connect(lambda: self._libraries.remove(kept.folder))
        line.addWidget(remove, 0, Qt.AlignmentFlag.AlignTop)
        return row

    @Slot(int, int)
    def _on_progress(self, done: int, total: int) -> None:
        self._count.setText(f"{done:,} of {total:,}")
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    @Slot(str)
    def _on_said(self, words: str) -> None:
        self._said.setText(words)
        self._said.show()

    # Qt overrides

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            # No window takes by itself the height that wrapped words need at its width.
            self.setFixedHeight(self.heightForWidth(_WIDTH_PX))
        return handled


def _facts(kept: KeptLibrary) -> str:
    if kept.library is None:
        return kept.reason
    images = kept.library.images
    codes = sorted({image.diagnosis for image in images})
    return f"{len(images):,} images · {', '.join(codes)}"
