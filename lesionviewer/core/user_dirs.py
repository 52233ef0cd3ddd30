"""Where the program keeps what belongs to the person at the machine, not to a folder of images."""

import os
from pathlib import Path

HOME_VARIABLE = "LESIONVIEWER_HOME"
"""If set, everything lies below the folder that it names."""


def config_dir() -> Path:
    """Return the folder of settings. It may not exist yet."""
    return _dir("config")


def cache_dir() -> Path:
    """Return the folder of what can be made again. It may not exist yet."""
    return _dir("cache")


def data_dir() -> Path:
    """Return the folder of what the person made and cannot be made again. It may not exist yet."""
    return _dir("data")


def runs_dir() -> Path:
    """Return the folder of the training runs that the window makes. It may not exist yet."""
    return data_dir() / "runs"


def log_dir() -> Path:
    """Return the folder of log files. It may not exist yet."""
    return _dir("log")


def _dir(kind: str) -> Path:
    if home := os.environ.get(HOME_VARIABLE):
        return Path(home) / kind
    import platformdirs

    dirs = platformdirs.PlatformDirs("lesionviewer", appauthor=False)
    return {
        "config": dirs.user_config_path,
        "cache": dirs.user_cache_path,
        "data": dirs.user_data_path,
    }.get(kind, dirs.user_log_path)
