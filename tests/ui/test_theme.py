"""Colours, typeface and style sheet."""

import re
from dataclasses import asdict
from itertools import combinations, product

import pytest
from PySide6.QtCore import QFile, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from lesionviewer.ui import icons  # noqa: F401 - registers the files of the style sheet
from lesionviewer.ui.theme import Theme, apply_theme, current_tokens, type_font
from lesionviewer.ui.theme_style import style_sheet
from lesionviewer.ui.tokens import DARK, LIGHT, STRONG, Tokens, diagnosis_colours

PLAIN = ("text", "quiet")
COLOURED = ("accent", "danger", "warning", "ok")
EVEN = ("ground", "raised", "field")
MARKED = ("hover", "selected")
PAIRS = [*product(PLAIN, EVEN + MARKED), *product(COLOURED, EVEN)]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("words", "behind"), PAIRS)
def test_words_can_be_read_on_every_ground(tokens: Tokens, words: str, behind: str) -> None:
    assert contrast(getattr(tokens, words), getattr(tokens, behind)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_words_on_the_accent_and_on_the_image_ground_can_be_read(tokens: Tokens) -> None:
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5
    assert contrast(tokens.on_image, tokens.image_ground) >= 4.5
    assert contrast(tokens.on_image_quiet, tokens.image_ground) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_borders_of_controls_stand_out(tokens: Tokens) -> None:
    assert contrast(tokens.edge, tokens.ground) >= 3
    assert contrast(tokens.accent, tokens.ground) >= 3


def test_the_image_ground_is_the_same_neutral_grey_in_both_themes() -> None:
    assert LIGHT.image_ground == DARK.image_ground
    assert len(set(QColor(LIGHT.image_ground).getRgb()[:3])) == 1


def test_known_diagnoses_keep_their_colour_and_others_get_one_of_their_own() -> None:
    colours = diagnosis_colours(["mel", "scc", "nv", "lentigo"])
    assert colours["mel"] == "#d55e00"
    assert colours["nv"] == "#56b4e9"
    assert all(one != other for one, other in combinations(colours.values(), 2))
    assert len(diagnosis_colours(f"code{i}" for i in range(40))) == 40


def test_the_theme_is_one_however_often_it_is_applied(qapp: QApplication) -> None:
    assert apply_theme(qapp, "dark") is apply_theme(qapp, "dark")
    assert len(qapp.findChildren(Theme)) == 1


@pytest.mark.parametrize(("mode", "tokens"), [("light", LIGHT), ("dark", DARK)])
def test_a_mode_sets_palette_and_style_sheet(qapp: QApplication, mode: str, tokens: Tokens) -> None:
    theme = apply_theme(qapp, mode)
    assert theme.tokens == current_tokens() == tokens
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == tokens.ground
    assert tokens.accent in qapp.styleSheet()


def test_a_change_of_mode_is_announced(qtbot, qapp: QApplication) -> None:
    theme = apply_theme(qapp, "light")
    with qtbot.waitSignal(theme.changed):
        apply_theme(qapp, "dark")


def test_light_and_dark_follow_the_system_unless_the_reader_chose(qapp: QApplication) -> None:
    system = qapp.styleHints().colorSchemeChanged
    theme = apply_theme(qapp, "system")
    system.emit(Qt.ColorScheme.Dark)
    assert theme.tokens == DARK
    system.emit(Qt.ColorScheme.Light)
    assert theme.tokens == LIGHT
    apply_theme(qapp, "light")
    system.emit(Qt.ColorScheme.Dark)
    assert theme.tokens == LIGHT


def test_an_unknown_mode_is_refused(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="sepia"):
        apply_theme(qapp, "sepia")


def test_every_placeholder_of_the_style_sheet_is_a_token() -> None:
    sheet = style_sheet(LIGHT)
    assert "$" not in sheet
    assert all(getattr(LIGHT, name) for name in asdict(LIGHT))


def test_the_style_sheet_names_only_files_that_exist() -> None:
    names = re.findall(r"url\((:[^)]+)\)", style_sheet(LIGHT))
    assert names
    assert all(QFile.exists(name) for name in names)


def test_digits_of_a_tabular_font_are_equally_wide(qtbot) -> None:
    words = QLabel()
    qtbot.addWidget(words)
    words.setFont(type_font(weight=STRONG, tabular=True))
    assert len({words.fontMetrics().horizontalAdvance(d * 20) for d in "0123456789"}) == 1
