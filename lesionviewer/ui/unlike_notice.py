"""Above all figures: that the picture is none that the model can judge."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from lesionviewer.ui.doubt_words import UNLIKE
from lesionviewer.ui.tokens import STRONG
from lesionviewer.ui.widgets_text import Notice, label

_NEAR, _FAR = 1.1, 10
"""Below the first a multiple takes two digits; above the second it tells no more than "far"."""


class UnlikeNotice(Notice):
    """A heading and one sentence; hidden while there is no such picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        self._heading = label(UNLIKE, weight=STRONG, wrap=True)
        self._sentence = label(tone="quiet", wrap=True)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self._heading)
        column.addWidget(self._sentence)
        self.set_content(column)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, empty while it is hidden."""
        shown = not self.isHidden()
        return f"{self._heading.text()}. {self._sentence.text()}" if shown else ""

    def show_outlier(self, outlier: float | None) -> None:
        """Show how far the picture is off, as a multiple of the threshold, or hide."""
        unlike = outlier is not None and outlier > 1
        self.setVisible(unlike)
        if outlier is None or not unlike:
            return
        digits = 2 if outlier < _NEAR else 1
        far = f"{outlier:.{digits}f} times" if outlier < _FAR else "more than ten times"
        self._sentence.setText(
            f"It is {far} as far off as 95 of 100 known pictures are at most. The figures below "
            "mean little for it."
        )
        self.setAccessibleName(self.words)
