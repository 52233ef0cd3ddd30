"""Own reference images are added in a dialog, and shown with their pictures among similar cases."""

from pathlib import Path

import pytest
from bundles import tiny_bundle
from doubt_helpers import made_doubts
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS, GatedClassifier, save_picture

from lesionviewer.core.bundle import open_bundle
from lesionviewer.engine.selection import Chosen
from lesionviewer.ui.library_dialog import LibraryDialog

__all__ = ["tiny_bundle"]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LESIONVIEWER_HOME", str(tmp_path / "home"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    for number in range(5):
        (tmp_path / "mine" / "mel").mkdir(parents=True, exist_ok=True)
        save_picture(tmp_path / "mine" / "mel" / f"own{number}.png", 120, 90, grey=25 + 50 * number)
    return tmp_path / "mine"


def button(dialog: LibraryDialog, name: str) -> QPushButton:
    buttons = dialog.findChildren(QPushButton)
    return next(b for b in buttons if name in (b.text(), b.accessibleName()))


def test_own_images_are_added_shown_and_removed(
    qtbot: QtBot, open_window, finished, folder: Path, classifier, mine: Path, tiny_bundle: Path
):
    bundle = open_bundle(tiny_bundle)
    window = open_window(
        folder, engine=lambda: Chosen(classifier, doubts=made_doubts(), opened=bundle)
    )
    finished(window)
    window.actions_.libraries.trigger()
    dialog = window.findChild(LibraryDialog)
    assert dialog.words == []
    dialog.add(mine)
    assert not button(dialog, "Add folder …").isEnabled()
    qtbot.waitUntil(lambda: dialog.words == ["mine: 5 images · mel"], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: dialog.said == "mine: 5 images added.", timeout=WAIT_MS)
    assert button(dialog, "Add folder …").isEnabled()
    panel = window.page.similar
    qtbot.waitUntil(lambda: any("mine" in words for words in panel.shown), timeout=WAIT_MS)
    own = next(place for place, words in enumerate(panel.shown) if "mine" in words)
    qtbot.waitUntil(lambda: panel.row(own).has_picture, timeout=WAIT_MS)
    button(dialog, "Remove mine").click()
    qtbot.waitUntil(lambda: dialog.words == [], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not any("mine" in words for words in panel.shown), timeout=WAIT_MS)
    dialog.close()


def test_without_similar_cases_there_is_nothing_to_add_to(
    open_window, finished, folder: Path, classifier: GatedClassifier
):
    window = open_window(folder)
    finished(window)
    assert not window.actions_.libraries.isEnabled()
