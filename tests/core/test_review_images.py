"""The images opened together: states, order, filters, chosen regions."""

from pathlib import Path

import numpy as np
import pytest

from lesionviewer.core.arranging import Arrangement, Show, SortKey
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES, Diagnosis
from lesionviewer.core.files import FoundImage
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.review_images import ImageState, ReviewImages

MEL, NV = 4, 5
NAMES = ("a.jpg", "b.jpg", "sub/c.jpg", "d.jpg")


def prediction(melanoma: float, *, left: int = 0, chosen: bool = False) -> Prediction:
    """Melanoma with that probability, else a naevus."""
    probabilities = np.zeros(7, np.float32)
    probabilities[MEL], probabilities[NV] = melanoma, 1 - melanoma
    maps = np.full((7, 7, 7), melanoma, np.float32)
    return Prediction(probabilities, maps, SquareRegion(left, 0, 50), chosen)


@pytest.fixture
def images() -> ReviewImages:
    """Four images: malignant 10 %, 90 %, unreadable, 60 %."""
    images = ReviewImages(HAM10000_DIAGNOSES)
    images.add([FoundImage(Path("top", name), f"top/{name}", name) for name in NAMES])
    images.put(0, prediction(0.1))
    images.put(1, prediction(0.9))
    images.fail(2, "This is a web page.")
    images.put(3, prediction(0.6))
    return images


def test_counts_follow_every_change(images: ReviewImages):
    counts = images.counts
    assert (counts.total, counts.classified, counts.failed, counts.malignant) == (4, 3, 1, 2)
    images.put(1, prediction(0.2))
    assert images.counts.malignant == 1
    assert images.counts.done == 4


def test_names_sort_as_found_and_probabilities_from_the_greatest_down(images: ReviewImages):
    assert images.arrange(Arrangement(SortKey.NAME)).tolist() == [0, 1, 2, 3]
    assert images.arrange(Arrangement(SortKey.MALIGNANT)).tolist() == [1, 3, 0, 2]
    assert images.arrange(Arrangement(SortKey.UNCERTAINTY)).tolist()[0] == 3


def test_equals_keep_the_order_of_their_names(images: ReviewImages):
    images.put(0, prediction(0.9))
    images.put(3, prediction(0.9))
    assert images.arrange(Arrangement(SortKey.MALIGNANT)).tolist() == [0, 1, 3, 2]


def test_quick_filters(images: ReviewImages):
    assert images.arrange(Arrangement(SortKey.NAME, Show.MALIGNANT)).tolist() == [1, 3]
    assert images.arrange(Arrangement(SortKey.NAME, Show.FAILED)).tolist() == [2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [0, 1, 2, 3]),
        ("SUB", [2]),
        ("mel", [1, 3]),
        ("Naevus", [0]),
        ("melanoma d.jpg", [3]),
        ("top", []),
        ("nothing", []),
    ],
)
def test_words_are_looked_for_in_names_and_diagnoses(images: ReviewImages, text, expected):
    assert images.arrange(Arrangement(SortKey.NAME, text=text)).tolist() == expected


def test_a_prediction_comes_back_as_it_was_put(images: ReviewImages):
    got = images.prediction(1)
    assert got is not None
    assert got.top == MEL
    assert got.region == SquareRegion(0, 0, 50)
    assert got.activation_maps.dtype == np.float32
    assert np.allclose(got.activation_maps, 0.9, atol=1e-3)
    assert images.top(1) == (HAM10000_DIAGNOSES[MEL], pytest.approx(0.9))
    assert images.malignant(1) == pytest.approx(0.9)


def test_a_chosen_region_stands_until_the_centre_is_restored(images: ReviewImages):
    images.put(0, prediction(0.8, left=7, chosen=True))
    assert images.prediction(0).chosen_region
    assert images.counts.malignant == 3
    images.put(0, prediction(0.3))
    assert images.prediction(0).chosen_region, "the centre's prediction waits behind it"
    images.restore_centre(0)
    assert images.malignant(0) == pytest.approx(0.3)
    assert images.counts.malignant == 2


def test_an_image_waits_again_if_there_is_no_centre_to_restore():
    images = ReviewImages(HAM10000_DIAGNOSES)
    images.add([FoundImage(Path("a.jpg"), "a.jpg", "a.jpg")])
    images.put(0, prediction(0.8, chosen=True))
    images.restore_centre(0)
    assert images.prediction(0) is None
    assert images.state(0) is ImageState.WAITING
    assert images.counts.done == 0


def test_the_malignant_probability_is_none_for_a_model_that_marks_none():
    images = ReviewImages((Diagnosis("x", "X", False), Diagnosis("y", "Y", False)))
    images.add([FoundImage(Path("a.jpg"), "a.jpg", "a.jpg")])
    both = np.array([0.5, 0.5], np.float32)
    images.put(0, Prediction(both, np.zeros((7, 7, 2), np.float32), SquareRegion(0, 0, 9)))
    assert images.malignant(0) is None
    assert images.arrange(Arrangement(SortKey.MALIGNANT)).tolist() == [0]


def test_predictions_of_another_model_are_forgotten(images: ReviewImages):
    images.set_diagnoses(HAM10000_DIAGNOSES[:2])
    assert images.counts.classified == 0
    assert images.counts.failed == 1
    assert images.top(1) is None


def test_what_is_unknown_is_none(images: ReviewImages):
    images.add([FoundImage(Path("e.jpg"), "e.jpg", "e.jpg")])
    assert images.size(4) is None
    assert images.prediction(4) is None
    assert images.malignant(4) is None
    assert images.reason(4) == ""
    images.describe(4, 600, 450, ("Only the first page is shown.",))
    assert images.size(4) == (600, 450)
    assert images.notices(4) == ("Only the first page is shown.",)
