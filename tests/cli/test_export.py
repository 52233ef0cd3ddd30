"""`lesionviewer export`: each file is opened again by another program's reader."""

import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pypdf import PdfReader

from lesionviewer.cli.export import main
from lesionviewer.cli.import_metadata import main as import_metadata
from lesionviewer.core.intended_use import FULL, SHORT
from lesionviewer.core.store.store import SessionStore

HAM = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
HOSTILE = '=cmd|"$\\frac{1}{0}$".jpg'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESIONVIEWER_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path: Path, picture) -> Path:
    """A bright spot with EXIF, a dark picture, one of a hostile name, and no picture."""
    exif = Image.Exif()
    exif[0x010E] = "Jane Doe"
    images = tmp_path / "images"
    picture(images / "a.jpg", spot=(40, 30), exif=exif, quality=95)
    picture(images / "sub" / "b.png", width=70)
    picture(images / HOSTILE, height=50)
    (images / "c.jpg").write_bytes(b"no picture")
    return images


@pytest.fixture
def decided(folder: Path) -> Path:
    """The folder, once Ada has decided two of its images and a table told of one."""
    table = folder.parent / "meta.csv"
    table.write_text("image_id,lesion_id,age,sex,dx\na,L1,70,female,mel\n", encoding="utf-8")
    assert import_metadata([str(table), "--session", str(folder)]) == 1
    with SessionStore.open() as store:
        session = store.session_for([folder], reader="Ada")
        note = "=1+1\n漢字 $\\bad$"
        session.decide([digest(folder / "a.jpg")], {"diagnosis": "mel", "note": note, "flag": True})
        session.decide([digest(folder / "sub" / "b.png")], {"unsure": True})
    return folder


@pytest.fixture
def export(tiny_bundle: Path, tmp_path: Path) -> Callable[..., int]:
    """Run the command; nothing half-written may remain."""

    def run(subject: object, kind: str, out: Path, *words: str, bundle: Path = tiny_bundle) -> int:
        options = ["--format", kind, "--out", str(out), "--bundle", str(bundle)]
        status = main([str(subject), *options, "--engine", "openvino", *words])
        assert not list(tmp_path.rglob("*.part"))
        return status

    return run


def digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def test_pandas_reads_the_csv(decided, export, tmp_path):
    assert export(decided, "csv", tmp_path / "x.csv") == 1
    table = pd.read_csv(tmp_path / "x.csv", index_col="path", keep_default_na=False)
    assert sorted(table.index) == sorted([f"'{HOSTILE}", "a.jpg", "c.jpg", "sub/b.png"])
    first = table.loc["a.jpg"]
    assert (first.decision, first.flag, first.diagnosis, first.reader) == (
        "mel",
        "yes",
        "mel",
        "Ada",
    )
    assert first.note == "'=1+1\n漢字 $\\bad$"
    assert sum(float(first[f"p_{code}"]) for code in HAM) == pytest.approx(1, abs=1e-5)
    assert first.sha256 == digest(decided / "a.jpg")
    assert list(table.status) == ["ok", "ok", "error", "ok"]
    assert table.loc["sub/b.png"].decision == "unsure"
    assert set(table.intended_use) == {SHORT}


def test_patient_data_go_out_only_where_asked_for(decided, export, tmp_path):
    for kind in ("csv", "json"):
        export(decided, kind, tmp_path / "without")
        assert "L1" not in (text := (tmp_path / "without").read_text("utf-8"))
        assert "female" not in text
        export(decided, kind, tmp_path / "with", "--with-patient-data")
        assert "L1" in (text := (tmp_path / "with").read_text("utf-8"))
        assert "female" in text


def test_the_json_has_what_a_replay_needs(decided, export, tmp_path, tiny_bundle):
    assert export(decided, "json", tmp_path / "x.json") == 1
    document = json.loads((tmp_path / "x.json").read_text("ascii"))
    assert document["intended_use"] == FULL
    assert document["model"]["bundle"] == digest(tiny_bundle / "card.json")
    assert document["model"]["engine"].startswith("openvino")
    entry = next(image for image in document["images"] if image["path"] == "a.jpg")
    assert entry["file"] == str(Path("images") / "a.jpg")
    assert entry["sha256"] == digest(decided / "a.jpg")
    assert entry["region"] == [10, 0, 60]
    assert entry["decision"]["diagnosis"] == "mel"
    assert sum(entry["probabilities"].values()) == pytest.approx(1)
    assert str(tmp_path) not in json.dumps(document)


def test_pandas_reads_the_isic_table(decided, export, tmp_path):
    assert export(decided, "isic2018", tmp_path / "x.csv") == 1
    table = pd.read_csv(tmp_path / "x.csv")
    assert list(table) == ["image", "MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC"]
    assert set(table.image) == {"a", "b", f"'{HOSTILE[:-4]}"}
    assert np.allclose(table.drop(columns="image").sum(axis=1), 1, atol=1e-5)
    assert FULL in (tmp_path / "x.csv.intended-use.txt").read_text("utf-8")


