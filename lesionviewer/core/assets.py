"""Where icons, style, sample pictures and model bundles lie: installed, frozen or in the source."""

import sys
from functools import cache
from importlib import resources
from pathlib import Path

from lesionviewer.core.errors import BundleError

DEFAULT_BUNDLE = "ham10000-resnet50"


@cache
def assets_dir() -> Path:
    """Return the folder `assets`.

    Raises:
        BundleError: The installation lacks it.
    """
    package = Path(str(resources.files("lesionviewer")))
    frozen = Path(getattr(sys, "_MEIPASS", package))
    for folder in (frozen / "assets", package / "assets", package.parent / "assets"):
        if (folder / "models").is_dir():
            return folder
    raise BundleError("The program's own files (assets) are missing. Install lesionviewer again.")


def bundles_dir() -> Path:
    """Return the folder that holds the bundled models."""
    return assets_dir() / "models"


def default_bundle_dir() -> Path:
    """Return the folder of the model that ships with the program."""
    return bundles_dir() / DEFAULT_BUNDLE


def samples_dir() -> Path:
    """Return the folder of the CC0 sample pictures."""
    return assets_dir() / "samples"
