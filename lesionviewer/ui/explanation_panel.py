"""Where the network looked: the reader's choices for the overlay."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSlider, QWidget

from lesionviewer.core.colormaps import COLOUR_MAPS, DIVERGING
from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.engine.explain.further import GRAD_CAM, OF_ALL_DIAGNOSES
from lesionviewer.jobs.explaining import State
from lesionviewer.ui.colour_scale import ColourScale
from lesionviewer.ui.look_line import LookLine
from lesionviewer.ui.method_words import KERAS_WAITS, METHOD_NAMES, METHOD_NOTES, METHOD_WAITS
from lesionviewer.ui.overlay_state import OverlayState
from lesionviewer.ui.widgets_choice import Choice
from lesionviewer.ui.widgets_switch import Switch
from lesionviewer.ui.widgets_text import Section, label

__all__ = ["ExplanationPanel", "OverlayState"]

_NONE = "–"


class ExplanationPanel(Section):
    """Shows an `OverlayState` and says which one the reader wants instead."""

    changed = Signal(object)  # OverlayState
    asked = Signal()  # the reader wants the chosen map now, or again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Where it looked", parent=parent)
        self._state = OverlayState()
        self._diagnoses: tuple[Diagnosis, ...] = ()
        self._top: int | None = None
        self._nothing, self._shown = False, GRAD_CAM
        self._visible = Switch("Overlay")
        self._visible.setToolTip("H; hold H to look at it for a moment")
        self.head.addWidget(self._visible)
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._opacity.setRange(0, 100)
        self._opacity.setPageStep(10)
        self._opacity.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._opacity.setAccessibleName("Opacity of the overlay")
        self._figure = label(tabular=True)
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._figure.setFixedWidth(self._figure.fontMetrics().horizontalAdvance("100 %") + 4)
        self._diagnosis, self._versus = Choice("Explained diagnosis"), Choice("Compared with")
        self._method = Choice("Method of the map")
        for method, name in METHOD_NAMES.items():
            self._method.addItem(name, method)
        self._look = LookLine()
        self._look.asked.connect(self.asked)
        self._colours = Choice("Colours of the overlay")
        for name in COLOUR_MAPS:
            self._colours.addItem(name.replace("-", " to ").capitalize(), name)
        self._contour = Switch("of the hottest fifth")
        self._contour.setAccessibleName("Contour of the hottest fifth")
        self._scale = ColourScale()
        self._sentence = label(tone="quiet", wrap=True)
        self._arrange()
        self._visible.toggled.connect(lambda on: self._want(visible=on))
        self._opacity.valueChanged.connect(lambda value: self._want(opacity=value / 100))
        self._contour.toggled.connect(lambda on: self._want(contour=on))
        self._colours.activated.connect(lambda _: self._want(colours=self._colours.currentData()))
        self._diagnosis.activated.connect(
            lambda _: self._want(diagnosis=self._diagnosis.currentData())
        )
        self._versus.activated.connect(lambda _: self._want(versus=self._versus.currentData()))
        self._method.activated.connect(lambda _: self._want(method=self._method.currentData()))
        self.set_state(self._state)

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        opacity = QHBoxLayout()
        opacity.setSpacing(8)
        opacity.addWidget(self._opacity, 1)
        opacity.addWidget(self._figure)
        grid.addWidget(_named("Opacity", self._opacity), 0, 0)
        grid.addLayout(opacity, 0, 1)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("For", self._diagnosis),
            ("Versus", self._versus),
            ("Method", self._method),
            ("Colours", self._colours),
            ("Contour", self._contour),
        )
        grid.addWidget(self._scale, 1, 0, 1, 2)
        for row, (text, widget) in enumerate(rows, start=2):
            grid.addWidget(_named(text, widget), row, 0)
            grid.addWidget(widget, row, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self._look)
        self.body.addWidget(self._sentence)

    @property
    def state(self) -> OverlayState:
        """What is chosen now."""
        return self._state

    def set_diagnoses(self, diagnoses: Sequence[Diagnosis]) -> None:
        """Offer the diagnoses of a model, in card order."""
        self._diagnoses, self._top, self._nothing = tuple(diagnoses), None, False
        for combo, first in ((self._diagnosis, "Most probable"), (self._versus, _NONE)):
            combo.clear()
            combo.addItem(first, None)
            for index, diagnosis in enumerate(self._diagnoses):
                combo.addItem(f"{diagnosis.name} ({diagnosis.code})", index)
                combo.setItemData(index + 1, diagnosis.name, Qt.ItemDataRole.ToolTipRole)
        self.set_state(replace(self._state, diagnosis=None, versus=None))

    def set_top(self, index: int | None) -> None:
        """Say which diagnosis is the most probable one of the open image."""
        self._top = index
        code = f" ({self._diagnoses[index].code})" if index is not None else ""
        self._diagnosis.setItemText(0, f"Most probable{code}")
        self._describe()

    def set_methods(self, against: Mapping[str, str]) -> None:
        """Offer the methods that can be had: those with an empty reason against them."""
        model = self._method.model()
        if isinstance(model, QStandardItemModel):
            for row in range(model.rowCount()):
                reason = against.get(self._method.itemData(row), "")
                model.item(row).setEnabled(not reason)
                self._method.setItemData(row, reason or None, Qt.ItemDataRole.ToolTipRole)
        if against.get(self._state.method):
            self._want(method=GRAD_CAM)

    def set_look(self, state: State) -> None:
        """Say how far the chosen map is, as `Explaining.state` tells; Grad-CAM is always there."""
        waits = METHOD_WAITS.get(self._state.method, KERAS_WAITS)
        self._look.show_state(state, waits)

    def set_shown(self, method: str, *, nothing: bool) -> None:
        """Say which map is on show, and whether it is empty, as `Overlay.nothing` tells."""
        self._shown, self._nothing = method, nothing
        self._describe()

    def set_state(self, state: OverlayState) -> None:
        """Show other settings, without a signal."""
        self._state = state
        with QSignalBlocker(self._visible), QSignalBlocker(self._contour):
            self._visible.setChecked(state.visible)
            self._contour.setChecked(state.contour)
        with QSignalBlocker(self._opacity):
            self._opacity.setValue(round(100 * state.opacity))
        self._figure.setText(f"{round(100 * state.opacity)} %")
        self._colours.setCurrentIndex(self._colours.findData(state.colours))
        for combo, index in ((self._diagnosis, state.diagnosis), (self._versus, state.versus)):
            combo.setCurrentIndex(0 if index is None else index + 1)
        self._method.setCurrentIndex(self._method.findData(state.method))
        self._versus.setEnabled(state.method in OF_ALL_DIAGNOSES)
        self._colours.setEnabled(state.versus is None)
        self._describe()

    def _want(self, **changes: object) -> None:
        state = replace(self._state, **changes)  # type: ignore[arg-type]
        state = state.made_by(state.method)
        if state.versus is not None and state.versus == self._explained(state):
            state = replace(state, versus=None)
        self.set_state(state)
        self.changed.emit(state)

    def _explained(self, state: OverlayState) -> int | None:
        return self._top if state.diagnosis is None else state.diagnosis

    def _describe(self) -> None:
        """Paint the scale and say what the map is; nothing is compared with itself."""
        state, explained = self._state, self._explained(self._state)
        model = self._versus.model()
        if isinstance(model, QStandardItemModel):
            for row in range(1, model.rowCount()):
                model.item(row).setEnabled(row - 1 != explained)
        name = self._diagnoses[explained].name if explained is not None else "the diagnosis"
        if state.versus is None:
            self._scale.set_colours(COLOUR_MAPS[state.colours], ("low", "", "high"))
            self._sentence.setText(
                f"The network saw no place that speaks for {name}: the map is empty "
                f"({METHOD_NAMES[self._shown]})."
                if self._nothing
                else f"Where the network saw {name}, relative to its strongest place "
                f"({METHOD_NAMES[self._shown]}). {METHOD_NOTES[self._shown]}"
            )
            return
        other = self._diagnoses[state.versus]
        code = self._diagnoses[explained].code if explained is not None else "first"
        self._scale.set_colours(
            DIVERGING, (f"more {other.code}", "alike", f"more {code}"), signed=True
        )
        self._sentence.setText(
            f"Where the network saw more of {name} than of {other.name}, and the other way round "
            f"({METHOD_NAMES[self._shown]})."
        )


def _named(text: str, widget: QWidget) -> QLabel:
    """A label that screen readers take for the name of `widget`."""
    made = label(text, tone="quiet")
    made.setBuddy(widget)
    return made
