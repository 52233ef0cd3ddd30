"""Tables of HAM10000 and the ISIC archive, and worse ones."""

from pathlib import Path

import pytest

from lesionviewer.core.errors import DatasetError
from lesionviewer.core.metadata import diagnosis_code, image_key, read_metadata


@pytest.fixture
def table(tmp_path: Path):
    def read(text: str, encoding: str = "utf-8"):
        file = tmp_path / "table.csv"
        file.write_bytes(text.encode(encoding))
        return read_metadata(file)

    return read


def test_the_table_of_ham10000_is_read(shared: Path):
    table = read_metadata(shared / "data" / "ham10000" / "HAM10000_metadata.csv")
    assert table.rows["isic_0027419"] == {
        "lesion": "HAM_0000118",
        "diagnosis": "bkl",
        "confirmed_by": "histo",
        "age": "80",
        "sex": "male",
        "site": "scalp",
    }


def test_the_table_of_the_isic_archive_is_read(table):
    found = table(
        "isic_id,age_approx,anatom_site_general,diagnosis_1,diagnosis_3,diagnosis_5,sex,patient_id\n"
        "ISIC_1,45.0,anterior torso,Malignant,Melanoma Invasive,,FEMALE,IP_7\n"
    )
    assert found.rows == {
        "isic_1": {
            "diagnosis": "mel",
            "age": "45",
            "sex": "FEMALE",
            "site": "anterior torso",
            "patient": "IP_7",
        }
    }


def test_the_ground_truth_of_the_challenges_is_read(table):
    found = table("image,MEL,NV,BCC,AK,UNK\na.jpg,0.0,0.0,0.0,1.0,0.0\nb,0,1,0,0,0\nc,1,1,0,0,0\n")
    assert [row.get("diagnosis") for row in found.rows.values()] == ["akiec", "nv", None]


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_case_order_separators_and_missing_columns_do_not_matter(table, separator):
    lines = (("SEX", " Image_ID "), ("male", r"C:\pictures\ISIC_9.JPG"), ("unknown", "x"), ("", ""))
    found = table("\r\n".join(map(separator.join, lines)), "utf-8-sig")
    assert found.rows == {"isic_9": {"sex": "male"}, "x": {}}


def test_the_later_of_two_rows_counts_and_is_told(table):
    found = table("image_id,age\na,50\nA.png,60\n")
    assert (found.rows, found.repeated) == ({"a": {"age": "60"}}, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column"),
        ("age,sex\n1,male\n", "no column"),
        ("image_id,age\n", "names no image"),
        ("image_id\n\udcff\n", "UTF-8"),
    ],
)
def test_what_is_no_such_table_is_refused_in_words(tmp_path, text, words):
    file = tmp_path / "table.csv"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DatasetError, match=words):
        read_metadata(file)


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DatasetError, match="Cannot read"):
        read_metadata(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ISIC_1.jpg", "isic_1"),
        ("a/b/ISIC_1", "isic_1"),
        ("1.2.840.5", "1.2.840.5"),
        (".jpg", ".jpg"),
        ("x.tar.dcm", "x.tar"),
        ("a\udcff.png", "a?"),
    ],
)
def test_names_of_images_meet(name, key):
    assert image_key(name) == key


def test_diagnoses_get_codes():
    assert diagnosis_code("Squamous cell carcinoma, NOS") == "squamous_cell_carcinoma_nos"
    assert diagnosis_code(" Nevus ") == "nv"
    assert diagnosis_code("unknown") == ""
