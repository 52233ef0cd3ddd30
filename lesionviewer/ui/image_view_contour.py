"""Lines of equal heat: marching squares (Lorensen and Cline 1987, in two dimensions)."""

import numpy as np
from numpy.typing import NDArray

_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
_CROSSED: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((_LEFT, _BOTTOM),),
    2: ((_BOTTOM, _RIGHT),),
    3: ((_LEFT, _RIGHT),),
    4: ((_TOP, _RIGHT),),
    5: ((_LEFT, _TOP), (_BOTTOM, _RIGHT)),
    6: ((_TOP, _BOTTOM),),
    7: ((_LEFT, _TOP),),
    8: ((_LEFT, _TOP),),
    9: ((_TOP, _BOTTOM),),
    10: ((_TOP, _RIGHT), (_LEFT, _BOTTOM)),
    11: ((_TOP, _RIGHT),),
    12: ((_LEFT, _RIGHT),),
    13: ((_BOTTOM, _RIGHT),),
    14: ((_LEFT, _BOTTOM),),
}
"""Sides of a cell that a line runs between, by which corners are hot (8 upper left, clockwise)."""

Edge = tuple[int, int, bool]
"""Row and column of a grid point, and whether its edge runs down (else to the right)."""


def contour_lines(heat: NDArray[np.float32], level: float) -> list[NDArray[np.float64]]:
    """Return lines around the places hotter than `level`.

    Args:
        heat: (h, w), any range; each value stands at the middle of its pixel.
        level: Heat at which the lines run.

    Returns:
        One (n, 2) array of x, y for each line, as shares of width and height, 0.0 to 1.0. A closed
        line ends where it begins; one that meets the border of the map ends there, and does not
        run along it.
    """
    if not np.isfinite(level) or not heat.size:
        return []
    height, width = heat.shape
    cold = min(float(heat.min()), level) - 1.0
    grid = np.pad(heat.astype(np.float64), 1, constant_values=cold)
    neighbours = _neighbours(grid > level)
    lines = []
    while neighbours:
        path = _walk(neighbours, next(iter(neighbours)))
        for part in _inside(path, height, width):
            points = np.array([_crossing(grid, edge, level) for edge in part]) - 0.5
            for end, inner in ((0, 1), (-1, -2)):
                if _leaves(part[end], height, width):
                    points[end] = _on_border(points[inner], part[end])
            lines.append(np.clip(points / (width, height), 0.0, 1.0))
    return lines


def _inside(path: list[Edge], height: int, width: int) -> list[list[Edge]]:
    """Cut a closed path where it leaves the map; each part keeps one border edge at both ends."""
    border = [_leaves(edge, height, width) for edge in path]
    if not any(border):
        return [[*path, path[0]]]
    start = border.index(True)
    turned = [*path[start:], *path[: start + 1]]
    parts: list[list[Edge]] = []
    part = [turned[0]]
    for edge in turned[1:]:
        part.append(edge)
        if _leaves(edge, height, width):
            parts += [part] if len(part) > 2 else []
            part = [edge]
    return parts


def _leaves(edge: Edge, height: int, width: int) -> bool:
    """Whether an edge of the padded grid joins the map to the padding."""
    row, column, down = edge
    return row in (0, height) if down else column in (0, width)


def _on_border(point: NDArray[np.float64], edge: Edge) -> NDArray[np.float64]:
    """Return the place of the border straight out from `point`, which lies next to it."""
    row, column, down = edge
    return np.array([point[0], float(row)]) if down else np.array([float(column), point[1]])


def _neighbours(hot: NDArray[np.bool_]) -> dict[Edge, list[Edge]]:
    """For every crossed edge the two crossed edges that a line comes from and goes to."""
    bits = hot.astype(np.uint8)
    cases = 8 * bits[:-1, :-1] + 4 * bits[:-1, 1:] + 2 * bits[1:, 1:] + bits[1:, :-1]
    neighbours: dict[Edge, list[Edge]] = {}
    for row, column in np.argwhere((cases > 0) & (cases < 15)).tolist():
        sides = {
            _TOP: (row, column, False),
            _RIGHT: (row, column + 1, True),
            _BOTTOM: (row + 1, column, False),
            _LEFT: (row, column, True),
        }
        for first, second in _CROSSED[int(cases[row, column])]:
            neighbours.setdefault(sides[first], []).append(sides[second])
            neighbours.setdefault(sides[second], []).append(sides[first])
    return neighbours


def _walk(neighbours: dict[Edge, list[Edge]], start: Edge) -> list[Edge]:
    """Follow a line once around and take it out of `neighbours`."""
    path = [start]
    step = neighbours.pop(start)[0]
    while step != start:
        ways = neighbours.pop(step)
        onward = ways[1] if ways[0] == path[-1] else ways[0]
        path.append(step)
        step = onward
    return path


def _crossing(grid: NDArray[np.float64], edge: Edge, level: float) -> tuple[float, float]:
    """Where on an edge of the padded grid the heat equals `level`, as x, y."""
    row, column, down = edge
    here = grid[row, column]
    there = grid[row + 1, column] if down else grid[row, column + 1]
    share = float((level - here) / (there - here))
    return (column, row + share) if down else (column + share, row)
