from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionviewer.core.errors import DatasetError
from training.datasets import Dataset, LabelledImage
from training.splits import check_trainable, more_to_choose_by, with_splits

LESIONS = st.lists(
    st.tuples(st.sampled_from(["mel", "nv", "bcc"]), st.integers(1, 4)), min_size=1, max_size=40
)


def dataset(lesions: list[tuple[str, int]], split: str = "") -> Dataset:
    return Dataset(
        tuple(
            LabelledImage(Path(f"{number}_{image}.jpg"), code, f"L{number}", split)
            for number, (code, count) in enumerate(lesions)
            for image in range(count)
        )
    )


def sides(images: tuple[LabelledImage, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for image in images:
        found.setdefault(image.lesion, set()).add(image.split)
    return found


@given(LESIONS, st.integers(0, 5))
def test_no_lesion_ever_stands_on_two_sides(lesions: list[tuple[str, int]], seed: int):
    split = with_splits(dataset(lesions), seed=seed).images
    assert all(len(found) == 1 for found in sides(split).values())
    assert len(split) == sum(count for _, count in lesions)


@given(LESIONS)
def test_every_diagnosis_keeps_a_lesion_to_train_on(lesions: list[tuple[str, int]]):
    split = with_splits(dataset(lesions)).images
    assert {i.code for i in split if i.split == "train"} == {code for code, _ in lesions}


def test_a_made_split_is_stratified_and_the_same_for_the_same_seed():
    plain = dataset([("nv", 1)] * 100 + [("df", 1)] * 20)
    split = with_splits(plain, seed=3)
    counts = Counter((image.code, image.split) for image in split.images)
    assert (counts["nv", "val"], counts["nv", "test"]) == (10, 10)
    assert (counts["df", "val"], counts["df", "test"]) == (2, 2)
    assert split == with_splits(plain, seed=3)
    assert split != with_splits(plain, seed=4)


def test_lesions_moved_to_choose_by_can_be_told_from_those_of_the_data_set():
    plain = with_splits(dataset([("nv", 2)] * 50 + [("df", 1)] * 20)).images
    more = more_to_choose_by(plain, 0.25, seed=0)
    moved = {image.path for image in more if image.set_aside}
    assert moved == {i.path for i in more if i.split == "val"} - {
        i.path for i in plain if i.split == "val"
    }
    assert len(moved) == 2 * 10 + 4


def test_a_split_that_leaks_is_refused():
    images = (
        LabelledImage(Path("a.jpg"), "nv", "L1", "train"),
        LabelledImage(Path("b.jpg"), "nv", "L1", "test"),
    )
    with pytest.raises(DatasetError, match="The lesion L1 stands in train and in test"):
        with_splits(Dataset(images))


def test_a_split_of_only_some_images_is_refused():
    images = (
        LabelledImage(Path("a.jpg"), "nv", "L1", "train"),
        LabelledImage(Path("b.jpg"), "nv", "L2"),
    )
    with pytest.raises(DatasetError, match="1 of 2 images have no split"):
        with_splits(Dataset(images))


def test_a_missing_val_is_taken_out_of_train_alone():
    test = (LabelledImage(Path("t.jpg"), "nv", "T", "test"),)
    train = dataset([("nv", 2)] * 20 + [("mel", 1)] * 20, "train").images
    counts = Counter(image.split for image in with_splits(Dataset(train + test)).images)
    assert counts["test"] == 1
    assert counts["val"] == 2 * 2 + 2


@pytest.mark.parametrize(
    ("lesions", "message"),
    [([("nv", 3)], "at least two diagnoses"), ([("nv", 1), ("mel", 1)], "No lesion is left")],
)
def test_too_little_to_train_on_is_a_clear_error(lesions: list[tuple[str, int]], message: str):
    with pytest.raises(DatasetError, match=message):
        check_trainable(with_splits(dataset(lesions)).images)
