"""The nearest reference images, and a reader's own libraries."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.errors import StoreError
from lesionviewer.engine.doubt.library import ReferenceImage, ReferenceLibrary, nearest_of
from lesionviewer.engine.doubt.nearest import NearestRows
from lesionviewer.engine.doubt.own_library import (
    LibraryRow,
    build_library,
    libraries_dir,
    load_library,
    save_library,
)
from lesionviewer.engine.doubt.reduction import Reduction, to_length_1

WIDTH, KEPT = 12, 5


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(6)


@pytest.fixture
def reduction(rng: np.random.Generator) -> Reduction:
    rows = np.linalg.qr(rng.normal(size=(WIDTH, KEPT)))[0].T.astype(np.float32)
    return Reduction(np.zeros(WIDTH, np.float32), rows)


def rows(rng: np.random.Generator, count: int) -> list[LibraryRow]:
    return [
        LibraryRow(
            rng.normal(size=WIDTH).astype(np.float32),
            ("nv", "mel")[number % 2],
            Path("mine") / f"ä {number}.jpg",
            "histo",
        )
        for number in range(count)
    ]


def test_the_nearest_are_those_of_the_largest_cosine(rng) -> None:
    library = to_length_1(rng.normal(size=(500, 16)))
    queries = to_length_1(rng.normal(size=(20, 16)))
    places, cosines = NearestRows(library).search(queries, 7)
    exact = queries @ library.T
    expected = np.argsort(-exact, axis=1)[:, :7]
    assert (places == expected).all()
    assert cosines == pytest.approx(np.take_along_axis(exact, expected, axis=1), abs=1e-5)


def test_fewer_rows_than_asked_for_are_all_returned(rng) -> None:
    index = NearestRows(to_length_1(rng.normal(size=(3, 4))))
    places, _ = index.search(to_length_1(rng.normal(size=(2, 4))), 5)
    assert places.shape == (2, 3)
    assert NearestRows(np.empty((0, 4), np.float32)).search(np.ones((2, 4)), 5)[0].shape == (2, 0)


def test_several_libraries_answer_as_one(rng) -> None:
    vectors = to_length_1(rng.normal(size=(40, 8)))
    images = [ReferenceImage(str(number), "nv") for number in range(40)]
    whole = ReferenceLibrary(images, vectors)
    parts = [
        ReferenceLibrary(images[:25], vectors[:25]),
        ReferenceLibrary(images[25:], vectors[25:]),
    ]
    query = to_length_1(rng.normal(size=(1, 8)))[0]
    assert [case.image.id for case in nearest_of(parts, query, 6)] == [
        case.image.id for case in whole.nearest(query, 6)
    ]


def test_an_own_library_comes_back_as_it_was_saved(
    rng, reduction, tiny_bundle: Path, tmp_path: Path
) -> None:
    bundle, given = open_bundle(tiny_bundle), rows(rng, 9)
    save_library(build_library("My clinic", given, reduction), tmp_path / "clinic", bundle)
    library = load_library(tmp_path / "clinic", bundle, width=KEPT)
    assert library.images[3] == ReferenceImage("ä 3", "mel", "histo", "My clinic", given[3].path)
    best = library.nearest(reduction.reduce(given[4].embedding[None])[0], 1)[0]
    assert best.image.id == "ä 4"
    assert best.similarity == pytest.approx(1, abs=1e-3)
    assert {path.name for path in (tmp_path / "clinic").iterdir()} == {
        "vectors.safetensors",
        "library.json",
    }


def test_a_library_of_another_model_is_refused(
    rng, reduction, tiny_bundle: Path, tmp_path: Path
) -> None:
    bundle = open_bundle(tiny_bundle)
    save_library(build_library("Mine", rows(rng, 3), reduction), tmp_path, bundle)
    words = json.loads((tmp_path / "library.json").read_text("utf-8"))
    (tmp_path / "library.json").write_text(json.dumps(words | {"card_sha256": "0" * 64}), "utf-8")
    with pytest.raises(StoreError, match="made with another model"):
        load_library(tmp_path, bundle, width=KEPT)


@pytest.mark.parametrize("damage", ["words", "vectors", "shape", "missing"])
def test_a_damaged_library_is_refused(
    rng, reduction, tiny_bundle: Path, tmp_path: Path, damage: str
) -> None:
    bundle = open_bundle(tiny_bundle)
    save_library(build_library("Mine", rows(rng, 3), reduction), tmp_path, bundle)
    if damage == "words":
        (tmp_path / "library.json").write_text("{", "utf-8")
    elif damage == "vectors":
        (tmp_path / "vectors.safetensors").write_bytes(b"nothing")
    elif damage == "shape":
        save_file({"vectors": np.ones((2, KEPT), np.float16)}, tmp_path / "vectors.safetensors")
    else:
        (tmp_path / "vectors.safetensors").unlink()
    with pytest.raises(StoreError, match="again"):
        load_library(tmp_path, bundle, width=KEPT)


def test_a_library_without_images_is_refused(reduction) -> None:
    with pytest.raises(StoreError, match="would be empty"):
        build_library("Mine", [], reduction)


def test_own_libraries_lie_in_the_programs_data_folder(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LESIONVIEWER_HOME", str(tmp_path))
    assert libraries_dir() == tmp_path / "data" / "libraries"
