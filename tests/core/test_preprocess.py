"""The square that a network sees is the same, however the picture is held."""

import numpy as np
import pytest
from PIL import Image

from lesionviewer.core.errors import ImageError
from lesionviewer.core.preprocess import cut_square, size_of
from lesionviewer.core.region import SquareRegion


def picture(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def as_the_rule_says(whole: Image.Image, left: int, top: int, side: int, size: int) -> np.ndarray:
    square = whole.crop((left, top, left + side, top + side)).copy()
    return np.asarray(square.resize((size, size), Image.Resampling.BILINEAR))


@pytest.mark.parametrize(
    ("width", "height", "region"),
    [
        (600, 450, None),
        (450, 600, None),
        (224, 224, None),
        (97, 95, None),
        (7, 1, None),
        (600, 450, SquareRegion(0, 0, 300)),
        (600, 450, SquareRegion(300, 150, 300)),
        (600, 450, SquareRegion(599, 449, 1)),
    ],
)
def test_pixels_and_pillows_pictures_give_the_same_square(width, height, region) -> None:
    whole = picture(width, height)
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    if region:
        left, top, side = region.left, region.top, region.side
    expected = as_the_rule_says(whole, left, top, side, 224)
    pixels = np.asarray(whole)
    np.testing.assert_array_equal(cut_square(whole, region=region), expected)
    np.testing.assert_array_equal(cut_square(pixels, region=region), expected)


def test_pixels_that_do_not_lie_in_rows_are_cut_as_others_are() -> None:
    pixels = np.asarray(picture(90, 60))
    turned, expected = pixels.swapaxes(0, 1)[::-1], pixels.swapaxes(0, 1)[::-1].copy()
    region = SquareRegion(5, 20, 50)
    np.testing.assert_array_equal(
        cut_square(turned, region=region, size=32), cut_square(expected, region=region, size=32)
    )


def test_nothing_beyond_the_square_is_mixed_in() -> None:
    pixels = np.full((100, 300, 3), 255, np.uint8)
    pixels[:, 100:200] = 0
    assert cut_square(Image.fromarray(pixels), size=32).max() == 0
    assert cut_square(pixels, size=32).max() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
        Image.new("L", (4, 4)),
        Image.new("RGB", (0, 4)),
    ],
)
def test_what_is_no_rgb_picture_is_refused(wrong) -> None:
    with pytest.raises(ImageError, match="Expected"):
        size_of(wrong)
    with pytest.raises(ImageError, match="Expected"):
        cut_square(wrong)
