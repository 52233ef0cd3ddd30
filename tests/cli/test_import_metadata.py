"""`lesionviewer import-metadata`: tables joined to a session's images."""

from pathlib import Path

import pytest

from lesionviewer.cli.import_metadata import main
from lesionviewer.core.store.store import SessionStore


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("LESIONVIEWER_HOME", str(tmp_path / "home"))
    images = tmp_path / "images"
    images.mkdir()
    for name in ("ISIC_1.jpg", "ISIC_2.jpg", "ISIC_3.JPG"):
        (images / name).touch()
    return images


@pytest.fixture
def table(tmp_path: Path):
    def write(*lines: str) -> str:
        file = tmp_path / "meta.csv"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(file)

    return write


HEAD = "image_id,lesion_id,dx,age"


def test_fields_and_lesions_are_kept(folder, table, capsys):
    csv = table(HEAD, "isic_1,L1,nv,50", "ISIC_2,L1,nv,50", "ISIC_3.jpg,L2,mel,80", "ISIC_9,L9,,")
    assert main([csv, "--session", str(folder)]) == 0
    assert "3 of 3 images found in meta.csv; 2 lesions, 1 of them with several images" in (
        capsys.readouterr().out
    )
    with SessionStore.look_into() as store:
        session = store.read(store.find(str(folder)).row)
        assert [image.lesion for image in session.images()] == ["L1", "L1", "L2"]
        metadata = session.metadata()
    assert set(metadata) == {"isic_1", "isic_2", "isic_3"}
    assert metadata["isic_3"] == {"lesion": "L2", "diagnosis": "mel", "age": "80"}


def test_a_second_table_replaces_the_first_but_not_what_a_reader_grouped(folder, table):
    main([table(HEAD, "ISIC_1,L1,nv,50", "ISIC_2,L1,nv,50"), "--session", str(folder)])
    with SessionStore.open() as store:
        session = store.session_for([folder])
        session.group([folder / "ISIC_1.jpg"], "mine", origin="hand")
    assert main([table(HEAD, "ISIC_1,L7,,", "ISIC_2,L8,,"), "--session", str(folder)]) == 1
    with SessionStore.look_into() as store:
        session = store.read(1)
        assert [image.lesion for image in session.images()] == ["mine", "L8", None]
        assert session.metadata()["isic_1"] == {"lesion": "L7"}


def test_a_table_of_other_images_changes_nothing(folder, table, capsys):
    assert main([table(HEAD, "other,L1,nv,50"), "--session", str(folder)]) == 2
    assert "names none of the session's 3 images" in capsys.readouterr().err


def test_a_session_in_use_is_named(folder, table, capsys):
    with SessionStore.open():
        assert main([table(HEAD, "ISIC_1,,,"), "--session", str(folder)]) == 2
    captured = capsys.readouterr()
    assert "Another lesionviewer has the sessions open" in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("word", ["nothing", "{empty}"])
def test_a_session_that_is_none_is_refused(folder, table, capsys, tmp_path, word):
    (tmp_path / "empty").mkdir()
    csv = table(HEAD, "ISIC_1,,,")
    assert main([csv, "--session", word.format(empty=tmp_path / "empty")]) == 2
    assert capsys.readouterr().err.startswith("lesionviewer import-metadata: ")
    with SessionStore.look_into() as store:
        assert store.sessions() == ()
