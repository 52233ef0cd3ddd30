"""Picture quality in columns: compact, and the same when it comes back."""

import numpy as np
import pytest

from lesionviewer.core.quality.measure import measure_quality
from lesionviewer.core.quality_columns import SHOWN, QualityColumns


@pytest.fixture
def dark() -> np.ndarray:
    return np.full((224, 224, 3), 30, np.uint8)


def test_what_was_measured_comes_back_with_its_words(dark: np.ndarray):
    columns, quality = QualityColumns(), measure_quality(dark, 60)
    columns.grow(3)
    columns.put(1, quality)
    back = columns.get(1)
    assert back is not None
    assert [figure.key for figure in back.flags] == [figure.key for figure in quality.flags]
    assert [f.explanation for f in back.figures] == [f.explanation for f in quality.figures]
    assert columns.get(0) is None
    assert columns.flags(0) == ()


def test_flags_are_found_and_counted_by_figure(dark: np.ndarray):
    columns = QualityColumns()
    columns.grow(4)
    columns.put(2, measure_quality(dark, 60))
    assert {"few_pixels", "too_dark"} <= set(columns.flags(2))
    assert columns.flagged("too_dark", 4).tolist() == [False, False, True, False]
    assert columns.counts(4)["too_dark"] == 1
    assert columns.counts(2)["too_dark"] == 0
    columns.put(2, None)
    assert sum(columns.counts(4).values()) == 0


def test_a_hundred_thousand_images_take_less_than_8_mb():
    columns = QualityColumns()
    columns.grow(100_000)
    assert sum(v.nbytes for v in vars(columns).values()) < 8e6
    assert len(SHOWN) == 11
