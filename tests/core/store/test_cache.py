"""The cache: exact where it counts, bounded, and never in the way."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from lesionviewer.core.doubt import Doubt
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.quality.result import PictureQuality, QualityFigure
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.store.cache import Cache, Model, PictureFacts
from lesionviewer.core.store.cache_codec import CachedPrediction

MODEL = Model("b" * 64, "openvino-int8")
CENTRE = SquareRegion(10, 0, 80)


@pytest.fixture
def cache(folder: Path) -> Iterator[Cache]:
    """An open cache."""
    made = Cache(folder)
    yield made
    made.close()


@pytest.fixture
def cached() -> Callable[..., CachedPrediction]:
    """Makes a prediction with everything that can be kept of one."""

    def make(
        seed: int = 0, *, region: SquareRegion = CENTRE, chosen: bool = False
    ) -> CachedPrediction:
        chance = np.random.default_rng(seed)
        doubt = Doubt(
            MappingProxyType({90: (4,), 95: (4, 5)}),
            float(chance.normal()),
            chance.normal(size=16).astype(np.float32),
        )
        prediction = Prediction(
            chance.dirichlet(np.ones(7)).astype(np.float32),
            chance.normal(size=(7, 7, 7)).astype(np.float32),
            region,
            chosen,
            doubt,
            PictureQuality((QualityFigure("hairs", "Hair", 3.25, "% of the square", True, "So."),)),
        )
        return CachedPrediction(
            prediction,
            chance.normal(size=7).astype(np.float32),
            chance.normal(size=64).astype(np.float32),
        )

    return make


def test_a_prediction_comes_back_to_the_bit_and_its_maps_to_half_precision(cache, cached, digest):
    kept = cached()
    cache.keep_predictions(MODEL, {digest(1): kept})
    (found,) = cache.predictions(MODEL, [digest(1), digest(2)]).values()
    old, new = kept.prediction, found.prediction
    assert new.probabilities.tobytes() == old.probabilities.tobytes()
    assert new.probabilities.dtype == new.activation_maps.dtype == np.float32
    assert np.array_equal(new.activation_maps, old.activation_maps.astype(np.float16))
    assert (new.region, new.chosen_region) == (old.region, False)
    assert new.doubt.sets == old.doubt.sets
    assert new.doubt.outlier == old.doubt.outlier
    assert new.doubt.reduced.tobytes() == old.doubt.reduced.tobytes()
    assert new.quality == old.quality
    assert found.logits.tobytes() == kept.logits.tobytes()
    assert np.array_equal(found.embedding, kept.embedding.astype(np.float16))


def test_no_part_of_a_prediction_was_added_that_the_cache_would_lose():
    assert [field.name for field in fields(Prediction)] == [
        *("probabilities", "activation_maps", "region", "chosen_region", "doubt", "quality"),
    ]
    assert [field.name for field in fields(Doubt)] == ["sets", "outlier", "reduced"]


def test_a_bare_prediction_comes_back_bare(cache, digest):
    maps = np.arange(48, dtype=np.float32).reshape(4, 4, 3).transpose(1, 0, 2)
    maps[0, 0, 0] = 1e9
    bare = Prediction(np.array([0.25, 0.5, 0.25], np.float32), maps, CENTRE)
    cache.keep_predictions(MODEL, {digest(1): CachedPrediction(bare)})
    found = cache.predictions(MODEL, [digest(1)])[digest(1)]
    assert (found.logits, found.embedding, found.prediction.doubt) == (None, None, None)
    assert np.array_equal(found.prediction.activation_maps[1:], maps[1:])
    assert found.prediction.activation_maps[0, 0, 0] == np.finfo(np.float16).max


@pytest.mark.parametrize(
    "other", [Model("c" * 64, "openvino-int8"), Model("b" * 64, "openvino-float")]
)
def test_another_model_or_engine_finds_nothing(cache, cached, digest, other):
    cache.keep_predictions(MODEL, {digest(1): cached()})
    assert cache.predictions(other, [digest(1)]) == {}


def test_a_chosen_region_is_kept_beside_the_centre(cache, cached, digest):
    region = SquareRegion(3, 4, 50)
    cache.keep_predictions(MODEL, {digest(1): cached(1)})
    cache.keep_predictions(MODEL, {digest(1): cached(2, region=region, chosen=True)})
    centre = cache.predictions(MODEL, [digest(1)])[digest(1)].prediction
    chosen = cache.predictions(MODEL, [digest(1)], region)[digest(1)].prediction
    assert (centre.region, chosen.region) == (CENTRE, region)
    assert (centre.chosen_region, chosen.chosen_region) == (False, True)


def test_predictions_of_a_large_folder_come_back_after_a_restart(folder, cached, digest):
    cache = Cache(folder)
    kept = {digest(number): cached(number) for number in range(1200)}
    cache.keep_predictions(MODEL, kept)
    cache.close()
    cache = Cache(folder)
    found = cache.predictions(MODEL, kept)
    cache.close()
    assert set(found) == set(kept)
    for sha256, old in kept.items():
        assert np.array_equal(found[sha256].prediction.probabilities, old.prediction.probabilities)


def test_thumbnails_come_back_almost_as_they_were(cache, digest):
    across = np.linspace(0, 255, 160).astype(np.uint8)
    pixels = np.stack([np.broadcast_to(across, (120, 160))] * 3, axis=-1)
    cache.keep_thumbnails(160, {digest(1): pixels})
    found = cache.thumbnails(160, [digest(1)])[digest(1)]
    assert found.shape == (120, 160, 3)
    assert np.abs(found.astype(int) - pixels).max() <= 6
    assert cache.thumbnails(320, [digest(1)]) == {}


def test_facts_of_pictures_come_back(cache, digest):
    facts = {digest(1): PictureFacts(600, 450, ("The first of 3 pages.",))}
    cache.keep_facts(facts)
    assert cache.facts([digest(1), digest(2)]) == facts


def test_what_was_not_used_for_longest_goes_first(folder, digest):
    limit = 400_000
    cache = Cache(folder, limit_bytes=limit)
    chance = np.random.default_rng(0)
    for number in range(60):
        pixels = chance.integers(0, 256, (80, 80, 3), np.uint8)
        cache.keep_thumbnails(80, {digest(number): pixels})
        assert cache.thumbnails(80, [digest(0)])
        assert cache.bytes <= limit
    kept = cache.thumbnails(80, map(digest, range(60)))
    assert digest(59) in kept
    assert digest(1) not in kept
    cache.close()
    assert (folder / "cache.db").stat().st_size <= limit * 1.2


def test_a_smaller_limit_shrinks_the_file(folder, digest):
    chance = np.random.default_rng(0)
    many = {digest(n): chance.integers(0, 256, (80, 80, 3), np.uint8) for n in range(60)}
    for limit in (1 << 30, 300_000):
        cache = Cache(folder, limit_bytes=limit)
        cache.keep_thumbnails(80, many)
        cache.close()
    assert (folder / "cache.db").stat().st_size <= 300_000 * 1.2


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def garbage(file: Path) -> None:
    file.write_bytes(os.urandom(50_000))


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:6000])


def other_version(file: Path) -> None:
    with sqlite3.connect(file) as other:
        other.execute("PRAGMA user_version=99")
    other.close()


def foreign(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE entries (url TEXT)")
        other.execute("PRAGMA user_version=1")
    other.close()


@pytest.mark.parametrize("harm", [emptied, garbage, truncated, other_version, foreign])
def test_a_cache_that_cannot_be_used_is_made_anew_without_a_word_to_the_user(
    folder, cached, digest, harm, caplog
):
    cache = Cache(folder)
    cache.keep_predictions(MODEL, {digest(n): cached(n) for n in range(40)})
    cache.close()
    harm(folder / "cache.db")
    caplog.set_level(logging.INFO)
    cache = Cache(folder)
    assert cache.predictions(MODEL, [digest(1)]) == {}
    cache.keep_predictions(MODEL, {digest(1): cached()})
    assert set(cache.predictions(MODEL, [digest(1)])) == {digest(1)}
    cache.close()
    assert str(folder) not in caplog.text
    assert harm is emptied or "made anew" in caplog.text


def test_damage_that_shows_while_it_works_ends_in_a_new_cache(folder, cached, digest):
    cache = Cache(folder)
    cache.keep_predictions(MODEL, {digest(n): cached(n) for n in range(200)})
    cache.close()
    content = bytearray((folder / "cache.db").read_bytes())
    for start in range(8192, len(content), 4096):
        content[start : start + 100] = b"\xff" * 100
    (folder / "cache.db").write_bytes(content)
    cache = Cache(folder)
    everything = [digest(n) for n in range(200)]
    assert cache.predictions(MODEL, everything) == {}
    cache.keep_predictions(MODEL, {digest(1): cached()})
    assert set(cache.predictions(MODEL, everything)) == {digest(1)}
    cache.close()


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, b"garbage that is no tensor"])
def test_an_entry_that_cannot_be_understood_is_dropped(folder, cached, digest, content):
    cache = Cache(folder)
    cache.keep_predictions(MODEL, {digest(1): cached()})
    cache.keep_thumbnails(80, {digest(1): np.zeros((8, 8, 3), np.uint8)})
    with sqlite3.connect(folder / "cache.db") as other:
        other.execute("UPDATE entries SET content = ?", (content,))
    other.close()
    assert cache.predictions(MODEL, [digest(1)]) == {}
    assert cache.thumbnails(80, [digest(1)]) == {}
    with sqlite3.connect(folder / "cache.db") as other:
        assert other.execute("SELECT COUNT(*) FROM entries").fetchone() == (0,)
    other.close()
    cache.close()


def test_a_killed_program_leaves_a_cache_that_works(folder, tmp_path, cached, digest):
    cache = Cache(folder)
    cache.keep_predictions(MODEL, {digest(1): cached()})
    shutil.copytree(folder, tmp_path / "killed", ignore=shutil.ignore_patterns("*-shm"))
    cache.close()
    cache = Cache(tmp_path / "killed")
    assert set(cache.predictions(MODEL, [digest(1)])) == {digest(1)}
    cache.close()


def test_a_cache_that_another_program_writes_is_passed_over(folder, cached, digest, monkeypatch):
    monkeypatch.setattr("lesionviewer.core.store.cache_file._BUSY_MS", 0)
    cache = Cache(folder)
    other = sqlite3.connect(folder / "cache.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    cache.keep_predictions(MODEL, {digest(1): cached()})
    assert cache.predictions(MODEL, [digest(1)]) == {}
    other.close()
    cache.keep_predictions(MODEL, {digest(1): cached()})
    assert set(cache.predictions(MODEL, [digest(1)])) == {digest(1)}
    cache.close()


def test_without_a_folder_there_is_no_cache_and_no_error(tmp_path, cached, digest):
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    cache.keep_predictions(MODEL, {digest(1): cached()})
    assert cache.predictions(MODEL, [digest(1)]) == {}
    assert cache.bytes == 0
    cache.close()


def test_a_closed_cache_finds_nothing(cache, cached, digest):
    cache.keep_predictions(MODEL, {digest(1): cached()})
    cache.close()
    cache.close()
    assert cache.predictions(MODEL, [digest(1)]) == {}
