"""The reader's choices for the overlay."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QSlider
from pytestqt.qtbot import QtBot

from lesionviewer.core.colormaps import COLOUR_MAPS, DIVERGING
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES, Diagnosis
from lesionviewer.engine.explain.further import FINE, GRAD_CAM, OCCLUSION
from lesionviewer.ui.colour_scale import ColourScale
from lesionviewer.ui.explanation_panel import ExplanationPanel, OverlayState
from lesionviewer.ui.widgets_switch import Switch


@pytest.fixture
def panel(qtbot: QtBot) -> ExplanationPanel:
    made = ExplanationPanel()
    qtbot.addWidget(made)
    made.resize(340, 400)
    made.set_diagnoses(HAM10000_DIAGNOSES)
    made.set_top(4)
    made.show()
    qtbot.waitExposed(made)
    return made


def combo(panel: ExplanationPanel, name: str) -> QComboBox:
    return next(c for c in panel.findChildren(QComboBox) if c.accessibleName() == name)


def choose(qtbot: QtBot, box: QComboBox, steps: int) -> None:
    for _ in range(steps):
        qtbot.keyClick(box, Qt.Key.Key_Down)


def words(panel: ExplanationPanel) -> str:
    return " | ".join(w.text() for w in panel.findChildren(QLabel))


def test_the_default_map_exists() -> None:
    assert OverlayState().colours in COLOUR_MAPS


def test_the_switches_say_what_is_wanted(qtbot: QtBot, panel: ExplanationPanel) -> None:
    overlay, contour = panel.findChildren(Switch)
    with qtbot.waitSignal(panel.changed) as changed:
        qtbot.mouseClick(overlay, Qt.MouseButton.LeftButton)
    assert changed.args == [OverlayState(visible=False)]
    with qtbot.waitSignal(panel.changed) as changed:
        qtbot.keyClick(contour, Qt.Key.Key_Space)
    assert changed.args == [OverlayState(visible=False, contour=False)]
    assert panel.state == changed.args[0]


def test_the_slider_says_the_opacity(qtbot: QtBot, panel: ExplanationPanel) -> None:
    slider = panel.findChild(QSlider)
    assert slider
    with qtbot.waitSignal(panel.changed) as changed:
        slider.setValue(80)
    assert changed.args[0].opacity == 0.8
    assert "80 %" in words(panel)


def test_any_diagnosis_can_be_explained_and_compared(qtbot: QtBot, panel: ExplanationPanel) -> None:
    with qtbot.waitSignal(panel.changed) as changed:
        choose(qtbot, combo(panel, "Explained diagnosis"), 1)
    assert changed.args[0].diagnosis == 0
    choose(qtbot, combo(panel, "Explained diagnosis"), 2)
    assert panel.state.diagnosis == 2
    choose(qtbot, combo(panel, "Compared with"), 5)
    assert (panel.state.diagnosis, panel.state.versus) == (2, 5)
    assert "more of Benign keratosis than of Naevus" in words(panel)
    assert "more nv" in (panel.findChildren(ColourScale)[0].accessibleName())
    assert not combo(panel, "Colours of the overlay").isEnabled()


def test_a_diagnosis_is_never_compared_with_itself(qtbot: QtBot, panel: ExplanationPanel) -> None:
    choose(qtbot, combo(panel, "Compared with"), 5)
    assert panel.state.versus == 5
    choose(qtbot, combo(panel, "Explained diagnosis"), 6)
    assert (panel.state.diagnosis, panel.state.versus) == (5, None)


def test_a_colour_map_can_be_chosen(qtbot: QtBot, panel: ExplanationPanel) -> None:
    with qtbot.waitSignal(panel.changed) as changed:
        choose(qtbot, combo(panel, "Colours of the overlay"), 1)
    assert changed.args[0].colours == list(COLOUR_MAPS)[1]


def test_setting_a_state_is_silent_and_shows_it(qtbot: QtBot, panel: ExplanationPanel) -> None:
    state = OverlayState(
        visible=False, opacity=0.2, colours="inferno", contour=False, diagnosis=1, versus=5
    )
    with qtbot.assertNotEmitted(panel.changed):
        panel.set_state(state)
    assert panel.state == state
    assert not any(switch.isChecked() for switch in panel.findChildren(Switch))
    assert "20 %" in words(panel)


def test_the_sentence_names_what_is_explained(panel: ExplanationPanel) -> None:
    assert "Where the network saw Melanoma" in words(panel)
    panel.set_shown(GRAD_CAM, nothing=True)
    assert "no place that speaks for Melanoma" in words(panel)
    panel.set_shown(GRAD_CAM, nothing=False)
    panel.set_top(5)
    assert "Where the network saw Naevus" in words(panel)


def test_other_diagnoses_replace_the_old_ones(panel: ExplanationPanel) -> None:
    panel.set_state(OverlayState(diagnosis=6, versus=5))
    panel.set_diagnoses(HAM10000_DIAGNOSES[:2])
    assert combo(panel, "Explained diagnosis").count() == 3
    assert (panel.state.diagnosis, panel.state.versus) == (None, None)
    assert "the diagnosis" in words(panel)


def test_the_scale_runs_from_the_first_colour_to_the_last(qtbot: QtBot) -> None:
    scale = ColourScale()
    qtbot.addWidget(scale)
    scale.resize(256, 40)
    scale.set_colours(COLOUR_MAPS["viridis"])
    row = scale.grab().toImage()
    assert row.pixelColor(250, 5).getRgb()[:3] == pytest.approx(
        tuple(COLOUR_MAPS["viridis"][250]), abs=8
    )
    scale.set_colours(DIVERGING, ("a", "b", "c"), signed=True)
    assert scale.accessibleName() == "Colour scale: a, b, c"
    assert scale.grab().toImage() != row


def test_long_names_do_not_widen_the_panel(panel: ExplanationPanel) -> None:
    panel.set_diagnoses([Diagnosis(f"d{i}", "long name " * 12, True) for i in range(30)])
    panel.set_top(3)
    assert panel.minimumSizeHint().width() <= 290


def test_a_method_is_chosen_and_what_is_on_show_is_named(
    qtbot: QtBot, panel: ExplanationPanel
) -> None:
    box = combo(panel, "Method of the map")
    with qtbot.waitSignal(panel.changed) as changed:
        box.setCurrentIndex(box.findData(OCCLUSION))
        box.activated.emit(box.currentIndex())
    assert changed.args[0].method == OCCLUSION
    assert not combo(panel, "Compared with").isEnabled()
    assert "(Grad-CAM)" in words(panel)
    panel.set_shown(OCCLUSION, nothing=False)
    assert "(Occlusion)" in words(panel)


def test_a_method_that_can_no_longer_be_had_falls_back_to_grad_cam(
    qtbot: QtBot, panel: ExplanationPanel
) -> None:
    panel.set_state(panel.state.made_by(FINE))
    with qtbot.waitSignal(panel.changed) as changed:
        panel.set_methods({FINE: "There is no graph."})
    assert changed.args[0].method == GRAD_CAM
