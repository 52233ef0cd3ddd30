"""What a reader wants to see over the picture."""

from dataclasses import dataclass, replace

from lesionviewer.engine.explain.further import GRAD_CAM, OF_ALL_DIAGNOSES


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
        method: How the map is made, one of `engine.explain.further.EVERY_METHOD`.
    """

    visible: bool = True
    opacity: float = 0.45
    colours: str = "viridis"
    contour: bool = True
    diagnosis: int | None = None
    versus: int | None = None
    method: str = GRAD_CAM

    def compared_with(self, diagnosis: int) -> "OverlayState":
        """Return the state that shows a difference; by Grad-CAM if the method has none."""
        method = self.method if self.method in OF_ALL_DIAGNOSES else GRAD_CAM
        return replace(self, versus=diagnosis, method=method)

    def made_by(self, method: str) -> "OverlayState":
        """Return the state that shows another map; without a difference if it has none."""
        versus = self.versus if method in OF_ALL_DIAGNOSES else None
        return replace(self, versus=versus, method=method)
