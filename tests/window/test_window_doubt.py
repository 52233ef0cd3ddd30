"""The window gives a reader the means to doubt what the model says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doubt_helpers import made_doubts
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS, GatedClassifier, save_picture

from lesionviewer.core.arranging import Show
from lesionviewer.engine.selection import Chosen
from lesionviewer.ui.doubt_words import UNLIKE
from lesionviewer.ui.operating_dialog import OperatingDialog
from lesionviewer.ui.quality_sheet import QualitySheet
from lesionviewer.ui.unlike_notice import UnlikeNotice


@pytest.fixture
def doubting(classifier: GatedClassifier):
    """An engine with every part to doubt by."""
    return lambda: Chosen(classifier, doubts=made_doubts())


@pytest.fixture
def window(open_window, finished, folder: Path, doubting):
    window = open_window(folder, engine=doubting)
    finished(window)
    return window


def listed(window) -> list[str]:
    model = window.page.list.model
    return [model.images.name(model.image_at(row)) for row in range(model.rowCount())]


def dialog(window, kind):
    return next(found for found in window.findChildren(kind) if found.isVisible())


def test_an_unlike_picture_is_announced_marked_and_can_be_listed(qtbot: QtBot, window):
    page, images = window.page, window.page.service.images
    unlike = [image for image in range(5) if images.unlike(image)]
    assert 0 < len(unlike) < 5
    page.open(unlike[0])
    assert page.findChildren(UnlikeNotice)[0].words.startswith(UNLIKE)
    tip = page.list.model.index(page.list.model.row_of(unlike[0])).data(Qt.ItemDataRole.ToolTipRole)
    assert UNLIKE in tip
    chip = f"unlike {len(unlike)}"
    qtbot.waitUntil(lambda: page.list.bar.chip_text(Show.UNLIKE) == chip, timeout=WAIT_MS)
    page.list.bar.show_chosen.emit(Show.UNLIKE)
    assert listed(window) == [images.name(image) for image in unlike]


def test_the_mark_of_an_unlike_picture_is_painted(qtbot: QtBot, window):
    page, images = window.page, window.page.service.images
    qtbot.waitUntil(page.list.is_settled, timeout=WAIT_MS)
    first = next(image for image in range(5) if images.unlike(image))
    index = page.list.model.index(page.list.model.row_of(first))
    before = page.list.view.grab(page.list.view.visualRect(index)).toImage()
    plain = images.prediction(first)
    images.put(first, replace(plain, doubt=None, quality=None))
    after = page.list.view.grab(page.list.view.visualRect(index)).toImage()
    warm = QColor("#865000")

    def near(image) -> int:
        return sum(
            image.pixelColor(x, y) == warm
            for x in range(image.width())
            for y in range(image.height() // 2)
        )

    assert near(before) > 4
    assert near(after) == 0


def test_without_parts_to_doubt_by_nothing_is_shown_of_them(open_window, finished, folder: Path):
    window = open_window(folder)
    finished(window)
    page = window.page
    assert page.findChildren(UnlikeNotice)[0].words == ""
    assert not page.list.bar.offers(Show.UNLIKE)
    assert page.similar.isHidden()
    assert not window.actions_.similar.isEnabled()
    window.actions_.operating.trigger()
    assert "sensitivity" not in dialog(window, OperatingDialog).words
    assert "of 5 flagged" in dialog(window, OperatingDialog).words


def test_the_slider_says_what_a_threshold_means_and_flags_at_once(qtbot: QtBot, window):
    images = window.page.service.images
    QTest.keyClick(window.page.view, Qt.Key.Key_T)
    shown = dialog(window, OperatingDialog)
    assert "Malignant images flagged (sensitivity): " in shown.words
    assert f"In the open folder: {images.counts.malignant} of 5 flagged" in shown.words
    slider = shown.findChild(QSlider)
    assert images.threshold == 0.5
    QTest.keyClick(slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: images.threshold == 0, timeout=WAIT_MS)
    assert "sensitivity): 100.0 %" in shown.words
    assert "In the open folder: 5 of 5 flagged" in shown.words
    assert window.page.list.bar.chip_text(Show.MALIGNANT) == "malignant 5"
    shown.close()


def test_the_list_of_malignant_images_follows_the_threshold(qtbot: QtBot, window):
    page = window.page
    page.list.bar.show_chosen.emit(Show.MALIGNANT)
    before = len(listed(window))
    page.set_threshold(0.0)
    qtbot.waitUntil(lambda: len(listed(window)) == 5, timeout=WAIT_MS)
    assert before < 5


def test_the_threshold_is_remembered(window, open_window, folder: Path, doubting):
    window.page.set_threshold(0.125)
    window.close()
    again = open_window(folder, engine=doubting)
    assert again.page.service.images.threshold == 0.125
    assert again.page.prediction._threshold.text() == "Flagged from 12.5 %"


def test_the_sheet_is_offered_once_all_is_looked_through(qtbot: QtBot, window):
    qtbot.waitUntil(lambda: window.notice.offered == "Quality sheet", timeout=WAIT_MS)
    assert window.notice.words.startswith("Picture quality of 5 images: 5 too few pixels")
    window.notice.asked.emit()
    sheet = dialog(window, QualitySheet)
    assert sheet.button("too_dark").accessibleName().startswith("Too dark: ")
    assert window.notice.words == ""
    sheet.close()


def test_pressing_a_flag_lists_its_images(qtbot: QtBot, window):
    QTest.keyClick(window.page.view, Qt.Key.Key_B)
    images, count = window.page.service.images, len(window.page.service.images)
    sheet = dialog(window, QualitySheet)
    assert not sheet.button("hair").isEnabled()
    dark = [
        images.name(image) for image in range(count) if "too_dark" in images.quality_flags(image)
    ]
    assert 0 < len(dark) < 5
    sheet.button("too_dark").click()
    assert listed(window) == dark
    assert window.page.list.bar.chip_text(Show.QUALITY) == f"too dark {len(dark)}"
    assert window.page.list.bar.offers(Show.QUALITY)
    window.page.list.bar._chips[Show.ALL].click()
    assert len(listed(window)) == 5
    assert not window.page.list.bar.offers(Show.QUALITY)


def test_another_folder_forgets_the_flag_that_was_listed(
    qtbot: QtBot, window, finished, tmp_path: Path
):
    window.page.show_flagged("too_dark")
    other = tmp_path / "other"
    other.mkdir()
    save_picture(other / "bright.png", 400, 400, grey=220)
    window.open_paths([other])
    finished(window)
    qtbot.waitUntil(lambda: listed(window) == ["bright.png"], timeout=WAIT_MS)


def test_similar_cases_come_with_the_open_image_and_fold_by_a_key(qtbot: QtBot, window):
    panel = window.page.similar
    qtbot.waitUntil(lambda: len(panel.shown) == 5, timeout=WAIT_MS)
    QTest.keyClick(window.page.view, Qt.Key.Key_N)
    assert not panel.is_unfolded
    QTest.keyClick(window.page.view, Qt.Key.Key_N)
    assert panel.is_unfolded


def test_a_similar_case_of_the_readers_own_shows_its_picture(
    qtbot: QtBot, open_window, finished, folder: Path, classifier, samples: list[Path]
):
    doubts = made_doubts(picture=samples[0])
    window = open_window(folder, engine=lambda: Chosen(classifier, doubts=doubts))
    finished(window)
    panel = window.page.similar
    panel.show_for(0, doubts.library.vectors[0])
    qtbot.waitUntil(lambda: panel.row(0).has_picture, timeout=WAIT_MS)
    assert not panel.row(1).has_picture


def test_real_pictures_get_sharpness_flags_only_where_they_are_blurred(
    qtbot: QtBot, open_window, finished, tmp_path: Path, samples: list[Path]
):
    folder = tmp_path / "real"
    folder.mkdir()
    for path in samples[:3]:
        picture = Image.open(path).convert("RGB").resize((512, 384))
        picture.save(folder / path.name)
    small = picture.resize((20, 15)).resize((512, 384))
    small.save(folder / "zz-blurred.jpg")
    window = open_window(folder)
    finished(window)
    images = window.page.service.images
    blurred = [images.name(i) for i in range(4) if "blur" in images.quality_flags(i)]
    assert blurred == ["zz-blurred.jpg"]
    assert np.isfinite(images.quality(0).figure("blur").value)
    assert QApplication.activeModalWidget() is None
