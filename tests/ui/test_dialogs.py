"""About box, table of keys, welcome page, small widgets."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from lesionviewer.core.card import ModelCard
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.core.intended_use import FULL
from lesionviewer.ui.about import AboutDialog, AboutFacts, Component
from lesionviewer.ui.drop_frame import DropFrame
from lesionviewer.ui.shortcuts_dialog import KeyCaps, Shortcut, ShortcutsDialog
from lesionviewer.ui.welcome import WelcomePage
from lesionviewer.ui.widgets_text import ElidedLabel, label, plain_tip

CARD = ModelCard(
    id="tiny-net",
    created="2026-01-01",
    architecture={"backbone": "resnet50"},
    diagnoses=HAM10000_DIAGNOSES,
    input_px=224,
    temperature=1.0,
    licence="CC BY-NC 4.0",
    intended_use="For tests.",
    metrics={
        "test": {
            "balanced_accuracy": 0.78125,
            "balanced_accuracy_interval": [0.75, 0.81],
            "recall": {"mel": 0.5, "vasc": None},
        }
    },
)


def words(widget: QWidget) -> str:
    return " | ".join(w.text() for w in widget.findChildren(QLabel))


def button(widget: QWidget, text: str) -> QPushButton:
    return next(b for b in widget.findChildren(QPushButton) if b.text() == text)


def test_the_about_box_says_what_the_program_and_its_model_are(qtbot: QtBot) -> None:
    facts = AboutFacts(
        version="1.2.3",
        engine="CPU",
        components=[Component("Qt", "6.1", "LGPL-3.0")],
        card=CARD,
        licences=[("One licence", "Its text.")],
    )
    dialog = AboutDialog(facts, model=True)
    qtbot.addWidget(dialog)
    said = words(dialog)
    for fact in (FULL, "Version 1.2.3", "6.1 · LGPL-3.0", "tiny-net", "CC BY-NC 4.0", "0.781"):
        assert fact in said
    assert "0.781 (0.750 to 0.810)" in said
    assert "mel 0.500, vasc not defined" in said
    assert "Melanoma (mel) · malignant" in said
    text = dialog.findChild(QPlainTextEdit)
    assert text
    assert "One licence\n\nIts text." in text.toPlainText()
    qtbot.mouseClick(button(dialog, "Copy versions"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "lesionviewer 1.2.3\nCPU\ntiny-net\nQt 6.1"


def test_the_about_box_opens_without_a_model(qtbot: QtBot) -> None:
    dialog = AboutDialog(AboutFacts(version="1.2.3"))
    qtbot.addWidget(dialog)
    assert "None is loaded." in words(dialog)
    dialog.show()
    qtbot.mouseClick(button(dialog, "Close"), Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()


def test_the_table_of_keys_names_every_key_once(qtbot: QtBot) -> None:
    rows = [
        Shortcut(("→", "←"), "next, previous"),
        Shortcut(("H",), "overlay"),
        Shortcut(("?",), "this"),
    ]
    dialog = ShortcutsDialog(rows)
    qtbot.addWidget(dialog)
    assert [c.accessibleName() for c in dialog.findChildren(KeyCaps)] == ["→, ←", "H", "?"]
    assert "overlay" in words(dialog)
    assert not dialog.grab().isNull()
    dialog.show()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("Open folder…", "open_folder_requested"),
        ("Open images…", "open_images_requested"),
        ("Try the samples", "samples_requested"),
    ],
)
def test_the_welcome_page_offers_ways_to_begin(qtbot: QtBot, text: str, signal: str) -> None:
    page = WelcomePage()
    qtbot.addWidget(page)
    with qtbot.waitSignal(getattr(page, signal)):
        qtbot.mouseClick(button(page, text), Qt.MouseButton.LeftButton)


def test_recent_folders_are_offered_and_replaced(qtbot: QtBot) -> None:
    page = WelcomePage()
    qtbot.addWidget(page)
    page.resize(700, 600)
    page.show()
    page.set_recent([Path(f"/pictures/{i}") for i in range(9)])

    def rows() -> list[QToolButton]:
        return [b for b in page.findChildren(QToolButton) if b.isVisible()]

    qtbot.waitUntil(lambda: len(rows()) == 5)
    with qtbot.waitSignal(page.recent_requested) as asked:
        qtbot.mouseClick(rows()[1], Qt.MouseButton.LeftButton)
    assert asked.args == [Path("/pictures/1")]
    page.set_recent([])
    assert not rows()


def test_what_may_be_dropped_is_shown_while_it_hangs_on_the_pointer(qtbot: QtBot) -> None:
    page = WelcomePage()
    qtbot.addWidget(page)
    page.resize(700, 600)
    frame = DropFrame(page)
    plain = page.grab().toImage()
    frame.set_dragging(True)
    assert page.grab().toImage() != plain
    frame.set_dragging(False)
    assert page.grab().toImage() == plain


def test_a_tooltip_shows_a_name_that_looks_like_html_as_it_is() -> None:
    assert plain_tip("naevus.jpg\nwaiting") == "naevus.jpg\nwaiting"
    shown = QTextDocumentFragment.fromHtml(plain_tip("<img src=x><b>a&b</b>.jpg\nwaiting"))
    assert shown.toPlainText() == "<img src=x><b>a&b</b>.jpg\nwaiting"


def test_long_text_is_cut_with_the_whole_in_the_tooltip(qtbot: QtBot) -> None:
    cut = ElidedLabel("a name that is far too long for its place " * 3)
    qtbot.addWidget(cut)
    cut.resize(QSize(120, 20))
    cut.grab()
    assert cut.toolTip().startswith("a name that is far too long")
    cut.set_text("short")
    cut.grab()
    assert cut.toolTip() == ""


def test_text_from_outside_is_never_read_as_html(qtbot: QtBot) -> None:
    made = label("<b>bold</b>")
    qtbot.addWidget(made)
    assert made.textFormat() is Qt.TextFormat.PlainText


def test_the_table_of_keys_fits_the_screen(qtbot: QtBot) -> None:
    rows = [Shortcut(("Ctrl+Shift+X",), "does something that takes some words to say")] * 40
    dialog = ShortcutsDialog(rows)
    qtbot.addWidget(dialog)
    dialog.show()
    screen = dialog.screen().availableSize()
    assert dialog.width() <= screen.width()
    assert dialog.height() <= screen.height()
    caps = dialog.findChildren(KeyCaps)
    assert len(caps) == 40
    assert caps[0].visibleRegion().boundingRect().width() == caps[0].width()
