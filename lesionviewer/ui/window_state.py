"""What the window remembers from one start to the next."""

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from lesionviewer.core.review_images import MALIGNANT_FROM
from lesionviewer.ui.overlay_state import OverlayState

_RECENT = 8


class WindowState:
    """Settings in one file, read and written value by value. A damaged value counts as absent."""

    def __init__(self, file: Path) -> None:
        """Use `file`; it is made when the first value is set."""
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    def bytes_of(self, name: str) -> QByteArray:
        """Return a geometry or layout that Qt wrote, empty if there is none."""
        value = self._settings.value(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_bytes(self, name: str, value: QByteArray) -> None:
        """Keep a geometry or layout of Qt."""
        self._settings.setValue(name, value)

    def word(self, name: str, default: str, known: Sequence[str]) -> str:
        """Return one of the `known` words, `default` if another or none was kept."""
        value = self._settings.value(name, default)
        return value if isinstance(value, str) and value in known else default

    def set_word(self, name: str, value: str) -> None:
        """Keep a word."""
        self._settings.setValue(name, value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a kept yes or no."""
        return self.word(name, str(default).lower(), ("true", "false")) == "true"

    def set_flag(self, name: str, value: bool) -> None:
        """Keep a yes or no."""
        self._settings.setValue(name, str(value).lower())

    def numbers(self, name: str, default: Sequence[int]) -> list[int]:
        """Return kept whole numbers, `default` if others than as many were kept."""
        texts = self._text(name, "").split()
        fits = len(texts) == len(default) and all(map(str.isdecimal, texts))
        return [int(text) for text in texts] if fits else list(default)

    def set_numbers(self, name: str, values: Sequence[int]) -> None:
        """Keep whole numbers, 0 or more."""
        self._settings.setValue(name, " ".join(map(str, values)))

    @property
    def threshold(self) -> float:
        """Malignant probability from which on images are flagged, 0.0 to 1.0."""
        kept = self.numbers("review/threshold_thousandths", [round(1000 * MALIGNANT_FROM)])[0]
        return min(kept, 1000) / 1000

    def set_threshold(self, threshold: float) -> None:
        """Keep the malignant probability from which on images are flagged, to a thousandth."""
        self.set_numbers("review/threshold_thousandths", [round(1000 * threshold)])

    @property
    def recent(self) -> list[Path]:
        """Folders that were opened, the last one first."""
        return self._paths("recent")[:_RECENT]

    def add_recent(self, folder: Path) -> None:
        """Put `folder` at the head of the opened ones."""
        others = [other for other in self.recent if other != folder]
        self._settings.setValue("recent", [str(path) for path in (folder, *others)][:_RECENT])

    def clear_recent(self) -> None:
        """Forget the folders that were opened."""
        self._settings.remove("recent")

    @property
    def left_open(self) -> list[Path]:
        """Files and folders that are open, or were when the program ended by itself."""
        return self._paths("session/open")

    def set_left_open(self, paths: Sequence[Path]) -> None:
        """Keep which files and folders are open; none once the program ends as it should."""
        self._settings.setValue("session/open", [str(path) for path in paths])

    @property
    def overlay(self) -> OverlayState:
        """Settings of the explanation, without the explained diagnosis and the method."""
        kept = OverlayState()
        try:
            return replace(
                kept,
                visible=self.flag("overlay/visible", default=kept.visible),
                contour=self.flag("overlay/contour", default=kept.contour),
                opacity=min(1.0, max(0.0, float(self._text("overlay/opacity", kept.opacity)))),
                colours=self._text("overlay/colours", kept.colours),
            )
        except ValueError:
            return kept

    def set_overlay(self, state: OverlayState) -> None:
        """Keep the settings of the explanation."""
        values = asdict(state)
        for name in (field.name for field in fields(state)):
            if name not in ("diagnosis", "versus", "method"):
                value = values[name]
                text = str(value).lower() if isinstance(value, bool) else str(value)
                self._settings.setValue(f"overlay/{name}", text)

    def save(self) -> None:
        """Write to disk what was set."""
        self._settings.sync()

    def _paths(self, name: str) -> list[Path]:
        value: Any = self._settings.value(name, [])
        texts = [value] if isinstance(value, str) else value
        return [Path(text) for text in texts or [] if isinstance(text, str) and text]

    def _text(self, name: str, default: object) -> str:
        return str(self._settings.value(name, str(default)))