def test_the_isic_table_needs_names_that_differ(decided, export, picture, tmp_path, capsys):
    picture(decided / "sub" / "a.jpg")
    assert export(decided, "isic2018", tmp_path / "x.csv") == 2
    assert "would both be the image a" in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


def test_pypdf_reads_the_report(decided, export, tmp_path):
    assert export(decided, "pdf", tmp_path / "x.pdf", "--with-patient-data") == 1
    pages = [page.extract_text() for page in PdfReader(tmp_path / "x.pdf").pages]
    assert len(pages) == 5
    assert "Ada" in pages[0]
    assert "2 of 4 images" in pages[0]
    (first,) = (page for page in pages if "a.jpg" in page)
    for words in ("Melanoma", "=1+1", "$\\bad$", "flagged", "female", "tiny", "openvino"):
        assert words in first
    assert any(HOSTILE in page for page in pages)
    assert all("It is not a medical device" in page for page in pages)


def test_a_report_of_one_image_has_one_page(decided, export, tmp_path):
    assert export(decided, "pdf", tmp_path / "x.pdf", "--only", "flagged") == 0
    (page,) = PdfReader(tmp_path / "x.pdf").pages
    assert "a.jpg" in page.extract_text()
    assert "female" not in page.extract_text()
    assert len(page.images) == 6


def test_folders_hold_the_pixels_and_nothing_else(decided, export, tmp_path):
    assert export(decided, "folders", tmp_path / "sorted") == 1
    files = {
        path.relative_to(tmp_path / "sorted").as_posix()
        for path in (tmp_path / "sorted").rglob("*")
        if path.is_file()
    }
    wanted = {"README.txt", "mel/a.jpg", "unsure/sub/b.png.png", f"undecided/{HOSTILE}"}
    assert files == wanted
    copy = tmp_path / "sorted" / "mel" / "a.jpg"
    assert b"Jane Doe" in (decided / "a.jpg").read_bytes()
    assert b"Jane Doe" not in copy.read_bytes()
    with Image.open(copy) as made, Image.open(decided / "a.jpg") as source:
        assert not made.getexif()
        difference = np.asarray(made).astype(int) - np.asarray(source.convert("RGB"))
        assert np.abs(difference).mean() < 2


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_folders_may_hold_links(decided, export, tmp_path):
    assert export(decided, "folders", tmp_path / "sorted", "--links", "--only", "decided") == 0
    assert (tmp_path / "sorted" / "mel" / "a.jpg").readlink() == decided / "a.jpg"


def test_a_folder_that_holds_something_is_left_alone(decided, export, tmp_path, capsys):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    assert export(decided, "folders", tmp_path / "full") == 2
    assert "is there already" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_a_folder_without_a_session_has_predictions_only(folder, export, tmp_path):
    assert export(folder, "csv", tmp_path / "x.csv") == 1
    table = pd.read_csv(tmp_path / "x.csv")
    assert set(table.decision) == {"undecided"}
    assert table.reader.isna().all()


def test_a_session_is_named_by_the_digits_it_begins_with(decided, export, tmp_path):
    with SessionStore.look_into() as store:
        (info,) = store.sessions()
    assert export(info.uid[:8], "csv", tmp_path / "x.csv", "--only", "decided") == 0
    assert len(pd.read_csv(tmp_path / "x.csv")) == 2


def test_an_export_may_be_made_while_a_window_is_open(decided, export, tmp_path):
    with SessionStore.open():
        assert export(decided, "csv", tmp_path / "x.csv") == 1


def test_what_is_known_is_not_predicted_again(decided, export, tmp_path, monkeypatch):
    export(decided, "csv", tmp_path / "first.csv", "--only", "decided")

    def never(*_: object, **__: object) -> None:
        raise AssertionError("predicted again")

    chosen = "lesionviewer.engine.openvino_classifier.OpenVinoClassifier.predict"
    monkeypatch.setattr(chosen, never)
    assert export(decided, "csv", tmp_path / "second.csv", "--only", "decided") == 0
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("nowhere", "--format", "csv", "--out", "x"), "no session, file or folder nowhere"),
        (("{folder}", "--format", "csv", "--out", "{folder}"), "is a folder"),
        (("{folder}", "--format", "csv", "--out", "{folder}/a.jpg"), "would overwrite an image"),
        (("{folder}", "--format", "csv", "--out", "/no/such/place.csv"), "Cannot write"),
        (("{folder}", "--format", "pdf", "--out", "/no/such/place.pdf"), "Cannot write"),
        (("{folder}", "--format", "csv", "--out", "x", "--links"), "--links goes with"),
        (("{folder}", "--format", "csv", "--out", "x", "--only", "best"), "--only names best"),
        (("{folder}", "--format", "csv", "--out", "x", "--only", "flagged"), "no image is flagged"),
        (("{folder}", "--format", "csv", "--out", "x", "--reader", "Ben"), "belongs to no session"),
        (("{folder}", "--format", "xml", "--out", "x"), "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(folder, tiny_bundle, capsys, words, line):
    filled = [word.format(folder=folder) for word in words]
    assert main([*filled, "--bundle", str(tiny_bundle)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("lesionviewer export: ")
    assert captured.err.count("\n") == 1
    assert line in captured.err
