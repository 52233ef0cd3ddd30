"""`lesionviewer export --format dicom-sr`, read by pydicom and by highdicom."""

import sys
from hashlib import sha256
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest

from lesionviewer.cli.export import main
from lesionviewer.cli.import_metadata import main as import_metadata
from lesionviewer.core.intended_use import FULL, SHORT
from lesionviewer.core.store.store import SessionStore


@pytest.fixture
def folder(tmp_path: Path, picture, monkeypatch) -> Path:
    """Two images, one of them decided and known to a table."""
    monkeypatch.setenv("LESIONVIEWER_HOME", str(tmp_path / "home"))
    images = tmp_path / "images"
    first = picture(images / "a.png", spot=(40, 30))
    picture(images / "b.jpg")
    table = tmp_path / "meta.csv"
    table.write_text("isic_id,patient_id,age_approx,sex\na,IP^7,70,female\n", encoding="utf-8")
    assert import_metadata([str(table), "--session", str(images)]) == 1
    with SessionStore.open() as store:
        session = store.session_for([images], reader="Dr. Weiß\\x")
        digest = sha256(first.read_bytes()).hexdigest()
        session.decide([digest], {"diagnosis": "mel", "note": "secret"})
    return images


@pytest.fixture
def export(folder: Path, tiny_bundle: Path, tmp_path: Path):
    def run(*words: str) -> int:
        options = ["--format", "dicom-sr", "--out", str(tmp_path / "sr")]
        return main([str(folder), *options, "--bundle", str(tiny_bundle), *words])

    return run


def test_a_report_refers_to_its_picture_and_holds_every_probability(export, tmp_path):
    assert export() == 0
    place = tmp_path / "sr"
    names = {f"{name}.{kind}.dcm" for name in ("a.png", "b.jpg") for kind in KINDS}
    assert {path.name for path in place.iterdir()} == {"README.txt", *names}
    picture = pydicom.dcmread(place / "a.png.picture.dcm")
    report = highdicom.sr.srread(place / "a.png.report.dcm")
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    reference = report.CurrentRequestedProcedureEvidenceSequence[0]
    (series,) = reference.ReferencedSeriesSequence
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == picture.SOPInstanceUID
    assert reference.StudyInstanceUID == picture.StudyInstanceUID == report.StudyInstanceUID
    (group,) = report.content.get_planar_roi_measurement_groups()
    values = {item.name.value: item.value for item in group.get_measurements()}
    assert len(values) == 7
    assert sum(values.values()) == pytest.approx(1, abs=1e-5)
    said = {item.name.value: item.value.value for item in group.get_qualitative_evaluations()}
    assert said == {"model_diagnosis": "mel", "reader_decision": "mel"}
    assert group.roi.value[:3].tolist() == [[10, 0], [70, 0], [70, 60]]
    assert "Weiß" in str(report)
    assert "secret" not in str(report)


KINDS = ("picture", "overlay", "report")


def test_captures_hold_the_pixels_and_say_what_they_are_for(export, folder, picture, tmp_path):
    export()
    capture = pydicom.dcmread(tmp_path / "sr" / "a.png.picture.dcm")
    assert capture.pixel_array.shape == (60, 80, 3)
    assert np.unique(capture.pixel_array).tolist() == [20, 255]
    assert capture.ImageComments == FULL
    tinted = pydicom.dcmread(tmp_path / "sr" / "a.png.overlay.dcm")
    assert tinted.pixel_array.shape == (60, 80, 3)
    assert not np.array_equal(tinted.pixel_array, capture.pixel_array)
    for kind in KINDS:
        dataset = pydicom.dcmread(tmp_path / "sr" / f"a.png.{kind}.dcm")
        assert dataset.SeriesDescription == SHORT
        assert not dataset.PatientID
        assert not dataset.PatientName
        assert "PatientAge" not in dataset


def test_patient_data_are_written_where_asked_for(export, tmp_path):
    export("--with-patient-data")
    for kind in KINDS:
        dataset = pydicom.dcmread(tmp_path / "sr" / f"a.png.{kind}.dcm")
        assert (dataset.PatientID, dataset.PatientSex) == ("IP7", "F")
    assert pydicom.dcmread(tmp_path / "sr" / "a.png.picture.dcm").PatientAge == "070Y"


def test_without_highdicom_nothing_is_done(export, monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "highdicom", None)
    assert export() == 2
    assert "[dicom-sr]" in capsys.readouterr().err
    assert not (tmp_path / "sr").exists()
