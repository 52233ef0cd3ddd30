"""The style sheet: Fusion redrawn flat and quiet from the tokens.

Sizes of type are set on fonts, not here: a rule with a font size would drop tabular figures.
Properties that rules look at: `kind` of a button ("primary", "flat", "chip"), `tone` of a label
("quiet", "danger", "warning", "ok") or of a chip ("severe", "quiet"), `surface` of a frame
("raised", "notice").
"""

from dataclasses import asdict
from string import Template

from lesionviewer.ui.tokens import Tokens

_SURFACES = """
QMainWindow, QDialog { background: $ground; }
QToolTip {
    background: $raised; color: $text; border: 1px solid $line; padding: 4px 8px;
}
QFrame[surface="raised"] { background: $raised; border: 1px solid $line; border-radius: 6px; }
QFrame[surface="notice"] { background: $raised; border: 1px solid $warning; border-radius: 6px; }
QFrame[surface="line"] { background: $line; border: none; }
QLabel { background: transparent; }
QLabel[tone="quiet"] { color: $quiet; }
QLabel[tone="danger"] { color: $danger; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="ok"] { color: $ok; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[surface="plain"] { background: transparent; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QDockWidget { border: none; titlebar-close-icon: url(:/icons/control-close.svg); }
QDockWidget::title { background: $ground; padding: 8px 12px; text-align: left; }
QStatusBar { background: $ground; border-top: 1px solid $line; color: $quiet; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $quiet; }
QToolBar { background: $ground; border: none; border-bottom: 1px solid $line; padding: 4px 8px;
    spacing: 4px; }
QToolBar::separator { background: $line; width: 1px; margin: 6px 4px; }
"""

_BUTTONS = """
QPushButton {
    background: $raised; color: $text; border: 1px solid $edge; border-radius: 6px;
    padding: 5px 12px; min-height: 18px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $line; }
QPushButton:checked { background: $selected; border-color: $accent; }
QPushButton:focus { border: 2px solid $accent; padding: 4px 11px; }
QPushButton:disabled { color: $edge; border-color: $line; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled { background: $line; color: $quiet; border-color: $line; }
QPushButton[kind="flat"] {
    background: transparent; border: 1px solid transparent; color: $accent; text-align: left;
    padding: 3px 7px;
}
QPushButton[kind="flat"]:hover { background: $hover; }
QPushButton[kind="flat"]:disabled { color: $quiet; border-color: transparent; }
QPushButton[kind="flat"]:focus { border: 2px solid $accent; padding: 2px 6px; }
QPushButton[kind="chip"] {
    background: $raised; color: $text; border: 1px solid $line; padding: 1px 8px; min-height: 18px;
}
QPushButton[kind="chip"][tone="severe"] { border-color: $warning; color: $warning; }
QPushButton[kind="chip"][tone="quiet"] { background: transparent; color: $quiet; }
QPushButton[kind="chip"]:hover { background: $hover; }
QPushButton[kind="chip"]:checked { background: $selected; color: $text; border-color: $accent; }
QPushButton[kind="chip"]:focus { border: 2px solid $accent; padding: 0 7px; }
QToolButton {
    background: transparent; color: $text; border: 1px solid transparent; border-radius: 6px;
    padding: 4px;
}
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $line; }
QToolButton:checked { background: $selected; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton:disabled { color: $edge; }
QToolButton[popupMode="2"] { padding-right: 18px; }
QToolButton[popupMode="1"] { padding-right: 20px; }
QToolButton::menu-indicator {
    image: url(:/icons/control-down.svg); subcontrol-origin: padding;
    subcontrol-position: center right; right: 4px; width: 12px; height: 12px;
}
QToolButton::menu-button { border: none; width: 18px; }
QToolButton::menu-arrow { image: url(:/icons/control-down.svg); width: 12px; height: 12px; }
QCheckBox, QRadioButton { spacing: 8px; background: transparent; padding: 2px;
    border: 1px solid transparent; border-radius: 4px; }
QCheckBox:focus, QRadioButton:focus { border-color: $accent; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 14px; height: 14px; border: 1px solid $edge; background: $field; border-radius: 4px;
}
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked {
    background: #2460d6; border-color: #2460d6; image: url(:/icons/control-check.svg);
}
QRadioButton::indicator:checked { border: 5px solid $accent; width: 6px; height: 6px; }
QCheckBox:disabled, QRadioButton:disabled { color: $edge; }
"""

