"""The two menus of the top bar, built from the actions."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from lesionviewer.ui.actions import Actions
from lesionviewer.ui.icons import icon

_PLACE_PX = 280


def main_menu(actions: Actions, parent: QWidget) -> QMenu:
    """Return the menu of everything that is not opening."""
    menu = QMenu(parent)
    menu.addActions([actions.previous, actions.next])
    deciding = menu.addMenu(icon("check"), "Your decision")
    deciding.addActions([actions.agree, actions.unsure, actions.poor_image, actions.withdraw])
    deciding.addSeparator()
    deciding.addActions([actions.flag, actions.star, actions.note])
    deciding.addSeparator()
    deciding.addActions([actions.undo, actions.redo, actions.select_all])
    menu.addSeparator()
    menu.addActions([actions.overlay, actions.region])
    menu.addActions([actions.zoom_in, actions.zoom_out, actions.zoom_fit, actions.zoom_actual])
    menu.addSeparator()
    menu.addAction(actions.export)
    menu.addActions([actions.quality, actions.operating, actions.similar])
    menu.addAction(actions.libraries)
    menu.addSeparator()
    menu.addActions([actions.sheet, actions.single, actions.compare])
    menu.addActions([actions.images, actions.figures, actions.panels, actions.full_screen])
    themes = menu.addMenu(icon("theme"), "Theme")
    themes.addActions(list(actions.themes.values()))
    menu.addSeparator()
    menu.addActions([actions.keys, actions.card, actions.about])
    menu.addSeparator()
    menu.addAction(actions.quit)
    return menu


class OpenMenu(QMenu):
    """What can be opened, with the folders opened lately."""

    def __init__(
        self,
        actions: Actions,
        parent: QWidget,
        *,
        recent: Callable[[], Sequence[Path]],
        open_folder: Callable[[Path], None],
    ) -> None:
        """Build the menu; the recent folders are asked for whenever it shows.

        Args:
            actions: The window's.
            parent: The window.
            recent: Gives the folders, the last one first.
            open_folder: Called with the one that the reader chose.
        """
        super().__init__(parent)
        self._actions, self._recent, self._open_folder = actions, recent, open_folder
        self.aboutToShow.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self.clear()
        actions = self._actions
        self.addActions([actions.open_images, actions.open_folder, actions.recursive])
        self.addSeparator()
        self.addAction(actions.open_samples)
        if folders := self._recent():
            self.addSection("Recent folders")
            for folder in folders:
                entry = self.addAction(icon("recent"), self._entry(folder))
                entry.triggered.connect(lambda _=False, path=folder: self._open_folder(path))
            self.addAction(actions.clear_recent)

    def _entry(self, folder: Path) -> str:
        """Return a folder's name, and behind a tab, where menus have keys, where it lies."""
        place = self.fontMetrics().elidedText(
            str(folder.parent), Qt.TextElideMode.ElideMiddle, _PLACE_PX
        )
        # A menu takes "&" for the sign of a key.
        return f"{folder.name or folder}\t{place}".replace("&", "&&")
