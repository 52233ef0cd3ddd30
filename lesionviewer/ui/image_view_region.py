"""Moving and sizing the square that the network sees: arithmetic, without widgets."""

from dataclasses import dataclass
from enum import Enum

from lesionviewer.core.region import SquareRegion

MIN_SIDE = 32
"""Smallest square a reader can draw, in pixels of the picture."""


class Grip(Enum):
    """A part of the square to drag: which way it pulls the left/right and upper/lower edge."""

    INSIDE = (0, 0)
    TOP_LEFT = (-1, -1)
    TOP = (0, -1)
    TOP_RIGHT = (1, -1)
    RIGHT = (1, 0)
    BOTTOM_RIGHT = (1, 1)
    BOTTOM = (0, 1)
    BOTTOM_LEFT = (-1, 1)
    LEFT = (-1, 0)


def grip_at(region: SquareRegion, x: float, y: float, reach: float) -> Grip | None:
    """Return the grip at a place of the picture, None away from the square.

    Args:
        region: The square.
        x: Column in pixels of the picture.
        y: Row in pixels of the picture.
        reach: How near to an edge counts as on it.
    """
    horizontal = _side_of(x - region.left, region.side, reach)
    vertical = _side_of(y - region.top, region.side, reach)
    if horizontal is None or vertical is None:
        return None
    return Grip((horizontal, vertical))


def _side_of(offset: float, side: int, reach: float) -> int | None:
    """-1 at the near edge, 1 at the far one, 0 between them, None beyond."""
    if not -reach <= offset <= side + reach:
        return None
    if abs(offset) <= reach and offset <= side / 3:
        return -1
    return 1 if abs(offset - side) <= reach and offset >= 2 * side / 3 else 0


def dragged(
    start: SquareRegion, grip: Grip, dx: float, dy: float, width: int, height: int
) -> SquareRegion:
    """Return the square after a drag; it stays square and inside the picture.

    A corner keeps the opposite corner in place, an edge the opposite edge and the middle.

    Args:
        start: The square when the drag began.
        grip: What is dragged.
        dx: Way to the right in pixels of the picture.
        dy: Way down in pixels of the picture.
        width: The picture's width in pixels.
        height: The picture's height in pixels.
    """
    pull_x, pull_y = grip.value
    if grip is Grip.INSIDE:
        left = _clamped(start.left + round(dx), 0, width - start.side)
        top = _clamped(start.top + round(dy), 0, height - start.side)
        return SquareRegion(left, top, start.side)
    growth = max(((pull_x * dx) if pull_x else -1e9), ((pull_y * dy) if pull_y else -1e9))
    room_x = _room(start.left, start.side, width, pull_x)
    room_y = _room(start.top, start.side, height, pull_y)
    most = min(room_x, room_y)
    side = _clamped(start.side + round(growth), min(MIN_SIDE, most), most)
    return SquareRegion(
        _placed(start.left, start.side, side, width, pull_x),
        _placed(start.top, start.side, side, height, pull_y),
        side,
    )


def _room(near: int, side: int, extent: int, pull: int) -> int:
    """The longest side possible along one axis."""
    if pull > 0:
        return extent - near
    return near + side if pull < 0 else extent


def _placed(near: int, old: int, new: int, extent: int, pull: int) -> int:
    """Where the square's near edge comes to lie along one axis."""
    if pull > 0:
        return near
    if pull < 0:
        return near + old - new
    return _clamped(near + (old - new) // 2, 0, extent - new)


def _clamped(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


@dataclass(frozen=True, slots=True)
class RegionDrag:
    """A drag under way.

    Attributes:
        start: The square when it began.
        grip: What was taken.
        x: Column of the picture where it was taken.
        y: Row of the picture where it was taken.
    """

    start: SquareRegion
    grip: Grip
    x: float
    y: float

    def to(self, x: float, y: float, width: int, height: int) -> SquareRegion:
        """Return the square with the pointer at x, y of a `width` × `height` picture."""
        return dragged(self.start, self.grip, x - self.x, y - self.y, width, height)
