from pathlib import Path

import pytest
from small_data import make_csv_set, make_folder_set, write_image

from lesionviewer.core.errors import DatasetError
from training.datasets import as_code, read_dataset


def row(name: str, dx: str = "nv", **more: str) -> dict[str, str]:
    return {"image_id": name, "dx": dx, **more}


def test_a_csv_finds_its_images_in_the_folder_beside_it(tmp_path: Path):
    data = make_csv_set(tmp_path, [row("ISIC_1"), row("ISIC_2", "mel")])
    images = read_dataset(data).images
    assert [(image.path.name, image.code) for image in images] == [
        ("ISIC_1.jpg", "nv"),
        ("ISIC_2.jpg", "mel"),
    ]


def test_a_csv_finds_its_images_in_several_folders(tmp_path: Path):
    data = make_csv_set(tmp_path, [row("a"), row("b")], folder="part_1")
    (tmp_path / "part_2").mkdir()
    (tmp_path / "part_1" / "b.jpg").rename(tmp_path / "part_2" / "b.jpg")
    images = read_dataset(data, [tmp_path / "part_1", tmp_path / "part_2"]).images
    assert [image.path.parent.name for image in images] == ["part_1", "part_2"]


def test_lesion_and_split_are_taken_from_the_csv(tmp_path: Path):
    data = make_csv_set(tmp_path, [row("a", lesion_id="L1", split="val"), row("b", lesion_id="")])
    first, second = read_dataset(data).images
    assert (first.lesion, first.split) == ("L1", "val")
    assert (second.lesion, second.split) == ("b", "")
    assert (first.has_lesion, second.has_lesion) == (True, False)


def test_a_folder_set_names_no_lesions(tmp_path: Path):
    images = read_dataset(make_folder_set(tmp_path)).images
    assert not any(image.has_lesion for image in images)


def test_what_else_a_csv_says_of_an_image_is_kept_where_it_says_something(tmp_path: Path):
    rows = [row("a", sex="male", age="60.0", note="x"), row("b", sex="", age=" 5 ", note="")]
    first, second = read_dataset(make_csv_set(tmp_path, rows)).images
    assert dict(first.attributes) == {"sex": "male", "age": "60.0"}
    assert dict(second.attributes) == {"age": "5"}


def test_rows_without_diagnosis_or_image_are_listed(tmp_path: Path):
    data = make_csv_set(tmp_path, [row("a"), row("b", ""), row("c")])
    (tmp_path / "images" / "c.jpg").unlink()
    dataset = read_dataset(data)
    assert [image.path.stem for image in dataset.images] == ["a"]
    assert dataset.notices == ("line 3: b has no diagnosis", "line 4: no image file for c")


def test_a_csv_without_the_needed_columns_is_refused(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_text("name,dx\na,nv\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="no column image_id"):
        read_dataset(path)


def test_an_unknown_split_is_refused_with_its_line(tmp_path: Path):
    data = make_csv_set(tmp_path, [row("a", split="holdout")])
    with pytest.raises(DatasetError, match="line 2: the split is 'holdout'"):
        read_dataset(data)


def test_folder_names_become_codes(tmp_path: Path):
    images = read_dataset(make_folder_set(tmp_path, count=2)).images
    assert sorted({image.code for image in images}) == ["angioma", "melanoma_in_situ", "nevus"]
    assert {image.split for image in images} == {""}


def test_folders_named_train_val_test_are_the_split(tmp_path: Path):
    for split in ("train", "Validation", "test"):
        make_folder_set(tmp_path / split, count=1)
    images = read_dataset(tmp_path).images
    assert {image.split for image in images} == {"train", "val", "test"}
    assert {image.code for image in images} == {"angioma", "melanoma_in_situ", "nevus"}


def test_two_folders_of_one_code_are_refused(tmp_path: Path):
    for name in ("Basal cell", "basal_cell"):
        write_image(tmp_path / name / "a.jpg", (90, 90, 90), seed=1)
    with pytest.raises(DatasetError, match="same code 'basal_cell'"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_nothing_usable_is_a_clear_error(tmp_path: Path, name: str):
    with pytest.raises(DatasetError, match=r"There is no data set|holds no labelled image"):
        read_dataset(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "code"),
    [("NV", "nv"), ("Squamous cell", "squamous_cell"), ("Spitz-Nävus", "spitz_n_vus")],
)
def test_other_characters_become_underscores(name: str, code: str):
    assert as_code(name) == code
