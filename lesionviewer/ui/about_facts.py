"""What the About box shows of this installation."""

from importlib import metadata
from pathlib import Path

from PySide6.QtWidgets import QTabWidget, QWidget

from lesionviewer.core.assets import assets_dir
from lesionviewer.core.card import ModelCard
from lesionviewer.ui.about import AboutDialog, AboutFacts, Component

_MODEL_PAGE = 1
COMPONENTS = {
    "PySide6-Essentials": "LGPL-3.0",
    "openvino": "Apache-2.0",
    "numpy": "BSD-3-Clause",
    "pillow": "MIT-CMU",
    "opencv-python-headless": "Apache-2.0",
    "pydicom": "MIT",
    "pylibjpeg-openjpeg": "MIT",
    "pylibjpeg-rle": "MIT",
    "pyjpegls": "MIT",
    "python-gdcm": "BSD-3-Clause",
    "safetensors": "Apache-2.0",
    "matplotlib": "PSF-based",
    "platformdirs": "MIT",
    "tensorflow": "Apache-2.0",
    "keras": "Apache-2.0",
}


def about_facts(version: str, card: ModelCard | None, engine: str) -> AboutFacts:
    """Return versions and licences of what is installed.

    Args:
        version: Of the program.
        card: Of the loaded model, if one is.
        engine: What classifies, in words.
    """
    return AboutFacts(
        version=version,
        engine=engine,
        components=_components(),
        card=card,
        licences=_licences(),
    )


def show_about(
    parent: QWidget, version: str, card: ModelCard | None, engine: str, *, model: bool = False
) -> None:
    """Show the box until the reader closes it.

    Args:
        parent: The window.
        version: Of the program.
        card: Of the loaded model, if one is.
        engine: What classifies, in words.
        model: Whether it opens at the model's page.
    """
    dialog = AboutDialog(about_facts(version, card, engine), parent)
    tabs = dialog.findChild(QTabWidget)
    if model and isinstance(tabs, QTabWidget):
        tabs.setCurrentIndex(_MODEL_PAGE)
    dialog.exec()


def _components() -> list[Component]:
    found = []
    for name, licence in COMPONENTS.items():
        try:
            found.append(Component(name, metadata.version(name), licence))
        except metadata.PackageNotFoundError:
            continue
    return found


def _licences() -> list[tuple[str, str]]:
    assets = assets_dir()
    files = [assets.parent / "LICENSE", assets / "LICENSE", *sorted(assets.rglob("LICENSE*"))]
    return [(_title(file), file.read_text(encoding="utf-8")) for file in files if file.is_file()]


def _title(file: Path) -> str:
    return "lesionviewer" if file.parent.name != "models" and file.stem == "LICENSE" else file.name
