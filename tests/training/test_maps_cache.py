from pathlib import Path

import numpy as np
import pytest

from training.cache import cache_key, fill_cache


class StopError(Exception):
    pass


def numbered(rows):
    return np.stack([np.full((2, 2, 3), row, np.float16) for row in rows])


def fill(path: Path, *, stop_at: int | None = None, rows: int = 10):
    made = []

    def progress(done: int, total: int) -> None:
        if stop_at is not None and done >= stop_at:
            raise StopError

    def make(numbers):
        made.extend(numbers)
        return numbered(numbers)

    return fill_cache(path, rows, make, chunk=4, progress=progress), made


def test_maps_come_back_as_they_were_made(tmp_path: Path):
    maps, made = fill(tmp_path / "a.f16")
    assert made == list(range(10))
    assert np.array_equal(maps, numbered(range(10)))


def test_full_maps_are_not_made_again(tmp_path: Path):
    fill(tmp_path / "a.f16")
    maps, made = fill(tmp_path / "a.f16")
    assert made == []
    assert maps.shape == (10, 2, 2, 3)


def test_a_stop_keeps_what_was_made(tmp_path: Path):
    with pytest.raises(StopError):
        fill(tmp_path / "a.f16", stop_at=8)
    maps, made = fill(tmp_path / "a.f16")
    assert made == [8, 9]
    assert np.array_equal(maps, numbered(range(10)))


def test_a_row_cut_short_by_a_kill_is_made_again(tmp_path: Path):
    with pytest.raises(StopError):
        fill(tmp_path / "a.f16", stop_at=8)
    path = tmp_path / "a.f16"
    path.write_bytes(path.read_bytes()[:-5])
    maps, made = fill(path)
    assert made[0] == 7
    assert np.array_equal(maps, numbered(range(10)))


def test_other_parts_give_another_key():
    assert cache_key(["a"], 1) == cache_key(["a"], 1)
    assert cache_key(["a"], 1) != cache_key(["a"], 2)
