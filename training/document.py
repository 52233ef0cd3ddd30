"""A document of headings, words, tables and pictures: as one page of HTML, or as a PDF."""

import base64
import html
import io
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.engine.report.sheet import HEIGHT_MM, INK, MARGIN_MM, MUTED, WIDTH_MM, Sheet

_STYLE = """
body { font: 15px/1.5 sans-serif; color: #222; max-width: 62rem; margin: 2rem auto }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #ddd; text-align: right }
th:first-child, td:first-child { text-align: left }
figure { display: inline-block; margin: 0 1rem 1rem 0; vertical-align: top }
figure img { width: 100%; display: block }
figcaption, .quiet { color: #666; font-size: 13px }
"""
_INNER_MM = WIDTH_MM - 2 * MARGIN_MM
_LOWEST_MM = HEIGHT_MM - MARGIN_MM
_GAP_MM, _ROW_MM, _TABLE_PT = 5.0, 4.6, 7.5
_PDF: dict[Any, Any] = {"font.family": "DejaVu Sans", "pdf.fonttype": 42, "pdf.compression": 6}


@dataclass(frozen=True, slots=True)
class Heading:
    """What follows is about this."""

    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph; lines stay lines."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a head; the first column holds names, the others figures."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG file with a line below it.

    Attributes:
        png: The file.
        words: What it shows.
        share: Of the page's width.
    """

    png: bytes
    words: str
    share: float = 0.5


Part = Heading | Words | Table | Picture


def as_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return RGB pixels, (h, w, 3), as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def as_html(title: str, parts: Iterable[Part]) -> str:
    """Return a page that needs no other file."""
    body = "\n".join([f"<h1>{_text(title)}</h1>", *map(_html, parts)])
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{_text(title)}'
        f"</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def write_pdf(path: Path, title: str, parts: Iterable[Part]) -> None:
    """Write A4 pages; nothing is cut at the foot of one."""
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import PdfPages

    flow = _Flow()
    flow.heading(title, size=16)
    for part in parts:
        match part:
            case Heading(text):
                flow.heading(text)
            case Words(text, quiet):
                flow.words(text, MUTED if quiet else INK)
            case Table():
                flow.table(part)
            case Picture():
                flow.picture(part)
    with warnings.catch_warnings(), mpl.rc_context(_PDF):
        # A file may be called in signs that the font lacks: a box stands for them.
        warnings.filterwarnings("ignore", message="Glyph ", category=UserWarning)
        with PdfPages(path, metadata={"Title": title, "Creator": "lesionviewer"}) as file:
            for sheet in flow.sheets:
                file.savefig(sheet.figure)


class _Flow:
    """Puts parts one below the other, pictures side by side while there is room."""

    def __init__(self) -> None:
        self.sheets = [Sheet()]
        self._y, self._x, self._row_mm = MARGIN_MM, 0.0, 0.0

    def heading(self, text: str, *, size: float = 12) -> None:
        self._below(24.0)
        self._y += 7
        self._sheet.text(MARGIN_MM, self._y, text, size=size, bold=True)
        self._y += 7

    def words(self, text: str, colour: str) -> None:
        for line in text.splitlines():
            self._below(12.0)
            self._y = self._sheet.paragraph(
                MARGIN_MM, self._y, line, _INNER_MM, size=8.5, colour=colour
            )
        self._y += 1.5

    def table(self, table: Table) -> None:
        lengths = [
            max(map(len, column)) + 2 for column in zip(table.head, *table.rows, strict=True)
        ]
        least = min(_INNER_MM / sum(lengths), 2.2)
        ends = np.cumsum(lengths) * least
        size = min(_TABLE_PT, least * 4.6)
        for place, row in enumerate([table.head, *table.rows]):
            self._below(_ROW_MM)
            for column, cell in enumerate(row):
                x = MARGIN_MM + (float(ends[column]) if column else 0.0)
                bold = place == 0
                self._sheet.text(x, self._y, cell, size=size, bold=bold, right=column > 0)
            self._y += _ROW_MM
        self._y += 2

    def picture(self, picture: Picture) -> None:
        from PIL import Image

        with Image.open(io.BytesIO(picture.png)) as file:
            pixels = np.asarray(file.convert("RGB"))
        width = _INNER_MM * picture.share - _GAP_MM / 2
        height = min(width * pixels.shape[0] / pixels.shape[1], 200.0)
        if self._x and self._x + width > _INNER_MM + 0.1:
            self._end_row()
        if self._y + height + 8 > _LOWEST_MM:
            self._end_row()
            self._below(height + 8)
        left = MARGIN_MM + self._x
        end = self._sheet.picture(left, self._y, width, height, pixels)
        end = self._sheet.paragraph(
            left, end + 3.5, picture.words, width, size=7, colour=MUTED, most=4
        )
        self._row_mm = max(self._row_mm, end - self._y + 2)
        self._x += width + _GAP_MM

    @property
    def _sheet(self) -> Sheet:
        return self.sheets[-1]

    def _end_row(self) -> None:
        self._y, self._x, self._row_mm = self._y + self._row_mm, 0.0, 0.0

    def _below(self, height: float) -> None:
        """Go on below what is there, on a new page where less than `height` is left."""
        self._end_row()
        if self._y + height > _LOWEST_MM:
            self.sheets.append(Sheet())
            self._y = MARGIN_MM


def _html(part: Part) -> str:
    match part:
        case Heading(text):
            return f"<h2>{_text(text)}</h2>"
        case Words(text, quiet):
            lines = "<br>".join(map(_text, text.splitlines()))
            return f"<p{' class=quiet' if quiet else ''}>{lines}</p>"
        case Table(head, rows):
            cells = ["".join(f"<th>{_text(cell)}</th>" for cell in head)]
            cells += ["".join(f"<td>{_text(cell)}</td>" for cell in row) for row in rows]
            return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"
        case Picture(png, words, share):
            data = base64.b64encode(png).decode()
            return (
                f'<figure style="width:{share * 58:.1f}rem"><img alt="{_text(words)}" '
                f'src="data:image/png;base64,{data}"><figcaption>{_text(words)}</figcaption>'
                "</figure>"
            )


def _text(words: object) -> str:
    return html.escape(str(words))
