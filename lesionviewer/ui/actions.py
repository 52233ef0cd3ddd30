"""Everything the reader can do, once: text, icon and keys. The window says what each one means."""

from collections.abc import Sequence

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from lesionviewer.ui.icons import icon
from lesionviewer.ui.shortcuts_dialog import Shortcut
from lesionviewer.ui.theme import ThemeMode

EXPLAINED_BY_KEY = 9
DECIDED_BY_KEY = 9

SHORTCUTS = (
    Shortcut(("→", "Space"), "Next image"),
    Shortcut(("←",), "Previous image"),
    Shortcut(("H",), "Overlay on or off; hold it for a moment's look"),
    Shortcut(("Shift+1 … 9", "Alt+1 … 9"), "Explain diagnosis 1 … 9"),
    Shortcut(("Shift+0", "Alt+0"), "Explain the most probable"),
    Shortcut(("1 … 9",), "Decide for diagnosis 1 … 9, go on"),
    Shortcut(("Enter",), "Agree with the model, go on"),
    Shortcut(("U", "Q"), "Unsure, poor image; go on"),
    Shortcut(("F", "S"), "Flag, star"),
    Shortcut(("Ctrl+M",), "Write a note; Escape leaves it"),
    Shortcut(("Backspace",), "Withdraw the decision"),
    Shortcut(("Ctrl+Z", "Ctrl+Shift+Z"), "Undo, redo a decision"),
    Shortcut(("Ctrl+A",), "Select all listed images; Shift and Ctrl with a click: several"),
    Shortcut(("+", "−"), "Zoom in, out"),
    Shortcut(("0",), "The whole picture; double click: 1:1"),
    Shortcut(("R",), "Move the square that the network sees"),
    Shortcut(("C",), "Compare the selected images, two to four"),
    Shortcut(("G",), "Contact sheet"),
    Shortcut(("E",), "Single image"),
    Shortcut(("T",), "From which malignant probability on images are flagged"),
    Shortcut(("B",), "Quality sheet of all images"),
    Shortcut(("N",), "Similar cases on or off"),
    Shortcut(("F7", "F8"), "Image list, figures on or off"),
    Shortcut(("F9",), "Both sides on or off"),
    Shortcut(("F11",), "Full screen"),
    Shortcut(("Ctrl+O",), "Open images"),
    Shortcut(("Ctrl+Shift+O",), "Open a folder"),
    Shortcut(("Ctrl+E",), "Export"),
    Shortcut(("Ctrl+F",), "Filter"),
    Shortcut(("?", "F1"), "This table"),
)


class Actions:
    """The window's actions. Their keys work wherever the focus is, but not in a text field."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        make = self._make
        self.open_images = make("Open images …", "image", ["Ctrl+O"])
        self.open_folder = make("Open folder …", "folder", ["Ctrl+Shift+O"])
        self.recursive = make("With sub-folders", "", [], checkable=True)
        self.open_samples = make("Open the samples", "samples", [])
        self.clear_recent = make("Forget these folders", "", [])
        self.export = make("Export …", "export", ["Ctrl+E"])
        self.find = make("Filter", "search", [QKeySequence.StandardKey.Find])
        self.previous = make("Previous image", "previous", [], hint="←")
        self.next = make("Next image", "next", [], hint="→ or Space")
        self.overlay = make("Overlay", "overlay", ["H"], checkable=True)
        self.region = make("Move the square", "region", ["R"], checkable=True)
        self.agree = make("Agree with the model", "check", [], hint="Enter")
        self.unsure = make("Unsure", "help", ["U"])
        self.poor_image = make("Poor image", "eye-off", ["Q"])
        self.flag = make("Flag", "flag", ["F"])
        self.star = make("Star", "star", ["S"])
        self.note = make("Note", "", ["Ctrl+M"])
        self.withdraw = make("Withdraw the decision", "", ["Backspace"])
        self.undo = make("Undo the last decision", "undo", ["Ctrl+Z"], repeat=True)
        self.redo = make("Redo the last decision", "redo", ["Ctrl+Shift+Z"], repeat=True)
        self.select_all = make("Select all listed images", "", ["Ctrl+A"])
        self.zoom_in = make("Zoom in", "zoom-in", ["+", "=", "Ctrl++"], repeat=True)
        self.zoom_out = make("Zoom out", "zoom-out", ["-", "Ctrl+-"], repeat=True)
        self.zoom_fit = make("Whole picture", "fit", ["0"])
        self.zoom_actual = make("One to one", "one-to-one", [], hint="double click")
        self.operating = make("Operating point …", "settings", ["T"])
        self.quality = make("Quality sheet …", "list", ["B"])
        self.similar = make("Similar cases", "images", ["N"], checkable=True)
        self.libraries = make("Own reference images …", "folder-tree", [])
        self.compare = make("Compare the selected", "compare", ["C"], checkable=True)
        self.sheet = make("Contact sheet", "grid", ["G"])
        self.single = make("Single image", "single", ["E"])
        self.panels = make("Side panels", "panels", ["F9"], checkable=True)
        self.images = make("Image list", "panel-left", ["F7"], checkable=True)
        self.figures = make("Figures", "panel-right", ["F8"], checkable=True)
        self.full_screen = make("Full screen", "full-screen", ["F11"], checkable=True)
        self.card = make("About this model", "model", [])
        self.keys = make("Keys", "keyboard", ["?", "F1"])
        self.about = make("About lesionviewer", "info", [])
        self.quit = make("Quit", "", [QKeySequence.StandardKey.Quit])
        self.themes, self.theme_group = self._make_themes()
        self.explain_top = make("Explain the most probable", "", ["Shift+0", "Alt+0"])
        self.explain = [self._make_explain(number) for number in range(1, EXPLAINED_BY_KEY + 1)]

        self.decide = [self._make_decide(number) for number in range(1, DECIDED_BY_KEY + 1)]

    def _make(
        self,
        text: str,
        sign: str,
        keys: Sequence[str | QKeySequence.StandardKey],
        *,
        checkable: bool = False,
        repeat: bool = False,
        hint: str = "",
    ) -> QAction:
        action = QAction(text, self._window, checkable=checkable)
        if sign:
            action.setIcon(icon(sign))
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setAutoRepeat(repeat)
        shown = hint or action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{text.rstrip(' …')} ({shown})" if shown else text)
        self._window.addAction(action)
        return action

    def _make_explain(self, number: int) -> QAction:
        keys = [f"Shift+{number}", f"Alt+{number}"]
        action = self._make(f"Explain diagnosis {number}", "", keys)
        action.setData(number - 1)
        return action

    def _make_decide(self, number: int) -> QAction:
        action = self._make(f"Decide for diagnosis {number}", "", [str(number)])
        action.setData(number - 1)
        return action

    def _make_themes(self) -> tuple[dict[ThemeMode, QAction], QActionGroup]:
        group = QActionGroup(self._window)
        names = {
            ThemeMode.SYSTEM: "As the system",
            ThemeMode.LIGHT: "Light",
            ThemeMode.DARK: "Dark",
        }
        themes = {}
        for mode, name in names.items():
            themes[mode] = self._make(name, "", [], checkable=True)
            themes[mode].setData(mode)
            group.addAction(themes[mode])
        return themes, group