_FIELDS = """
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QTextEdit {
    background: $field; color: $text; border: 1px solid $edge; border-radius: 6px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QSpinBox, QDoubleSpinBox { padding: 4px 8px; min-height: 20px; }
QPlainTextEdit, QTextEdit { padding: 4px; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus {
    border: 2px solid $accent; padding: 3px 7px;
}
QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid $accent; padding: 3px; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled {
    color: $edge; border-color: $line;
}
QPlainTextEdit[readOnly="true"] {
    background: transparent; border: 1px solid transparent; padding: 12px 0;
}
QPlainTextEdit[readOnly="true"]:focus { border: 1px solid $accent; }
QTextBrowser { background: transparent; border: none; padding: 0; }
QTextBrowser:focus { border: 1px solid $accent; padding: 0; }
QComboBox { padding: 4px 8px; min-height: 20px; combobox-popup: 0; }
QComboBox:hover { background: $hover; }
QComboBox:focus { border: 2px solid $accent; padding: 3px 7px; }
QComboBox::drop-down { border: none; width: 24px; subcontrol-position: center right; }
QComboBox::down-arrow { image: url(:/icons/control-down.svg); width: 12px; height: 12px; }
QComboBox QAbstractItemView {
    background: $raised; color: $text; border: 1px solid $line; outline: none; padding: 4px;
    selection-background-color: $selected; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 8px; border-radius: 4px; }
QComboBox QAbstractItemView::item:selected { background: $selected; color: $text; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button {
    border: none; width: 20px;
}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {
    image: url(:/icons/control-up.svg); width: 12px; height: 12px;
}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url(:/icons/control-down.svg); width: 12px; height: 12px;
}
QSlider:horizontal { min-height: 20px; border: 1px solid transparent; border-radius: 6px; }
QSlider:focus { border-color: $accent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: $raised;
    border: 1px solid $edge;
}
QSlider::handle:horizontal:hover { border-color: $accent; }
QSlider::sub-page:horizontal:disabled { background: $edge; }
QProgressBar {
    background: $line; border: none; border-radius: 2px; max-height: 4px; min-height: 4px;
}
QProgressBar::chunk { background: $accent; border-radius: 2px; }
"""

_LISTS = """
QAbstractItemView { background: $ground; border: none; outline: none; }
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected {
    background: $selected; color: $text;
}
QTableView { gridline-color: $line; }
QHeaderView { background: $ground; border: none; }
QHeaderView::section {
    background: $ground; color: $quiet; border: none; border-bottom: 1px solid $line;
    padding: 6px 8px;
}
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $edge; border-radius: 2px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $quiet; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab {
    background: transparent; color: $quiet; padding: 8px 4px; margin-right: 16px;
    border: none; border-bottom: 2px solid transparent;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QMenuBar { background: $ground; color: $text; padding: 2px 4px; border-bottom: 1px solid $line; }
QMenuBar::item { background: transparent; padding: 4px 8px; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 8px; border-radius: 4px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $edge; }
QMenu::icon { padding-left: 4px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::indicator { width: 12px; height: 12px; padding-left: 6px; }
QMenu::indicator:checked { image: url(:/icons/control-menu-check.svg); }
QMenu::right-arrow { image: url(:/icons/control-right.svg); width: 12px; height: 12px; }
"""


def style_sheet(tokens: Tokens) -> str:
    """Return the application's style sheet in the colours of `tokens`."""
    return Template(_SURFACES + _BUTTONS + _FIELDS + _LISTS).substitute(asdict(tokens))
