"""The list: order, filters, what is in sight, what a tile shows."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from lesionviewer.core.arranging import Show, SortKey
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES, Diagnosis
from lesionviewer.core.files import FoundImage
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.review_images import ReviewImages
from lesionviewer.ui.image_list import ImageListPanel
from lesionviewer.ui.image_list_delegate import Layout, file_name
from lesionviewer.ui.image_list_model import ImageListModel
from lesionviewer.ui.theme import type_font
from lesionviewer.ui.thumbnails import ThumbnailCache
from lesionviewer.ui.tokens import diagnosis_colours

MEL, NV = 4, 5


def found(count: int, start: int = 0) -> list[FoundImage]:
    names = [f"image{i:06}.jpg" for i in range(start, start + count)]
    return [FoundImage(Path(name), name, name) for name in names]


def predict(images: ReviewImages, image: int, melanoma: float) -> None:
    probabilities = np.zeros(7, np.float32)
    probabilities[MEL], probabilities[NV] = melanoma, 1 - melanoma
    maps = np.zeros((7, 7, 7), np.float32)
    images.put(image, Prediction(probabilities, maps, SquareRegion(0, 0, 9)))


@pytest.fixture
def images() -> ReviewImages:
    images = ReviewImages(HAM10000_DIAGNOSES)
    images.add(found(40))
    return images


@pytest.fixture
def panel(qtbot: QtBot, clean_end: None, images: ReviewImages) -> ImageListPanel:
    panel = ImageListPanel(images)
    qtbot.addWidget(panel)
    panel.resize(300, 600)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def listed(model: ImageListModel) -> list[int]:
    return [model.image_at(row) for row in range(model.rowCount())]


def test_the_model_keeps_the_rules_of_qt(images: ReviewImages):
    model = ImageListModel(images)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    images.add(found(3, start=40))
    assert model.append(3)
    predict(images, 7, 0.9)
    model.refresh([7], range(10))
    assert model.arrange(key=SortKey.MALIGNANT)
    assert model.rowCount() == 43
    assert tester.model() is model


def test_only_rows_in_sight_are_painted_again(qtbot: QtBot, images: ReviewImages):
    model, rows = ImageListModel(images), []
    model.dataChanged.connect(lambda first, last: rows.append((first.row(), last.row())))
    model.refresh([3, 30], range(10))
    assert rows == [(3, 3)]


def test_new_images_go_to_the_end_but_not_past_a_filter(images: ReviewImages):
    model = ImageListModel(images)
    model.arrange(text="image00001")
    assert model.rowCount() == 10
    images.add(found(1, start=40))
    assert not model.append(1)
    model.arrange(text="")
    assert model.rowCount() == 41


def test_the_open_image_keeps_its_mark_when_the_order_changes(panel: ImageListPanel, images):
    panel.open(5)
    for image in range(40):
        predict(images, image, image / 40)
    panel.bar.key_chosen.emit(SortKey.MALIGNANT)
    assert listed(panel.model)[:2] == [39, 38]
    assert panel.view.currentIndex().row() == panel.model.row_of(5)
    assert panel.position() == (35, 40)


def test_results_that_stream_in_do_not_sort_the_list_each_time(
    qtbot: QtBot, panel: ImageListPanel, images
):
    panel.bar.key_chosen.emit(SortKey.MALIGNANT)
    resets = []
    panel.model.modelReset.connect(lambda: resets.append(True))
    for image in range(40):
        predict(images, image, image / 40)
        panel.refresh([image])
    assert not resets
    with qtbot.waitSignal(panel.model.modelReset):
        pass
    assert listed(panel.model)[0] == 39


def test_quick_filters_show_their_counts(panel: ImageListPanel, images: ReviewImages):
    predict(images, 0, 0.9)
    images.fail(1, "This is a web page.")
    panel.refresh([0, 1])
    texts = [panel.bar.chip_text(show) for show in Show if panel.bar.offers(show)]
    assert texts == ["all 40", "malignant 1", "errors 1"]
    panel.bar.show_chosen.emit(Show.MALIGNANT)
    assert listed(panel.model) == [0]
    panel.bar.show_chosen.emit(Show.FAILED)
    assert listed(panel.model) == [1]


def test_malignant_is_offered_only_by_a_model_that_marks_any(panel: ImageListPanel):
    assert panel.bar.offers(Show.MALIGNANT)
    unmarked = tuple(Diagnosis(code, code, malignant=False) for code in ("x", "y"))
    panel.set_images(ReviewImages(unmarked))
    assert not panel.bar.offers(Show.MALIGNANT)


def test_errors_are_offered_only_where_there_are_any(panel: ImageListPanel, images: ReviewImages):
    assert not panel.bar.offers(Show.FAILED)
    images.fail(1, "This is a web page.")
    panel.refresh([1])
    assert panel.bar.offers(Show.FAILED)


def test_it_asks_for_what_is_in_sight_first(qtbot: QtBot, panel: ImageListPanel):
    with qtbot.waitSignal(panel.wanted) as wanted:
        panel.view.verticalScrollBar().setValue(panel.view.verticalScrollBar().maximum())
    images, thumbnails = wanted.args
    assert images[0] == panel.view.rows_in_sight().start
    assert 39 in images
    assert thumbnails == images


def test_it_asks_again_when_images_are_added(qtbot: QtBot, clean_end: None):
    images = ReviewImages(HAM10000_DIAGNOSES)
    panel = ImageListPanel(images)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.wanted) as nothing:
        panel.show()
    assert nothing.args == [[], []]
    images.add(found(500))
    with qtbot.waitSignal(panel.wanted) as wanted:
        panel.append(500)
    assert wanted.args[0][0] == 0
    assert panel.view.verticalScrollBar().maximum() > 0


def test_a_thumbnail_that_is_there_is_not_asked_for_again(qtbot: QtBot, panel: ImageListPanel):
    panel.put_thumbnails([(0, np.full((90, 120, 3), 200, np.uint8))])
    with qtbot.waitSignal(panel.wanted) as wanted:
        panel.ask_again()
    assert 0 in wanted.args[0]
    assert 0 not in wanted.args[1]


def test_thumbnails_are_asked_for_again_where_tiles_have_outgrown_them(
    qtbot: QtBot, panel: ImageListPanel, images: ReviewImages
):
    images.describe(0, 900, 600)
    images.describe(1, 90, 60)
    small = np.zeros((60, 90, 3), np.uint8)
    panel.put_thumbnails([(0, small), (1, small)])
    edges = []
    panel.thumbnail_px_changed.connect(edges.append)
    with qtbot.waitSignal(panel.wanted) as asked:
        panel.resize(900, 600)
        panel.view.set_tile_px(400)
    edge, lacking = edges[-1], asked.args[1]
    assert edge >= panel.view.picture_px
    assert 0 in lacking
    assert 1 not in lacking, "there is no more of it than its thumbnail has"
    panel.put_thumbnails([(0, np.zeros((round(edge / 1.5), edge, 3), np.uint8))])
    with qtbot.waitSignal(panel.wanted) as asked:
        panel.ask_again()
    assert 0 not in asked.args[1]


def test_a_thumbnail_out_of_sight_never_pushes_out_one_in_sight(qtbot: QtBot, images):
    cache = ThumbnailCache(budget_bytes=20 * 4 * 100)
    panel = ImageListPanel(images, thumbnails=cache)
    qtbot.addWidget(panel)
    panel.resize(300, 300)
    with qtbot.waitSignal(panel.wanted):
        panel.show()
    in_sight = list(panel.view.rows_in_sight())
    everything = [(image, np.zeros((10, 10, 3), np.uint8)) for image in range(40)]
    panel.put_thumbnails(everything)
    assert all(image in cache for image in in_sight)
    assert panel.is_settled()


@pytest.mark.parametrize("layout", list(Layout))
def test_every_place_of_the_list_belongs_to_one_image(panel: ImageListPanel, layout: Layout):
    panel.set_layout_kind(layout)
    view = panel.view
    for row in view.rows_in_sight():
        index = panel.model.index(row)
        assert view.indexAt(view.visualRect(index).center()).row() == row
    below = QPoint(5, view.visualRect(panel.model.index(39)).bottom() + 5)
    assert not view.indexAt(below).isValid()


def test_a_click_opens_an_image(qtbot: QtBot, panel: ImageListPanel):
    place = panel.view.visualRect(panel.model.index(3)).center()
    with qtbot.waitSignal(panel.chosen) as chosen:
        QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [3]


@pytest.mark.parametrize(
    ("key", "row"),
    [(Qt.Key.Key_End, 39), (Qt.Key.Key_Down, 2), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Up, 0)],
)
def test_keys_move_through_the_tiles(panel: ImageListPanel, key: Qt.Key, row: int):
    panel.open(0)
    QTest.keyClick(panel.view, key)
    assert panel.view.currentIndex().row() == row
    assert row in panel.view.rows_in_sight()


def test_a_tile_shows_picture_and_colour_of_the_diagnosis(panel: ImageListPanel, images):
    predict(images, 0, 0.9)
    panel.put_thumbnails([(0, np.full((90, 120, 3), (10, 200, 30), np.uint8))])
    panel.refresh([0])
    picture = panel.view.viewport().grab().toImage()
    cell = panel.view.visualRect(panel.model.index(0))
    assert has_colour(picture.copy(cell), QColor(10, 200, 30))
    assert has_colour(picture.copy(cell), QColor(diagnosis_colours(["mel"])["mel"]))
    waiting = panel.view.visualRect(panel.model.index(1))
    assert not has_colour(picture.copy(waiting), QColor(10, 200, 30))


@pytest.mark.parametrize("layout", list(Layout))
def test_a_list_by_malignant_probability_shows_that_and_not_another(
    panel: ImageListPanel, images: ReviewImages, layout: Layout
):
    # Melanoma with 40 % or nothing malignant with 60 %: one image, two figures.
    panel.set_layout_kind(layout)
    probabilities = np.zeros(7, np.float32)
    probabilities[[MEL, NV]] = 0.4, 0.6
    maps = np.zeros((7, 7, 7), np.float32)
    images.put(0, Prediction(probabilities, maps, SquareRegion(0, 0, 9)))
    drawn: dict[SortKey, list[str]] = {}
    for key in (SortKey.NAME, SortKey.MALIGNANT):
        panel.bar.key_chosen.emit(key)
        drawn[key] = words_of_first_cell(panel)
    assert "60 %" in drawn[SortKey.NAME]
    assert "40 %" in drawn[SortKey.MALIGNANT]


def test_the_long_name_of_a_diagnosis_is_cut_at_its_end(panel: ImageListPanel, images):
    probabilities = np.zeros(7, np.float32)
    probabilities[0] = 1
    maps = np.zeros((7, 7, 7), np.float32)
    images.put(0, Prediction(probabilities, maps, SquareRegion(0, 0, 9)))
    panel.set_layout_kind(Layout.LIST)
    (name,) = (words for words in words_of_first_cell(panel) if words.startswith("Actinic"))
    assert name.endswith("…")


def test_a_file_keeps_its_number_where_its_ending_has_no_room(qtbot: QtBot):
    metrics = QFontMetrics(type_font())
    whole, stem = map(metrics.horizontalAdvance, ("ISIC_0000115.jpg", "ISIC_0000115"))
    assert file_name("sub/ISIC_0000115.jpg", metrics, whole) == "ISIC_0000115.jpg"
    assert file_name("sub\\ISIC_0000115.jpg", metrics, whole - 1) == "ISIC_0000115"
    assert file_name("ISIC_0000115.jpg", metrics, stem - 1) == "ISIC_0000115.jpg", (
        "cut in its middle"
    )
    assert file_name("IM000001", metrics, 5) == "IM000001"


def test_a_row_has_room_for_the_reason_of_an_error(panel: ImageListPanel, images: ReviewImages):
    panel.resize(700, 400)
    panel.set_layout_kind(Layout.LIST)
    painted = []
    for reason in ("The file ends early.", "The file is empty."):
        images.fail(0, reason)
        panel.refresh([0])
        painted.append(panel.view.viewport().grab().toImage())
    assert painted[0] != painted[1]


def test_words_tell_the_state_of_an_image(panel: ImageListPanel, images: ReviewImages):
    predict(images, 0, 0.9)
    images.fail(1, "This is a web page.")
    images.describe(0, 9, 9, ("Only the first page is shown.",))
    role = Qt.ItemDataRole.AccessibleTextRole
    first, second, third = (panel.model.index(row).data(role) for row in range(3))
    assert "Melanoma 90.0%" in first
    assert "Only the first page is shown." in first
    assert "This is a web page." in second
    assert "waiting" in third


def test_words_tell_that_a_prediction_is_of_a_chosen_region(panel: ImageListPanel, images):
    maps = np.zeros((7, 7, 7), np.float32)
    share = np.full(7, 1 / 7, np.float32)
    images.put(0, Prediction(share, maps, SquareRegion(0, 0, 9), chosen_region=True))
    tip = panel.model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "of a chosen region" in tip


def test_a_file_name_that_looks_like_html_is_shown_as_it_is():
    images = ReviewImages(HAM10000_DIAGNOSES)
    images.add([FoundImage(Path("x"), "x", "<img src=x>.jpg")])
    model = ImageListModel(images)
    tip = model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img" in tip


def test_an_empty_filter_says_so(qtbot: QtBot, panel: ImageListPanel):
    with qtbot.waitSignal(panel.model.modelReset):
        panel.set_text("nothing like this")
    assert panel.model.rowCount() == 0
    assert panel.says_nothing_fits


def test_thumbnails_stay_within_their_bound():
    cache = ThumbnailCache(budget_bytes=10 * 4 * 100)
    for image in range(30):
        cache.put(image, np.zeros((10, 10, 3), np.uint8))
        cache.get(0)
    assert sum(image in cache for image in range(30)) == 10
    assert 0 in cache
    assert 29 in cache
    assert cache.full


def words_of_first_cell(panel: ImageListPanel) -> list[str]:
    """Every text that the first cell draws."""
    drawn: list[str] = []

    class Reader(QPainter):
        def drawText(self, box, flags, words):  # noqa: N802
            drawn.append(words)

    picture = QImage(panel.size(), QImage.Format.Format_RGB32)
    option = QStyleOptionViewItem()
    option.rect = panel.view.visualRect(panel.model.index(0))
    painter = Reader(picture)
    panel.view.itemDelegate().paint(painter, option, panel.model.index(0))
    painter.end()
    return drawn


def has_colour(picture: QImage, colour: QColor) -> bool:
    return any(
        abs(pixel.red() - colour.red()) < 8
        and abs(pixel.green() - colour.green()) < 8
        and abs(pixel.blue() - colour.blue()) < 8
        for y in range(picture.height())
        for x in range(picture.width())
        for pixel in [picture.pixelColor(x, y)]
    )
