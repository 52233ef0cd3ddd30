"""The PDF report: a page for all images together, then one for each."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lesionviewer.core.export.contents import Contents
from lesionviewer.core.export.pixels import PixelSource
from lesionviewer.core.export.places import new_file
from lesionviewer.core.intended_use import FULL
from lesionviewer.engine.report.pages import Place, cover, image_page

_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "pdf.fonttype": 42,
    "pdf.compression": 6,
}


def write_report(
    contents: Contents,
    path: Path,
    pixels: PixelSource,
    *,
    on_page: Callable[[int], None] = lambda _: None,
) -> tuple[str, ...]:
    """Write the report, A4; a report of one image has its page alone.

    Args:
        contents: What to report.
        path: The PDF.
        pixels: Gives whole pictures.
        on_page: Called with the number of pages done.

    Returns:
        Names of the images whose pictures could not be read; their pages say so.

    Raises:
        StoreError: The place cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import PdfPages

    failed = []
    first = 1 if len(contents.images) > 1 else 0
    pages = len(contents.images) + first
    facts = {"Title": "lesionviewer report", "Creator": "lesionviewer", "Subject": FULL}
    with new_file(path) as part, warnings.catch_warnings(), mpl.rc_context(_STYLE):
        # A note may hold signs that the font lacks: a box stands for them.
        warnings.filterwarnings("ignore", message="Glyph ", category=UserWarning)
        with PdfPages(part, metadata=facts) as file:
            if first:
                file.savefig(cover(contents, Place(1, pages)).figure)
                on_page(1)
            for number, image in enumerate(contents.images, start=first + 1):
                picture = pixels(image)
                if picture is None:
                    failed.append(image.name)
                place = Place(number, pages)
                file.savefig(image_page(contents, image, picture, place).figure)
                on_page(number)
    return tuple(failed)
