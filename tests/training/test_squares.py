from pathlib import Path

import numpy as np
import pytest
from small_data import write_image

from lesionviewer.core.preprocess import cut_square
from training.datasets import LabelledImage
from training.feeds import Material, cached_feed, fresh_feed
from training.pixels import read_pixels
from training.squares import open_squares


def images(folder: Path) -> list[LabelledImage]:
    return [
        LabelledImage(write_image(folder / f"{split}.jpg", (150, 90, 60), seed=n), "nv", "L", split)
        for n, split in enumerate(("train", "val"))
    ]


def open_(folder: Path, found: list[LabelledImage]):
    told = []
    store = open_squares(
        folder, found, size=32, threads=1, progress=lambda done, total: told.append((done, total))
    )
    return store, told


def test_val_is_exactly_what_the_viewer_shows_the_network(tmp_path: Path):
    found = images(tmp_path)
    store, _ = open_(tmp_path / "cache", found)
    pixels, sha256 = read_pixels(found[1].path)
    assert np.array_equal(store.square(found[1].path), cut_square(pixels, size=32))
    assert store.digest(found[1].path) == sha256


def test_training_squares_keep_room_for_crops(tmp_path: Path):
    found = images(tmp_path)
    store, _ = open_(tmp_path / "cache", found)
    assert store.square(found[0].path).shape == (41, 41, 3)


def test_an_image_that_cannot_be_read_is_listed_and_left_out(tmp_path: Path):
    found = images(tmp_path)
    found[0].path.write_bytes(b"no picture at all")
    store, _ = open_(tmp_path / "cache", found)
    assert found[0].path not in store
    assert list(store.skipped) == [found[0].path]
    assert found[1].path in store


def test_squares_are_decoded_once(tmp_path: Path):
    found = images(tmp_path)
    first, told = open_(tmp_path / "cache", found)
    assert told == [(0, 2)]
    second, told = open_(tmp_path / "cache", found)
    assert told == []
    assert np.array_equal(first.square(found[0].path), second.square(found[0].path))


def test_a_changed_image_is_decoded_again(tmp_path: Path):
    found = images(tmp_path)
    open_(tmp_path / "cache", found)
    write_image(found[0].path, (10, 200, 10), seed=9, size=(90, 90))
    _, told = open_(tmp_path / "cache", found)
    assert told


@pytest.fixture
def material(tmp_path: Path) -> Material:
    found = images(tmp_path)
    store, _ = open_(tmp_path / "cache", found)
    return Material(store, [found[0].path], 32, seed=0)


def test_fresh_views_are_new_in_every_epoch_and_the_same_for_the_same_seed(material: Material):
    feed = fresh_feed(material, lambda pixels: pixels.astype(np.float16), first_view=4)
    batches = [np.array([0, 0]), np.array([0])]
    first, again, later = (list(feed(batches, epoch)) for epoch in (0, 0, 1))
    assert [len(maps) for maps in first] == [2, 1]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[1], later[1])
    assert not np.array_equal(first[0][0], first[1][0])


def test_a_feed_that_is_closed_early_leaves_no_thread(material: Material):
    feed = fresh_feed(material, lambda pixels: pixels.astype(np.float16), first_view=4)
    maps = feed([np.array([0])] * 50, 0)
    next(maps)
    maps.close()
    with pytest.raises(StopIteration):
        next(maps)


def test_kept_maps_are_turned_but_never_mixed():
    views = [np.arange(2 * 3 * 3, dtype=np.float16).reshape(2, 3, 3, 1) + 100 * v for v in (0, 1)]
    feed = cached_feed(views, seed=0)
    (maps,) = feed([np.array([0, 1] * 20)], 0)
    for row, turned in enumerate(maps):
        assert any(
            np.array_equal(np.sort(turned, axis=None), np.sort(view[row % 2], axis=None))
            for view in views
        )
    assert len({turned.tobytes() for turned in maps}) > 8
