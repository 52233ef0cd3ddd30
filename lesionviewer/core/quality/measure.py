"""Measures the quality of one picture."""

from lesionviewer.core.errors import ImageError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.core.quality.evidence import is_shown
from lesionviewer.core.quality.ink import ink_depth
from lesionviewer.core.quality.lesion import area_share, edge_share, rough_lesion
from lesionviewer.core.quality.light import (
    brightness,
    clipped_share,
    corner_darkness,
    glare_share,
)
from lesionviewer.core.quality.lines import dark_shapes, hair_share, marks_in_row
from lesionviewer.core.quality.result import PictureQuality, QualityFigure
from lesionviewer.core.quality.rules import RULES, Rule
from lesionviewer.core.quality.sharpness import blur_effect
from lesionviewer.core.quality.views import SQUARE_PX, Pixels, share_views


def measure_quality(square: Pixels, side_px: int) -> PictureQuality:
    """Return what is measured of a picture's quality, those figures only that proved their worth.

    Args:
        square: RGB pixels as the network saw them, (224, 224, 3), 0 to 255.
        side_px: Edge of that square in the picture, before it was resized, 1 or more.

    Raises:
        ImageError: `square` has another shape or type, or `side_px` is less than 1.
    """
    values = measure_values(square, side_px)
    return PictureQuality(
        tuple(figure_of(rule, values[rule.key]) for rule in RULES if is_shown(rule.key))
    )


def measure_square(square: Pixels, side_px: int) -> PictureQuality:
    """Return what `measure_quality` does, of a square of any size, (s, s, 3)."""
    if len(square) != SQUARE_PX:
        square = cut_square(square, size=SQUARE_PX)
    return measure_quality(square, side_px)


def measure_values(square: Pixels, side_px: int) -> dict[str, float]:
    """Return the value of every rule's figure by its key, shown or not; else as above."""
    if side_px < 1:
        raise ImageError(
            f"The square's edge is {side_px} pixels. Expected its length in the picture, 1 or more."
        )
    views = share_views(square)
    shapes, lesion = dark_shapes(views), rough_lesion(views)
    return {
        "few_pixels": float(side_px),
        "blur": blur_effect(views),
        "too_dark": brightness(views),
        "too_bright": clipped_share(views),
        "glare": glare_share(views),
        "vignette": corner_darkness(views),
        "hair": hair_share(shapes),
        "ink": ink_depth(views, lesion),
        "ruler": marks_in_row(shapes),
        "cut": edge_share(lesion),
        "small_lesion": area_share(lesion),
    }


def figure_of(rule: Rule, value: float) -> QualityFigure:
    """Return what `value`, in the rule's unit, means by `rule`."""
    words = rule.sentence.format(value=max(0.0, value), threshold=rule.threshold)
    return QualityFigure(rule.key, rule.name, value, rule.unit, rule.flags(value), words)
