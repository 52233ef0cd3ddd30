"""Icons and the resource file they come from."""

from pathlib import Path

import pytest
from PySide6.QtCore import QFile, QIODevice, QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from lesionviewer.ui.icons import app_icon, icon, icon_pixmap
from lesionviewer.ui.theme import apply_theme
from lesionviewer.ui.tokens import DARK, LIGHT

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "icons"
FILES = sorted(FOLDER.glob("*.svg"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_resources_hold_the_icon_as_it_is_in_the_folder(file: Path) -> None:
    stored = QFile(f":/icons/{file.name}")
    assert stored.open(QIODevice.OpenModeFlag.ReadOnly), "run `make resources`"
    assert bytes(stored.readAll().data()) == file.read_bytes(), "run `make resources`"


def darkest(image: QImage) -> int:
    shades = [
        image.pixelColor(x, y).lightness()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 200
    ]
    return min(shades)


@pytest.mark.parametrize("name", [f.stem for f in FILES if not f.stem.startswith("control")])
def test_every_icon_draws_something_within_its_square(name: str) -> None:
    image = icon_pixmap(name, "#000000", size=20, ratio=2.0).toImage()
    assert image.size() == QSize(40, 40)
    assert any(image.pixelColor(x, y).alpha() for x in range(40) for y in range(40))


def test_an_icon_takes_the_colour_of_the_theme_and_changes_with_it(qapp: QApplication) -> None:
    sign = icon("check")
    apply_theme(qapp, "light")
    assert darkest(sign.pixmap(40, 40).toImage()) < 60
    apply_theme(qapp, "dark")
    assert darkest(sign.pixmap(40, 40).toImage()) > 200
    assert LIGHT.text != DARK.text


def test_an_icon_is_drawn_at_the_resolution_of_the_screen() -> None:
    pixmap = icon("folder").pixmap(QSize(20, 20), 2.0)
    assert pixmap.size() == QSize(40, 40)
    assert pixmap.devicePixelRatio() == 2.0


def test_a_missing_icon_is_named() -> None:
    with pytest.raises(LookupError, match="unicorn"):
        icon("unicorn")


def test_the_program_has_its_own_sign() -> None:
    assert not app_icon().isNull()
