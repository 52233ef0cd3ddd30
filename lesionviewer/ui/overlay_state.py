"""What a reader wants to see over the picture."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayState:
    """The settings of the explanation.

    Attributes:
        visible: Whether the overlay lies over the picture.
        opacity: Share of tint where the heat is strong, 0.0 to 1.0.
        colours: Name of a colour map in `core.colormaps.COLOUR_MAPS`.
        contour: Whether a line runs around the hottest fifth.
        diagnosis: Index of the explained diagnosis; None for the most probable one.
        versus: Index of the diagnosis that is subtracted, or None.
    """

    visible: bool = True
    opacity: float = 0.45
    colours: str = "viridis"
    contour: bool = True
    diagnosis: int | None = None
    versus: int | None = None
