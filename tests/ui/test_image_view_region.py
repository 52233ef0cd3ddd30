"""Moving and sizing the square that the network sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionviewer.core.region import SquareRegion
from lesionviewer.ui.image_view_region import MIN_SIDE, Grip, RegionDrag, dragged, grip_at

SQUARE = SquareRegion(100, 50, 200)
W, H = 600, 450


@pytest.mark.parametrize(
    ("place", "grip"),
    [
        ((200, 150), Grip.INSIDE),
        ((101, 52), Grip.TOP_LEFT),
        ((299, 251), Grip.BOTTOM_RIGHT),
        ((298, 48), Grip.TOP_RIGHT),
        ((97, 249), Grip.BOTTOM_LEFT),
        ((200, 50), Grip.TOP),
        ((303, 150), Grip.RIGHT),
        ((50, 150), None),
    ],
)
def test_each_part_of_the_square_can_be_taken(place: tuple[int, int], grip: Grip | None) -> None:
    assert grip_at(SQUARE, *place, reach=5) is grip


def test_the_middle_of_a_square_smaller_than_the_reach_can_still_be_taken() -> None:
    assert grip_at(SquareRegion(0, 0, 30), 15, 15, reach=40) is Grip.INSIDE


@given(
    grip=st.sampled_from(list(Grip)),
    dx=st.floats(-2000, 2000),
    dy=st.floats(-2000, 2000),
    left=st.integers(0, 300),
    top=st.integers(0, 150),
)
def test_a_dragged_square_stays_inside_the_picture(
    grip: Grip, dx: float, dy: float, left: int, top: int
) -> None:
    square = dragged(SquareRegion(left, top, 300), grip, dx, dy, W, H)
    assert square.fits(W, H)
    assert square.side >= MIN_SIDE


def test_moving_keeps_the_size() -> None:
    assert dragged(SQUARE, Grip.INSIDE, 30, -20, W, H) == SquareRegion(130, 30, 200)


def test_a_corner_keeps_the_opposite_corner() -> None:
    assert dragged(SQUARE, Grip.TOP_LEFT, -20, -40, W, H) == SquareRegion(60, 10, 240)
    assert dragged(SQUARE, Grip.BOTTOM_RIGHT, 10, 60, W, H) == SquareRegion(100, 50, 260)


def test_an_edge_keeps_the_opposite_edge_and_the_middle() -> None:
    assert dragged(SQUARE, Grip.RIGHT, 40, 0, W, H) == SquareRegion(100, 30, 240)


def test_a_tiny_picture_has_room_for_a_tiny_square_only() -> None:
    assert dragged(SquareRegion(0, 0, 8), Grip.BOTTOM_RIGHT, 90, 90, 10, 8).fits(10, 8)


def test_a_drag_counts_from_where_it_began() -> None:
    drag = RegionDrag(SQUARE, Grip.INSIDE, 150, 100)
    assert drag.to(160, 100, W, H) == SquareRegion(110, 50, 200)
