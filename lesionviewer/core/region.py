"""The square of a picture that the network sees."""

from dataclasses import dataclass

from lesionviewer.core.errors import ImageError


@dataclass(frozen=True, slots=True)
class SquareRegion:
    """A square in pixels of the upright picture.

    Attributes:
        left: Column of the square's left edge, 0 at the picture's left.
        top: Row of the square's upper edge, 0 at the picture's top.
        side: Length of an edge, 1 or more.
    """

    left: int
    top: int
    side: int

    def __post_init__(self) -> None:
        if self.left < 0 or self.top < 0 or self.side < 1:
            raise ImageError(
                f"The region {self.left}, {self.top}, side {self.side} is not inside a picture. "
                "Choose a square that lies within it."
            )

    def fits(self, width: int, height: int) -> bool:
        """Return whether the square lies inside a picture of `width` × `height` pixels."""
        return self.left + self.side <= width and self.top + self.side <= height


def centre_square(width: int, height: int) -> SquareRegion:
    """Return the largest square around the middle of a `width` × `height` picture."""
    side = min(width, height)
    return SquareRegion((width - side) // 2, (height - side) // 2, side)


def square_around(x: int, y: int, side: int, width: int, height: int) -> SquareRegion:
    """Return the square of `side` (cut to the picture) centred as near to (x, y) as fits.

    Args:
        x: Column of the wished centre.
        y: Row of the wished centre.
        side: Wished length of an edge in pixels.
        width: The picture's width in pixels.
        height: The picture's height in pixels.
    """
    side = max(1, min(side, width, height))
    left = min(max(x - side // 2, 0), width - side)
    top = min(max(y - side // 2, 0), height - side)
    return SquareRegion(left, top, side)
