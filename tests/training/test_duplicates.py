import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionviewer.core.errors import DatasetError
from lesionviewer.core.preprocess import cut_square
from training.datasets import Dataset, LabelledImage, read_dataset
from training.duplicates import (
    Pair,
    find_pairs,
    group_copies,
    leave_copies_out,
    without_copies,
)
from training.embedding import shipped_embed
from training.keypoints import Match
from training.pixels import read_pixels
from training.splits import with_splits


def jpeg(picture: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=40)
    return Image.open(buffer).convert("RGB")


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half the size": lambda p: p.resize((112, 112)),
    "a coarse JPEG": jpeg,
    "a mirror image": lambda p: p.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "a quarter turn": lambda p: p.transpose(Image.Transpose.ROTATE_90),
    "another colour": lambda p: p.point(lambda value: min(255, round(value * 1.1))),
}


@pytest.fixture(scope="module")
def squares(samples: list[Path]) -> list[np.ndarray]:
    return [cut_square(read_pixels(path)[0]) for path in samples]


@pytest.mark.parametrize("kind", COPIES)
def test_an_altered_copy_is_found_and_no_other_lesion(squares: list[np.ndarray], kind: str):
    original = 3
    copy = np.asarray(COPIES[kind](Image.fromarray(squares[original])))
    pairs = find_pairs([*squares, copy].__getitem__, np.arange(len(squares) + 1))
    assert [(pair.first, pair.second) for pair in pairs] == [(original, len(squares))]


def test_a_crop_is_found_by_its_embedding(squares: list[np.ndarray]):
    crop = cut_square(squares[3][20:200, 30:210])
    everything = [*squares, crop]

    def embed(all_squares: object) -> np.ndarray:
        del all_squares
        rows = np.eye(len(everything), dtype=np.float32)
        rows[-1] = rows[3]
        return rows

    pairs = find_pairs(everything.__getitem__, np.arange(len(everything)), embed=embed)
    assert [(pair.first, pair.second) for pair in pairs] == [(3, len(squares))]


def test_pictures_of_one_side_are_not_compared(squares: list[np.ndarray]):
    assert find_pairs([squares[0], squares[0]].__getitem__, ["train", "train"]) == []


def planted(samples: list[Path], folder: Path, splits: tuple[str, str]) -> list[LabelledImage]:
    copy = folder / "copy.jpg"
    Image.open(samples[0]).convert("RGB").transpose(Image.Transpose.ROTATE_180).save(copy)
    paths = [samples[0], samples[1], copy]
    sides = [splits[0], "train", splits[1]]
    return [
        LabelledImage(path, "nv", f"L{n}", split)
        for n, (path, split) in enumerate(zip(paths, sides, strict=True))
    ]


def checked(images: list[LabelledImage]):
    return without_copies(images, lambda path: cut_square(read_pixels(path)[0]))


@pytest.mark.parametrize("splits", [("train", "test"), ("val", "train")])
def test_of_a_planted_leak_the_training_side_is_left_out_and_listed(
    samples: list[Path], tmp_path: Path, splits: tuple[str, str]
):
    images = planted(samples, tmp_path, splits)
    kept, lines = checked(images)
    left = [image for image in images if image not in kept]
    assert [image.split for image in left] == ["train"]
    assert lines[0].startswith(f"{left[0].path}: shows the same lesion as ")
    assert len(lines) == 1


def test_a_pair_in_val_and_test_fails_the_run(samples: list[Path], tmp_path: Path):
    images = planted(samples, tmp_path, ("val", "test"))
    with pytest.raises(DatasetError, match=r"in val and copy\.jpg in test"):
        checked(images)


@pytest.mark.parametrize(("set_aside", "extra"), [(True, False), (False, True)])
def test_an_image_of_val_that_can_be_spared_is_left_out_where_test_shows_the_same(
    set_aside: bool, extra: bool
):
    moved = LabelledImage(Path("a.jpg"), "nv", "L1", "val", set_aside=set_aside)
    tested = LabelledImage(Path("b.jpg"), "nv", "L2", "test", extra=extra)
    other = LabelledImage(Path("c.jpg"), "mel", "L3", "val")
    pair = Pair(1, 0, Match(50, 0.8))
    kept, lines = leave_copies_out([moved, tested, other], [pair])
    assert kept == [tested, other]
    assert len(lines) == 1 and "a.jpg" in lines[0] and "b.jpg in test" in lines[0]


def test_two_copies_in_a_folder_set_stay_on_one_side(samples: list[Path], tmp_path: Path):
    for number, path in enumerate(samples[:8]):
        folder = tmp_path / ("mel" if number % 2 else "nv")
        folder.mkdir(exist_ok=True)
        square = Image.fromarray(cut_square(read_pixels(path)[0]))
        square.save(folder / f"{number}.png")
        jpeg(square).save(folder / f"copy of {number}.png")
    grouped = group_copies(read_dataset(tmp_path))
    lesions = {image.path.stem[-1]: set() for image in grouped.images}
    for image in grouped.images:
        lesions[image.path.stem[-1]].add(image.lesion)
    assert all(len(names) == 1 for names in lesions.values())
    assert len({image.lesion for image in grouped.images}) == 8
    assert {image.split for image in with_splits(grouped).images} == {"train", "val", "test"}


def test_lesions_that_the_data_set_names_are_left_alone(tmp_path: Path):
    images = (LabelledImage(tmp_path / "not there.jpg", "nv", "L1"),) * 2
    dataset = Dataset(images)
    assert group_copies(dataset) is dataset


def test_an_image_that_cannot_be_read_is_no_copy(tmp_path: Path):
    for name in "ab":
        (tmp_path / f"{name}.jpg").write_bytes(b"no picture")
    images = tuple(
        LabelledImage(tmp_path / f"{n}.jpg", "nv", f"{n}.jpg", has_lesion=False) for n in "ab"
    )
    assert group_copies(Dataset(images)).images == images


def test_the_shipped_network_finds_a_crop_among_other_lesions(samples: list[Path]):
    embed = shipped_embed(1)
    if embed is None:
        pytest.skip("needs OpenVINO and the shipped bundle")
    squares = [cut_square(read_pixels(path)[0]) for path in samples]
    rows = embed([*squares, np.ascontiguousarray(squares[3][10:214, 15:219])])
    assert int((rows[:-1] @ rows[-1]).argmax()) == 3
