"""What is doubtful of the images opened together: filters, counts, the chosen threshold."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lesionviewer.core.arranging import Arrangement, Show, SortKey
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.core.doubt import Doubt
from lesionviewer.core.files import FoundImage
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.quality.measure import measure_quality
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.review_images import ReviewImages

MEL, NV = 4, 5


def prediction(melanoma: float, outlier: float | None = None) -> Prediction:
    probabilities = np.zeros(7, np.float32)
    probabilities[MEL], probabilities[NV] = melanoma, 1 - melanoma
    maps = np.zeros((7, 7, 7), np.float32)
    doubt = Doubt({95: (MEL,)}, outlier)
    return Prediction(probabilities, maps, SquareRegion(0, 0, 50), doubt=doubt)


@pytest.fixture
def images() -> ReviewImages:
    """Malignant 10, 30, 60 and 90 %; the third is unlike the training images, the last is dark."""
    images = ReviewImages(HAM10000_DIAGNOSES)
    images.add([FoundImage(Path(f"{i}.jpg"), f"{i}.jpg", f"{i}.jpg") for i in range(4)])
    dark = measure_quality(np.full((224, 224, 3), 20, np.uint8), 400)
    made = [prediction(0.1, 0.4), prediction(0.3), prediction(0.6, 1.2), prediction(0.9, 1.0)]
    made[3] = replace(made[3], quality=dark)
    for image, one in enumerate(made):
        images.put(image, one)
    return images


def listed(images: ReviewImages, show: Show, flag: str = "") -> list[int]:
    return images.arrange(Arrangement(SortKey.NAME, show, flag=flag)).tolist()


def test_the_filter_and_the_count_follow_the_threshold(images: ReviewImages):
    assert listed(images, Show.MALIGNANT) == [2, 3]
    images.set_threshold(0.25)
    assert listed(images, Show.MALIGNANT) == [1, 2, 3]
    assert images.counts.malignant == 3
    assert images.suspicious(1) and not images.suspicious(0)
    images.put(0, prediction(0.26))
    assert images.counts.malignant == 4


def test_a_probability_that_reaches_the_threshold_exactly_is_flagged(images: ReviewImages):
    images.set_threshold(0.3)
    assert images.suspicious(1)


def test_unlike_images_are_listed_and_counted(images: ReviewImages):
    assert listed(images, Show.UNLIKE) == [2]
    assert images.counts.unlike == 1
    assert [images.unlike(image) for image in range(4)] == [False, False, True, False]
    images.put(2, prediction(0.6, 0.9))
    assert images.counts.unlike == 0


def test_images_are_listed_by_quality_flag(images: ReviewImages):
    assert listed(images, Show.QUALITY, "too_dark") == [3]
    assert listed(images, Show.QUALITY, "hair") == []
    assert images.quality_counts()["too_dark"] == 1
    assert "too_dark" in images.quality_flags(3)
    assert images.quality(0) is None


def test_another_model_leaves_nothing_of_the_doubt(images: ReviewImages):
    images.set_diagnoses(HAM10000_DIAGNOSES)
    assert images.counts.unlike == 0
    assert not any(images.quality_counts().values())
