"""The design's constants: colours for light and dark, spacing, type sizes, diagnosis colours."""

from collections.abc import Iterable
from dataclasses import dataclass

GRID = 4
"""Every distance is a multiple of this many pixels."""
RADIUS = 6

BODY_PT = 11
HEADING_PT = 13
TITLE_PT = 17

REGULAR = 400
STRONG = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Colours of one theme, as `#rrggbb`.

    Attributes:
        ground: Behind panels, bars and lists.
        raised: Buttons, menus, tooltips, cards.
        field: Behind text that can be edited.
        hover: Under the pointer.
        selected: Behind what is chosen.
        line: One-pixel separators, empty tracks.
        edge: Borders of controls; 3 : 1 against what surrounds them.
        text: Words to be read.
        quiet: Words of second rank, still readable.
        accent: Focus rings, chosen marks, the primary button.
        on_accent: Words on `accent`.
        danger: Errors.
        warning: Notices that matter.
        ok: What went well.
        image_ground: Around pictures; the same neutral grey in both themes, since skin colour is
            judged on it.
        on_image: Words on `image_ground`.
        on_image_quiet: Words of second rank on `image_ground`.
    """

    ground: str
    raised: str
    field: str
    hover: str
    selected: str
    line: str
    edge: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    danger: str
    warning: str
    ok: str
    image_ground: str = "#3d3d3d"
    on_image: str = "#f2f2f2"
    on_image_quiet: str = "#c4c4c4"


LIGHT = Tokens(
    ground="#f7f7f8",
    raised="#ffffff",
    field="#ffffff",
    hover="#ebebed",
    selected="#dce7fb",
    line="#dddde1",
    edge="#8c8c94",
    text="#1b1b1f",
    quiet="#5c5c64",
    accent="#2460d6",
    on_accent="#ffffff",
    danger="#b3211b",
    warning="#865000",
    ok="#1a6b3c",
)

DARK = Tokens(
    ground="#1c1c1e",
    raised="#27272a",
    field="#151517",
    hover="#2f2f33",
    selected="#23344f",
    line="#37373b",
    edge="#75757d",
    text="#ececee",
    quiet="#a5a5ac",
    accent="#74a9ff",
    on_accent="#0d1626",
    danger="#ff8a80",
    warning="#f2b84b",
    ok="#6fcf97",
)

_FIXED = {
    "akiec": "#e69f00",
    "bcc": "#cc79a7",
    "bkl": "#0072b2",
    "df": "#009e73",
    "mel": "#d55e00",
    "nv": "#56b4e9",
    "vasc": "#f0e442",
}
"""Okabe and Ito's colours, apart for colour-blind readers too."""
_FURTHER = ("#882255", "#44aa99", "#999933", "#332288", "#ddcc77", "#aa4499", "#117733", "#888888")
"""Tol's muted colours, for diagnoses that HAM10000 does not have."""


def diagnosis_colours(codes: Iterable[str]) -> dict[str, str]:
    """Return a colour for each diagnosis: fixed for known codes, distinct as long as any are left.

    Args:
        codes: The diagnoses' codes in card order.
    """
    codes = tuple(codes)
    left = [colour for code, colour in _FIXED.items() if code not in codes] + list(_FURTHER)
    colours: dict[str, str] = {}
    others = 0
    for code in codes:
        if code in _FIXED:
            colours[code] = _FIXED[code]
        else:
            colours[code] = left[others % len(left)]
            others += 1
    return colours
