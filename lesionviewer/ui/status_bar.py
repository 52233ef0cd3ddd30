"""The bar at the bottom: what classifies, with which model, and what none of it is for."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from lesionviewer.core import intended_use
from lesionviewer.engine.selection import Chosen
from lesionviewer.ui.icons import icon_pixmap
from lesionviewer.ui.theme import current_tokens
from lesionviewer.ui.tokens import GRID, STRONG
from lesionviewer.ui.widgets_text import ElidedLabel, label, separator

_REASONS_PX = 360
_ENGINE_PX = 120
"""What the engine's name is left with before a button gives way to it."""
_SIGN_PX = 16


class StatusBar(QWidget):
    """Always in sight, in one line."""

    retry_requested = Signal()
    card_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._engine = ElidedLabel("Starting the classifier …", quiet=True)
        self._failed = False
        self._reasons: tuple[str, ...] = ()
        self._sign = QLabel()
        self._sign.hide()
        self._why = _flat("Why not faster?")
        self._why.setMenu(QMenu(self._why))
        self._retry = _flat("Try again")
        self._retry.clicked.connect(self.retry_requested)
        self._model = _flat("")
        self._model.setToolTip("About this model")
        self._model.clicked.connect(self.card_requested)
        self._purpose = label(intended_use.SHORT, tone="quiet")
        self._purpose.setToolTip(intended_use.FULL)
        row = QHBoxLayout()
        row.setContentsMargins(3 * GRID, 2, 3 * GRID, 2)
        row.setSpacing(2 * GRID)
        self._engine.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row.addWidget(self._sign)
        row.addWidget(self._engine)
        for button in (self._why, self._retry, self._model):
            button.hide()
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._purpose)
        row.addStrut(self._retry.sizeHint().height())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(separator())
        column.addLayout(row)

    @property
    def words(self) -> str:
        """What it says of the engine."""
        return self._engine.accessibleName()

    @property
    def purpose(self) -> str:
        """What it says of the intended use."""
        return self._purpose.text()

    def show_starting(self) -> None:
        """Say that the engine is on its way."""
        self._say("Starting the classifier …", reasons=(), failed=False)

    def show_engine(self, chosen: Chosen) -> None:
        """Show what classifies, why nothing faster does, and the model."""
        self._say(chosen.classifier.name, reasons=chosen.reasons, failed=False)
        self._model.setText(chosen.classifier.card.id)
        self._fit()

    def show_failure(self, message: str) -> None:
        """Show why nothing is classified."""
        self._say(message, reasons=(), failed=True)

    def _say(self, words: str, *, reasons: Sequence[str], failed: bool) -> None:
        self._engine.set_text(words)
        self._failed, self._reasons = failed, tuple(reasons)
        self._sign.setVisible(failed)
        colour, ratio = current_tokens().danger, self.devicePixelRatioF()
        self._sign.setPixmap(icon_pixmap("error", colour, size=_SIGN_PX, ratio=ratio))
        menu = self._why.menu()
        menu.clear()
        menu.addAction(_reasons_card(menu, reasons))
        self._fit()

    def _fit(self) -> None:
        """Show the buttons that have room; the purpose is never the one to go."""
        engine = min(_ENGINE_PX, self._engine.sizeHint().width())
        room = self.width() - self._purpose.sizeHint().width() - engine - 12 * GRID
        for button, wanted in (
            (self._retry, self._failed),
            (self._model, bool(self._model.text())),
            (self._why, bool(self._reasons)),
        ):
            room -= button.sizeHint().width() + 2 * GRID if wanted else 0
            button.setVisible(wanted and room >= 0)

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        least = self._purpose.sizeHint().width() + _ENGINE_PX + 8 * GRID
        return QSize(least, super().minimumSizeHint().height())


def _flat(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("kind", "flat")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _reasons_card(menu: QMenu, reasons: Sequence[str]) -> QWidgetAction:
    card = QWidget()
    column = QVBoxLayout(card)
    column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
    column.setSpacing(2 * GRID)
    column.addWidget(label("Faster engines that were not taken", weight=STRONG))
    for reason in reasons:
        line = label(reason, wrap=True)
        line.setMinimumWidth(_REASONS_PX)
        column.addWidget(line)
    action = QWidgetAction(menu)
    action.setDefaultWidget(card)
    return action
