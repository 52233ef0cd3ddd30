"""What the reader decided, in columns: found by digest, counted, filtered, ordered."""

import numpy as np
import pytest

from lesionviewer.core.arranging import Arrangement, Show, SortKey, Tally
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.core.files import FoundImage
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.review_images import ReviewImages
from lesionviewer.core.store.decision import Decision

MEL, NV = 4, 5
A, B, C = "a" * 64, "b" * 64, "c" * 64


def predict(images: ReviewImages, image: int, melanoma: float) -> None:
    probabilities = np.zeros(7, np.float32)
    probabilities[MEL], probabilities[NV] = melanoma, 1 - melanoma
    maps = np.zeros((7, 7, 7), np.float32)
    images.put(image, Prediction(probabilities, maps, SquareRegion(0, 0, 9)))


@pytest.fixture
def images() -> ReviewImages:
    """Four images: melanoma 0.9, 0.1, 0.5 and none yet; the first three are read."""
    images = ReviewImages(HAM10000_DIAGNOSES)
    names = [f"{i}.jpg" for i in range(4)]
    images.add([FoundImage(name, name, name) for name in names])
    for image, melanoma in enumerate((0.9, 0.1, 0.45)):
        predict(images, image, melanoma)
    for image, digest in enumerate((A, B, C)):
        assert images.reader.note_digest(image, digest)
    return images


def listed(images: ReviewImages, key=SortKey.NAME, show=Show.ALL, **rest) -> list[int]:
    return images.arrange(Arrangement(key, show, **rest)).tolist()


def test_a_decision_reaches_every_copy_of_its_file(images):
    images.reader.note_digest(3, A)
    assert images.reader.change({A: Decision(diagnosis="nv")}) == [0, 3]
    assert listed(images, show=Show.DECIDED) == [0, 3]
    assert images.reader.change({A: None}) == [0, 3]
    assert listed(images, show=Show.DECIDED) == []


def test_a_decision_that_was_there_first_waits_for_its_file(images):
    images.reader.hold({"d" * 64: Decision(flag=True)})
    assert listed(images, show=Show.FLAGGED) == []
    assert images.reader.note_digest(3, "d" * 64)
    assert not images.reader.note_digest(3, "d" * 64)
    assert listed(images, show=Show.FLAGGED) == [3]


def test_a_file_that_changed_leaves_its_decision_behind(images):
    images.reader.change({A: Decision(diagnosis="nv")})
    images.reader.note_digest(3, A)
    images.reader.note_digest(0, "e" * 64)
    assert listed(images, show=Show.DECIDED) == [3]
    assert images.reader.rows(A) == (3,)
    assert images.reader.digest(0) == "e" * 64


def test_the_filters_of_the_reader(images):
    images.reader.hold(
        {
            A: Decision(diagnosis="nv", star=True),
            B: Decision(diagnosis="nv", flag=True),
            C: Decision(unsure=True),
        }
    )
    assert listed(images, show=Show.UNDECIDED) == [3]
    assert listed(images, show=Show.DISAGREEMENT) == [0]
    assert listed(images, show=Show.STARRED) == [0]
    assert images.columns.tally() == Tally(decided=3, flagged=1, starred=1, disagreeing=1)


def test_a_diagnosis_is_the_readers_and_while_undecided_the_models(images):
    images.reader.hold({A: Decision(diagnosis="nv"), C: Decision(poor_image=True)})
    assert listed(images, diagnosis="nv") == [0, 1]
    assert listed(images, diagnosis="mel") == []
    assert images.columns.by_diagnosis()["nv"] == 2
    assert sum(images.columns.by_diagnosis().values()) == 2


def test_a_diagnosis_that_the_model_does_not_know_differs_from_its_own(images):
    images.reader.hold({A: Decision(diagnosis="wart")})
    assert listed(images, show=Show.DISAGREEMENT) == [0]
    assert listed(images, key=SortKey.DISAGREEMENT)[0] == 0
    assert "wart" not in images.columns.by_diagnosis()


def test_worth_looking_at_is_malignant_times_uncertain(images):
    assert listed(images, key=SortKey.WORTH) == [2, 0, 1, 3]


def test_the_strongest_disagreement_comes_first_and_the_undecided_last(images):
    images.reader.hold({A: Decision(diagnosis="nv"), C: Decision(diagnosis="nv")})
    assert listed(images, key=SortKey.DISAGREEMENT) == [0, 2, 1, 3]


def test_the_undecided_come_first(images):
    images.reader.hold({A: Decision(diagnosis="nv"), C: Decision(unsure=True)})
    assert listed(images, key=SortKey.DECIDED) == [1, 3, 0, 2]
