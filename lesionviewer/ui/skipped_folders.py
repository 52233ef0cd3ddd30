"""Folders that cannot be listed: told in the window, since no image stands for them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from lesionviewer.core.files import FoundImage, find_images

_NAMED = 3


class SkippedFolders(QObject):
    """Finds images as `find_images` does and says which folders it had to leave out."""

    told = Signal(object, str)  # what was opened (list of Path), sentence on what was left out

    def find(self, paths: Sequence[Path], *, recursive: bool = True) -> Iterator[FoundImage]:
        """Yield the images of files and folders; for `jobs.folder_scan`, in any thread."""
        opened, skipped = list(paths), list[Path]()

        def skip(folder: Path) -> None:
            skipped.append(folder)
            self.told.emit(opened, in_words(skipped))

        return find_images(opened, recursive=recursive, on_skipped=skip)


def in_words(folders: Sequence[Path]) -> str:
    """Return one sentence on folders that cannot be listed.

    Args:
        folders: At least one.
    """
    named = ", ".join(str(folder) for folder in folders[:_NAMED])
    if len(folders) == 1:
        return f"This folder cannot be read, so its images are missing here: {named}"
    more = f" and {len(folders) - _NAMED:,} more" if len(folders) > _NAMED else ""
    return (
        f"{len(folders):,} folders cannot be read, so their images are missing here: {named}{more}"
    )
