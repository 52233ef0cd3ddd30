"""Light and dark: palette, style sheet and typeface of the whole program."""

import sys
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from lesionviewer.ui.theme_style import style_sheet
from lesionviewer.ui.tokens import BODY_PT, DARK, LIGHT, REGULAR, Tokens

_GENERIC_FACES = {"", "sans serif", "sans", "sans-serif", "helvetica", "arial"}
_PREFERRED_FACES = ("Inter", "Adwaita Sans", "Cantarell", "Ubuntu", "Noto Sans", "DejaVu Sans")


class ThemeMode(StrEnum):
    """Which theme the reader wants."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """Dresses the application and follows the system while the mode says so."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._mode = ThemeMode.SYSTEM
        self._began_dark = app.palette().color(QPalette.ColorRole.Window).lightness() < 128
        app.setStyle("Fusion")
        app.setFont(_interface_font())
        app.styleHints().colorSchemeChanged.connect(self._follow)

    @property
    def mode(self) -> ThemeMode:
        """What the reader chose."""
        return self._mode

    @property
    def tokens(self) -> Tokens:
        """The colours in use."""
        return current_tokens()

    def set_mode(self, mode: ThemeMode) -> None:
        """Show `mode` from now on; window frames drawn by the system follow where it can."""
        self._mode = mode
        hints = self._app.styleHints()
        if mode is ThemeMode.SYSTEM:
            hints.unsetColorScheme()
            self._follow(hints.colorScheme())
        else:
            dark = mode is ThemeMode.DARK
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
            self._dress(DARK if dark else LIGHT)

    def _follow(self, scheme: Qt.ColorScheme) -> None:
        """Dress as the system does; where it does not say, its palette at the start tells."""
        if self._mode is ThemeMode.SYSTEM:
            unknown = scheme is Qt.ColorScheme.Unknown
            dark = self._began_dark if unknown else scheme is Qt.ColorScheme.Dark
            self._dress(DARK if dark else LIGHT)

    def _dress(self, tokens: Tokens) -> None:
        self._app.setPalette(_palette(tokens))
        self._app.setStyleSheet(style_sheet(tokens))
        self.changed.emit()


def apply_theme(app: QApplication, mode: str = "system") -> Theme:
    """Dress `app` in `mode` ("system", "light" or "dark") and return what keeps it dressed."""
    theme = app.findChild(Theme) or Theme(app)
    theme.set_mode(ThemeMode(mode))
    return theme


def current_tokens() -> Tokens:
    """Return the colours in use: a widget that paints itself asks for them each time.

    The application's palette tells, not the widget's, which the style sheet may have changed.
    """
    ground = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    return DARK if ground.lightness() < 128 else LIGHT


def type_font(points: int = BODY_PT, weight: int = REGULAR, *, tabular: bool = False) -> QFont:
    """Return the interface face in one of the sizes and weights of `tokens`.

    Args:
        points: Size in points.
        weight: 400 or 600.
        tabular: Whether all digits are equally wide, as in columns of figures.
    """
    font = QFont(QGuiApplication.font())
    font.setPointSize(points)
    font.setWeight(QFont.Weight(weight))
    if tabular:
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _interface_font() -> QFont:
    """The system's interface face; where it names none, the best face that is installed."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if sys.platform.startswith("linux") and font.family().lower() in _GENERIC_FACES:
        face = next((name for name in _PREFERRED_FACES if QFontDatabase.hasFamily(name)), None)
        if face:
            font = QFont(face)
    font.setPointSize(BODY_PT)
    font.setWeight(QFont.Weight(REGULAR))
    return font


def _palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette(QColor(tokens.raised), QColor(tokens.ground))
    colours = {
        role.Window: tokens.ground,
        role.WindowText: tokens.text,
        role.Base: tokens.field,
        role.AlternateBase: tokens.hover,
        role.Text: tokens.text,
        role.PlaceholderText: tokens.quiet,
        role.Button: tokens.raised,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.danger,
        role.Mid: tokens.line,
        role.Dark: tokens.edge,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Accent: tokens.accent,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
    }
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(tokens.edge))
    return palette
