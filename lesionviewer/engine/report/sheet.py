"""An A4 sheet: where things go on it, in millimetres from its upper left corner."""

import textwrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
MARGIN_MM = 18.0
INK, MUTED, LINE, PAPER = "#1d2733", "#5b6773", "#d5dbe1", "#f4f6f8"
BENIGN, MALIGNANT = "#3d7ea6", "#b5532d"
_PT_MM = 25.4 / 72
_LEADING = 1.4
_CHARACTER = 0.53
"""Mean width of a character of the font, in sizes."""


class Sheet:
    """One page that is being drawn."""

    def __init__(self) -> None:
        """Begin with an empty page."""
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(WIDTH_MM / 25.4, HEIGHT_MM / 25.4), facecolor="white")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 9,
        colour: str = INK,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """Write one line whose baseline is at `y`; what files and readers wrote stays as it is."""
        self.figure.text(
            x / WIDTH_MM,
            1 - y / HEIGHT_MM,
            printable(words),
            fontsize=size,
            color=colour,
            fontweight="bold" if bold else "normal",
            ha="right" if right else "left",
            va="baseline",
            parse_math=False,
        )

    def paragraph(
        self,
        x: float,
        y: float,
        words: str,
        width: float,
        *,
        size: float = 9,
        colour: str = INK,
        most: int = 100,
    ) -> float:
        """Write lines no wider than `width`, `most` of them; return where the next would be."""
        room = max(8, int(width / (size * _PT_MM * _CHARACTER)))
        lines = [
            line
            for part in words.splitlines()
            for line in textwrap.wrap(part, room, break_long_words=True) or [""]
        ]
        if len(lines) > most:
            lines = [*lines[: most - 1], f"{lines[most - 1][: room - 2]} …"]
        for line in lines:
            self.text(x, y, line, size=size, colour=colour)
            y += size * _PT_MM * _LEADING
        return y

    def rule(self, y: float, *, left: float = MARGIN_MM, right: float = MARGIN_MM) -> None:
        """Draw a thin line across the page."""
        from matplotlib.lines import Line2D

        height = 1 - y / HEIGHT_MM
        ends = [left / WIDTH_MM, 1 - right / WIDTH_MM]
        self.figure.add_artist(Line2D(ends, [height, height], color=LINE, linewidth=0.8))

    def area(self, x: float, y: float, width: float, height: float) -> Any:
        """Return matplotlib's axes over a part of the page, without frame and ticks."""
        axes = self.figure.add_axes(
            (x / WIDTH_MM, 1 - (y + height) / HEIGHT_MM, width / WIDTH_MM, height / HEIGHT_MM)
        )
        axes.set_axis_off()
        return axes

    def picture(
        self, x: float, y: float, width: float, height: float, pixels: NDArray[np.uint8]
    ) -> float:
        """Draw a picture, (h, w, 3), at the top of a part of the page; return its lower edge."""
        rows, columns = pixels.shape[:2]
        scale = min(width / columns, height / rows)
        shown_width, shown_height = float(columns * scale), float(rows * scale)
        axes = self.area(x + (width - shown_width) / 2, y, shown_width, shown_height)
        axes.imshow(pixels, aspect="auto", interpolation="nearest")
        return y + shown_height

    def bars(
        self,
        x: float,
        y: float,
        width: float,
        rows: list[tuple[str, float, str, str]],
        *,
        label_mm: float = 46.0,
        row_mm: float = 6.4,
    ) -> float:
        """Draw horizontal bars and return where the next thing may begin.

        Args:
            x: Left edge.
            y: Upper edge.
            width: Of labels, bars and figures together.
            rows: Label, share from 0.0 to 1.0, figure and colour of each.
            label_mm: Room for the labels.
            row_mm: Height of a row.
        """
        from matplotlib.patches import Rectangle

        room = width - label_mm - 14
        for number, (label, share, figure, colour) in enumerate(rows):
            base = y + (number + 0.68) * row_mm
            self.text(x, base, label, size=8.5)
            for length, tone in ((1.0, PAPER), (share, colour)):
                corner = (x + label_mm) / WIDTH_MM, 1 - (base + 0.6) / HEIGHT_MM
                size = room * length / WIDTH_MM, 0.52 * row_mm / HEIGHT_MM
                self.figure.add_artist(Rectangle(corner, *size, color=tone, linewidth=0))
            self.text(x + width, base, figure, size=8.5, right=True)
        return y + len(rows) * row_mm


def shortened(words: str, most: int) -> str:
    """Return `words`, its middle left out if it has more than `most` characters."""
    if len(words) <= most:
        return words
    return f"{words[: most // 2 - 1]} … {words[-(most // 2 - 2) :]}"


def cut(words: str, most: int) -> str:
    """Return `words`, their end left out if there are more than `most` characters."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip(' /,')}…"


def printable(words: str) -> str:
    """Return `words` without what no font has: halves of pairs and characters that steer."""
    whole = words.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in whole)
