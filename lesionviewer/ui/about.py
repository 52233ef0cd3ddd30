"""What the program and its model are, what they may be used for, and whose work they contain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from lesionviewer.core.card import ModelCard
from lesionviewer.core.intended_use import FULL
from lesionviewer.ui.card_facts import card_rows, in_words, metric_rows
from lesionviewer.ui.icons import app_icon
from lesionviewer.ui.tokens import STRONG, TITLE_PT
from lesionviewer.ui.widgets_scroll import scrolled, within_screen
from lesionviewer.ui.widgets_text import Notice, label


@dataclass(frozen=True, slots=True)
class Component:
    """Something the program is built on: its name, version and licence."""

    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutFacts:
    """What the box shows.

    Attributes:
        version: Of the program.
        engine: What computes the predictions, and where.
        components: Libraries in use.
        card: Of the loaded model, if one is.
        licences: Title and full text of each licence.
    """

    version: str
    engine: str = ""
    components: Sequence[Component] = ()
    card: ModelCard | None = None
    licences: Sequence[tuple[str, str]] = ()


class AboutDialog(QDialog):
    """Versions, model card and licences, under the one text on intended use."""

    def __init__(
        self, facts: AboutFacts, parent: QWidget | None = None, *, model: bool = False
    ) -> None:
        """Build the box.

        Args:
            facts: What it shows.
            parent: The window it belongs to.
            model: Whether it opens at the model's card.
        """
        super().__init__(parent)
        self._facts = facts
        self.setWindowTitle("About lesionviewer")
        self.resize(within_screen(self, QSize(680, 640)))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(12)
        column.addLayout(self._head())
        column.addWidget(Notice(FULL))
        tabs = QTabWidget()
        tabs.addTab(scrolled(_versions(facts)), "Versions")
        tabs.addTab(scrolled(_model(facts.card)), "Model")
        tabs.addTab(_licences(facts.licences), "Licences")
        tabs.setCurrentIndex(1 if model else 0)
        column.addWidget(tabs, 1)
        column.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        sign = QLabel()
        sign.setPixmap(app_icon().pixmap(QSize(48, 48), self.devicePixelRatioF()))
        row.addWidget(sign)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label("lesionviewer", points=TITLE_PT, weight=STRONG))
        words.addWidget(label(f"Version {self._facts.version}", tone="quiet"))
        row.addLayout(words, 1)
        return row

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        copy = QPushButton("Copy versions")
        copy.setToolTip("For a bug report; holds nothing of your images")
        copy.clicked.connect(self._copy)
        close = QPushButton("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def _copy(self) -> None:
        facts = self._facts
        lines = [f"lesionviewer {facts.version}", facts.engine]
        lines += [facts.card.id] if facts.card else []
        lines += [f"{part.name} {part.version}" for part in facts.components]
        QGuiApplication.clipboard().setText("\n".join(filter(None, lines)))


def _facts_page(rows: Sequence[tuple[str, str]], heads: Sequence[str] = ()) -> QWidget:
    """A page of names in quiet type with their values beside them."""
    page = QWidget()
    grid = QGridLayout(page)
    grid.setContentsMargins(0, 12, 12, 12)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    top = Qt.AlignmentFlag.AlignTop
    for place, (name, value) in enumerate(rows):
        if name in heads:
            head = label(name, weight=STRONG)
            head.setContentsMargins(0, 12, 0, 0)
            grid.addWidget(head, place, 0, 1, 2)
            continue
        grid.addWidget(label(name, tone="quiet"), place, 0, top)
        words = label(value, wrap=True, tabular=True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(words, place, 1)
    grid.setRowStretch(len(rows), 1)
    return page


def _versions(facts: AboutFacts) -> QWidget:
    rows = [("lesionviewer", f"{facts.version} · Apache-2.0")]
    rows += [(part.name, f"{part.version} · {part.licence}") for part in facts.components]
    rows += [("Engine", facts.engine)] if facts.engine else []
    return _facts_page(rows)


def _model(card: ModelCard | None) -> QWidget:
    if card is None:
        return _facts_page([("Model", "None is loaded.")])
    rows, heads = card_rows(card), []
    for split, figures in card.metrics.items():
        if isinstance(figures, Mapping):
            heads.append(f"Figures: {in_words(split).lower()}")
            rows += [(heads[-1], ""), *metric_rows(figures)]
    return _facts_page(rows, heads)


def _licences(licences: Sequence[tuple[str, str]]) -> QWidget:
    text = QPlainTextEdit()
    text.setReadOnly(True)
    text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
    text.setPlainText("\n\n\n".join(f"{title}\n\n{words.strip()}" for title, words in licences))
    return text
