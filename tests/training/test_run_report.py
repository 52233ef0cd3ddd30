"""The report of a run, as a page and as a PDF."""

import re
from pathlib import Path

import pytest
from pypdf import PdfReader
from runs_helpers import pretend_run
from small_data import make_folder_set

from training.__main__ import main
from training.judging import Judged, judge
from training.manifest import read_manifest


@pytest.fixture(scope="module")
def judged(finished_run: Path) -> Judged:
    return judge(finished_run)


@pytest.fixture(scope="module")
def page(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("report") / "run.html"
    assert main(["report", str(finished_run), "--out", str(out)]) == 0
    return out.read_text("utf-8")


def test_a_run_is_judged_on_its_own_test_images(judged: Judged, finished_run: Path):
    test = [image for image in read_manifest(finished_run) if image.split == "test"]
    assert (judged.split, len(judged.truth)) == ("test", len(test))
    assert judged.shares.shape == (len(test), 3)
    assert judged.shares.sum(axis=1) == pytest.approx(1)
    assert judged.temperature > 0
    before, after = judged.before, judged.after
    assert before["accuracy"] == after["accuracy"]
    assert judged.unread == []


def test_the_worst_mistakes_are_wrong_and_the_surest_first(judged: Judged):
    wrong = int((judged.shares.argmax(axis=1) != judged.truth).sum())
    assert len(judged.worst) == min(wrong, 12)
    sure = [mistake.probability for mistake in judged.worst]
    assert sure == sorted(sure, reverse=True)
    for mistake in judged.worst:
        assert mistake.found != mistake.image.code
        assert 0 <= mistake.heat.min() <= mistake.heat.max() <= 1


def test_the_page_has_curves_figures_calibration_and_mistakes(page: str, judged: Judged):
    for heading in ("Epochs", "Figures on test", "By diagnosis", "Worst mistakes"):
        assert f"<h2>{heading}</h2>" in page
    assert f"Temperature {judged.temperature}, fitted on val" in page
    for words in ("Loss in training", "True and found", "ROC curve", "Precision and recall"):
        assert words in page
    assert page.count("accuracy over confidence</figcaption>") == 2
    assert page.count("data:image/png;base64,") == 9 + len(judged.worst)
    assert re.search(r"<td>melanoma_in_situ</td><td>\d+</td><td>[\d.]+ \([\d.]+ to", page)
    assert "http" not in page


def test_the_pdf_says_the_same(finished_run: Path, judged: Judged, tmp_path: Path):
    out = tmp_path / "run.pdf"
    assert main(["report", str(finished_run), "--out", str(out)]) == 0
    reader = PdfReader(out)
    text = " ".join(sheet.extract_text() for sheet in reader.pages)
    assert len(reader.pages) >= 3
    for words in ("Run finished", "Balanced accuracy", "melanoma_in_situ", "Worst mistakes"):
        assert words in text
    pictures = {image.name for sheet in reader.pages for image in sheet.images}
    assert len(pictures) == 9 + len(judged.worst)


def test_a_run_without_an_epoch_or_another_kind_of_file_is_refused(
    finished_run: Path, tmp_path: Path, capfd
):
    new = pretend_run(tmp_path, "new")
    assert main(["report", str(new), "--out", str(tmp_path / "r.html")]) == 2
    assert "no finished epoch yet" in capfd.readouterr().err
    assert main(["report", str(tmp_path), "--out", str(tmp_path / "r.html")]) == 2
    assert "is no run folder" in capfd.readouterr().err
    assert main(["report", str(finished_run), "--out", str(tmp_path / "r.docx")]) == 2
    assert "ends in .html or .pdf" in capfd.readouterr().err
    assert not list(tmp_path.glob("r.*"))


def test_a_run_without_test_images_says_that_val_flatters(tmp_path: Path):
    data = tmp_path / "data"
    for side, count in (("train", 3), ("val", 2)):
        make_folder_set(data / side, count=count)
    # The pictures of val are not those of train: another seed for each of them.
    for file in (data / "val").rglob("*.jpg"):
        file.rename(file.with_name(f"val_{file.name}"))
    run = tmp_path / "run"
    words = ["--backbone", "tiny_cnn", "--init", "none", "--epochs", "1", "--views", "1"]
    words += ["--bundle", "none"]
    train = ["train", "--data", str(data), "--out", str(run), "--threads", "1", *words]
    assert main(train) == 0
    out = tmp_path / "report.html"
    assert main(["report", str(run), "--out", str(out)]) == 0
    assert "these figures flatter" in out.read_text("utf-8")
