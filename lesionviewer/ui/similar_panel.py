"""The reference images most like the open image, with their confirmed diagnoses."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.engine.doubt.library import SimilarCase
from lesionviewer.jobs.similar_cases import COUNT, SimilarCases
from lesionviewer.ui.similar_row import SimilarRow
from lesionviewer.ui.widgets_fold import Fold
from lesionviewer.ui.widgets_text import label

_SENTENCE = "Alike as the network sees them, by the cosine of what it makes of the pictures."


class SimilarPanel(Fold):
    """Asks only while it is unfolded; hidden where the model came without reference images."""

    def __init__(self, search: SimilarCases, parent: QWidget | None = None) -> None:
        """Build the part.

        Args:
            search: Finds the cases.
            parent: Qt's owner.
        """
        super().__init__("Similar cases", parent)
        self._search = search
        self._image = -1
        self._reduced: NDArray[np.float32] | None = None
        self._rows = [SimilarRow() for _ in range(COUNT)]
        for row in self._rows:
            row.hide()
            self.body.addWidget(row)
        self._sentence = label(_SENTENCE, tone="quiet", wrap=True)
        self.body.addWidget(self._sentence)
        self.unfolded.connect(lambda _: self._ask())
        search.found.connect(self._on_found)
        search.pictured.connect(self._on_picture)
        search.offered.connect(self._on_offered)
        self._fit()

    @property
    def shown(self) -> list[str]:
        """What the rows say, as screen readers hear it."""
        return [row.accessibleName() for row in self._rows if not row.isHidden()]

    def row(self, place: int) -> SimilarRow:
        """Return the row of the case at `place`, the nearest being 0."""
        return self._rows[place]

    def set_diagnoses(self, diagnoses: Sequence[Diagnosis]) -> None:
        """Take the names and colours of the model's diagnoses."""
        for row in self._rows:
            row.set_diagnoses(diagnoses)

    def show_for(self, image: int, reduced: NDArray[np.float32] | None) -> None:
        """Show what is most like `image`.

        Args:
            image: Position of the open image, -1 for none.
            reduced: Its reduced embedding, (r,); None where there is none (yet).
        """
        same = reduced is not None and self._reduced is not None and image == self._image
        if same and np.array_equal(reduced, self._reduced):  # type: ignore[arg-type]
            return
        self._image, self._reduced = image, reduced
        self._search.drop()
        for row in self._rows:
            row.hide()
        self._fit()
        self._ask()

    def _ask(self) -> None:
        if self._reduced is not None and self.is_unfolded and self._search.available:
            self._search.ask(self._image, self._reduced)

    def _fit(self) -> None:
        self.setVisible(self._search.available and self._reduced is not None)

    @Slot(bool)
    def _on_offered(self, _: bool) -> None:
        self._fit()

    @Slot(int, object)
    def _on_found(self, image: int, cases: Sequence[SimilarCase]) -> None:
        if image != self._image:
            return
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(cases))
            if place < len(cases):
                row.show_case(cases[place])

    @Slot(int, int, object)
    def _on_picture(self, image: int, place: int, pixels: NDArray[np.uint8]) -> None:
        if image == self._image:
            self._rows[place].show_picture(pixels)
