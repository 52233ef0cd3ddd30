"""Zoom and place of a picture in its view."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionviewer.ui.image_view_geometry import (
    MAX_FIT,
    MAX_ZOOM,
    Frame,
    Viewport,
    between,
    fitted,
    kept_in_view,
    zoomed,
)

LANDSCAPE = Frame(600, 450, 1000, 500, margin=10)


def test_a_fitted_picture_is_whole_and_in_the_middle() -> None:
    viewport = fitted(LANDSCAPE)
    left, top = viewport.to_view(0, 0)
    right, bottom = viewport.to_view(600, 450)
    assert top == 10
    assert bottom == pytest.approx(490)
    assert left == pytest.approx(1000 - right, abs=1)


def test_a_small_picture_is_enlarged_only_so_far() -> None:
    assert fitted(Frame(20, 20, 1000, 1000)).zoom == MAX_FIT


@given(
    at=st.tuples(st.floats(250, 750), st.floats(20, 480)),
    steps=st.lists(st.floats(1.01, 3.0), min_size=1, max_size=5),
)
def test_zooming_in_keeps_the_place_under_the_pointer(
    at: tuple[float, float], steps: list[float]
) -> None:
    viewport = fitted(LANDSCAPE)
    before = viewport.to_picture(*at)
    for step in steps:
        viewport = zoomed(viewport, LANDSCAPE, viewport.zoom * step, at)
    assert viewport.to_view(*before) == pytest.approx(at, abs=viewport.zoom + 1)


@given(zoom=st.floats(1e-6, 1e6), x=st.floats(-2000, 2000), y=st.floats(-2000, 2000))
def test_zoom_has_limits_and_the_picture_is_never_lost(zoom: float, x: float, y: float) -> None:
    viewport = zoomed(Viewport(1.0, x, y), LANDSCAPE, zoom, (500, 250))
    assert LANDSCAPE.min_zoom <= viewport.zoom <= MAX_ZOOM
    assert viewport.x <= 500.5 <= viewport.x + 600 * viewport.zoom + 1
    assert viewport.y <= 250.5 <= viewport.y + 450 * viewport.zoom + 1


def test_a_picture_no_larger_than_fitted_stays_in_the_middle() -> None:
    moved = fitted(LANDSCAPE).moved(200, 70)
    assert kept_in_view(moved, LANDSCAPE) == fitted(LANDSCAPE)


def test_the_way_between_two_zooms_keeps_what_both_ends_keep() -> None:
    start = fitted(LANDSCAPE)
    end = zoomed(start, LANDSCAPE, 4.0, (700, 100))
    place = start.to_picture(700, 100)
    for share in (0.2, 0.5, 0.9):
        assert between(start, end, share).to_view(*place) == pytest.approx((700, 100), abs=1.5)


def test_the_corner_lies_on_a_whole_pixel() -> None:
    assert Viewport(1.0, 10.4, 7.6).to_view(0, 0) == (10, 8)
