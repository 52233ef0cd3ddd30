"""What `gallery.py` renders, by name."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from lesionviewer.core.card import ModelCard
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES, Diagnosis
from lesionviewer.core.intended_use import FULL
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.region import centre_square
from lesionviewer.ui.about import AboutDialog, AboutFacts, Component
from lesionviewer.ui.drop_frame import DropFrame
from lesionviewer.ui.explanation_panel import ExplanationPanel
from lesionviewer.ui.icons import icon
from lesionviewer.ui.image_view import ImageView
from lesionviewer.ui.image_view_overlay import render_overlay
from lesionviewer.ui.image_view_paint import make_pyramid
from lesionviewer.ui.overlay_state import OverlayState
from lesionviewer.ui.prediction_panel import PredictionPanel
from lesionviewer.ui.shortcuts_dialog import Shortcut, ShortcutsDialog
from lesionviewer.ui.welcome import WelcomePage

SAMPLES = Path(__file__).resolve().parents[2] / "assets" / "samples"
STATE = OverlayState()


def prediction(width: int = 1024, height: int = 768) -> Prediction:
    """A made-up prediction with one warm place."""
    rows, columns = np.mgrid[0:7, 0:7]
    warm = np.exp(-((rows - 2.6) ** 2 + (columns - 3.6) ** 2) / 3.5).astype(np.float32)
    other = np.exp(-((rows - 4.5) ** 2 + (columns - 1.5) ** 2) / 4).astype(np.float32)
    maps = np.stack([other, other, warm, other, warm, other, other], axis=-1)
    shares = np.array([0.011, 0.031, 0.184, 0.0012, 0.712, 0.0601, 0.0007], np.float32)
    return Prediction(shares, maps, centre_square(width, height))


def image_view(state: OverlayState = STATE, name: str = "ISIC_0000295.jpg") -> ImageView:
    view = ImageView()
    view.resize(820, 560)
    image = QImage(str(SAMPLES / name))
    view.set_picture(make_pyramid(image))
    made = prediction(image.width(), image.height())
    view.set_region(made.region)
    view.set_overlay(render_overlay(made.activation_maps, made.top, state))
    view.set_overlay_opacity(state.opacity)
    return view


def moving_view() -> ImageView:
    view = image_view()
    view.set_region_mode(True)
    return view


def error_view() -> ImageView:
    view = ImageView()
    view.resize(820, 560)
    view.set_message(
        "This picture could not be read",
        "The file ends before the picture does. Copy it again from where it came.",
        "error",
    )
    return view


def icons() -> QWidget:
    page = QWidget()
    grid = QGridLayout(page)
    names = sorted(p.stem for p in (SAMPLES.parent / "icons").glob("*.svg"))
    for place, name in enumerate(names):
        sign, word = QLabel(), QLabel(name)
        sign.setPixmap(icon(name).pixmap(QSize(20, 20), page.devicePixelRatioF()))
        grid.addWidget(sign, place // 6, 2 * (place % 6))
        grid.addWidget(word, place // 6, 2 * (place % 6) + 1)
    return page


PIECES: dict[str, Callable[[], QWidget]] = {
    "icons": icons,
    "image": image_view,
    "image-versus": lambda: image_view(OverlayState(versus=0)),
    "image-moving": moving_view,
    "image-error": error_view,
}


def _panel(*widgets: QWidget, width: int = 344) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    page.setFixedWidth(width)
    return page


def side_panel(
    diagnoses: tuple[Diagnosis, ...] = HAM10000_DIAGNOSES, state: OverlayState = STATE
) -> QWidget:
    made = prediction()
    bars, explanation = PredictionPanel(), ExplanationPanel()
    bars.set_diagnoses(diagnoses)
    bars.set_prediction(made)
    bars.set_explained(4, state.versus)
    explanation.set_diagnoses(diagnoses)
    explanation.set_top(4)
    explanation.set_state(state)
    return _panel(bars, explanation)


def noticed_panel() -> QWidget:
    bars = PredictionPanel()
    diagnoses = [Diagnosis(d.code, (d.name + " ") * 8, False) for d in HAM10000_DIAGNOSES]
    bars.set_diagnoses(diagnoses)
    bars.set_prediction(replace(prediction(), chosen_region=True))
    bars.set_notices(["This DICOM file is no photograph of skin: the figures mean nothing for it."])
    return _panel(bars)


def waiting_panel() -> QWidget:
    waiting, failed, empty = PredictionPanel(), PredictionPanel(), PredictionPanel()
    waiting.set_diagnoses(HAM10000_DIAGNOSES)
    waiting.show_waiting()
    failed.show_error("The file ends before the picture does. Copy it again from where it came.")
    return _panel(waiting, failed, empty)


PIECES |= {
    "panel": side_panel,
    "panel-versus": lambda: side_panel(state=OverlayState(diagnosis=4, versus=2, visible=False)),
    "panel-notice": noticed_panel,
    "panel-waiting": waiting_panel,
}


def welcome(dragging: bool = False) -> WelcomePage:
    page = WelcomePage()
    page.resize(900, 600)
    page.set_recent(
        [Path("/home/reader/Pictures/clinic/2024-03"), Path("/data/ham10000/images part 1" * 4)]
    )
    DropFrame(page).set_dragging(dragging)
    return page


def keys() -> ShortcutsDialog:
    return ShortcutsDialog(
        [
            Shortcut(("→", "←", "Space"), "next, previous image"),
            Shortcut(("H",), "overlay on or off, while held"),
            Shortcut(("Shift+1 … 9", "Alt+1 … 9"), "explain diagnosis n"),
            Shortcut(("+", "−", "0"), "zoom in, out, fit"),
            Shortcut(("G", "E"), "grid, single"),
            Shortcut(("F9",), "hide both panels"),
            Shortcut(("F11",), "full screen"),
            Shortcut(("Ctrl+F",), "filter"),
            Shortcut(("?",), "this table"),
        ]
    )


def about(tab: int = 0) -> AboutDialog:
    card = ModelCard(
        id="ham10000-resnet50",
        created="2026-01-01T00:00:00Z",
        architecture={"backbone": "resnet50"},
        diagnoses=HAM10000_DIAGNOSES,
        input_px=224,
        temperature=1.2,
        licence="CC BY-NC 4.0",
        intended_use=FULL,
        metrics={
            "test": {
                "images": 999,
                "balanced_accuracy": 0.7812,
                "balanced_accuracy_interval": [0.75, 0.81],
                "macro_auc": 0.9512,
                "macro_auc_interval": [0.94, 0.96],
                "recall": {d.code: 0.78 for d in HAM10000_DIAGNOSES},
            }
        },
    )
    parts = [
        Component("PySide6", "6.12.0", "LGPL-3.0"),
        Component("OpenVINO", "2026.0", "Apache-2.0"),
    ]
    dialog = AboutDialog(
        AboutFacts(
            version="0.1.0",
            engine="CPU · OpenVINO int8",
            components=parts,
            card=card,
            licences=[("Apache License 2.0", "Licensed under the Apache License…\n" * 40)],
        )
    )
    tabs = dialog.findChild(QTabWidget)
    assert tabs
    tabs.setCurrentIndex(tab)
    return dialog


PIECES |= {
    "welcome": welcome,
    "welcome-drop": lambda: welcome(dragging=True),
    "keys": keys,
    "about": about,
    "about-model": lambda: about(1),
    "about-licences": lambda: about(2),
}
