"""A reader's own confirmed images are found, read and made into rows of a library."""

from pathlib import Path

import numpy as np
import pytest
from bundles import tiny_card
from PIL import Image

from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.errors import DatasetError, StoreError
from lesionviewer.engine.doubt.own_building import confirmed_images, library_rows
from lesionviewer.engine.doubt.own_library import free_name, remove_library
from lesionviewer.engine.fake_classifier import FakeClassifier


def save(path: Path, grey: int = 40) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((40, 50, 3), grey, np.uint8)).save(path)
    return path


def test_sub_folders_are_diagnoses_by_code_or_by_name(tmp_path: Path) -> None:
    save(tmp_path / "mel" / "a.png")
    save(tmp_path / "Basal cell carcinoma" / "deep" / "b.png")
    save(tmp_path / "unknown" / "c.png")
    save(tmp_path / "loose.png")
    found = confirmed_images(tmp_path)
    assert [(image.path.name, image.diagnosis) for image in found] == [
        ("b.png", "bcc"),
        ("a.png", "mel"),
    ]


def test_a_table_names_images_below_its_folder(tmp_path: Path) -> None:
    save(tmp_path / "pictures" / "ISIC_1.png")
    save(tmp_path / "ISIC_2.png")
    save(tmp_path / "ISIC_3.png")
    table = tmp_path / "table.csv"
    table.write_text("image_id,dx,dx_type\nISIC_1,mel,histo\nISIC_2,,\nISIC_9,nv,histo\n")
    found = confirmed_images(table)
    assert [(i.path.name, i.diagnosis, i.confirmation) for i in found] == [
        ("ISIC_1.png", "mel", "histo")
    ]


def test_a_folder_or_table_without_such_images_says_what_is_expected(tmp_path: Path) -> None:
    save(tmp_path / "loose.png")
    with pytest.raises(DatasetError, match="one sub-folder for each diagnosis"):
        confirmed_images(tmp_path)
    table = tmp_path / "table.csv"
    table.write_text("image_id,dx\nother,mel\n")
    with pytest.raises(DatasetError, match="beside the pictures"):
        confirmed_images(table)


def test_each_readable_image_gets_its_embedding_and_the_others_are_told(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / "mel" / f"{number}.png", grey=20 + 60 * number)
    (tmp_path / "mel" / "broken.png").write_bytes(b"no picture")
    classifier = FakeClassifier(tiny_card(), batch_size=2)
    unreadable, at = [], []
    with DecodePool(1) as pool:
        rows = list(
            library_rows(
                confirmed_images(tmp_path),
                pool,
                classifier,
                progress=lambda *done: at.append(done),
                on_unreadable=unreadable.append,
            )
        )
    assert [row.path.name for row in rows] == ["0.png", "1.png", "2.png"]
    assert [image.path.name for image in unreadable] == ["broken.png"]
    assert at == [(0, 4), (2, 4)]
    square = np.full((1, 224, 224, 3), 20, np.uint8)
    np.testing.assert_allclose(rows[0].embedding, classifier.predict(square).embedding[0])


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine 2").mkdir()
    assert free_name(tmp_path, "mine") == "mine 3"
    assert free_name(tmp_path, "other") == "other"


def test_a_folder_that_holds_something_else_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be removed"):
        remove_library(tmp_path)
    assert (tmp_path / "holiday.jpg").exists()
