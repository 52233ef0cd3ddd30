"""The errors a user may see. Each message says what came, what was expected and what to do."""

from collections.abc import Mapping


class LesionViewerError(Exception):
    """Base of every expected error. Its text is fit for the window as it stands."""


class ImageError(LesionViewerError):
    """A picture could not be read or used."""


class BundleError(LesionViewerError):
    """A model bundle is missing, damaged or made for another program version."""


class EngineError(LesionViewerError):
    """A classifier could not be started, or failed while it worked."""


class DatasetError(LesionViewerError):
    """A data set for training or evaluation is unusable as given."""


class ConfigError(LesionViewerError):
    """Settings are wrong. `problems` maps a field's name to what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{name}: {text}" for name, text in self.problems.items()))


class StoreError(LesionViewerError):
    """A file the program writes (settings, exports, stores) could not be read or written."""
