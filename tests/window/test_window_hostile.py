"""A folder of odd and broken files in the window: a picture or one named error in each tile."""

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lesionviewer.core.review_images import ImageState

_MS = 240_000


@pytest.mark.slow
def test_every_hostile_file_has_a_picture_or_one_error_in_its_tile(
    qtbot: QtBot, open_window, shared: Path
):
    folder = shared / "hostile"
    with (folder / "manifest.csv").open(encoding="utf-8") as manifest:
        expected = {row["file"]: row["expected"] for row in csv.DictReader(manifest)}
    window = open_window(folder)
    service = window.page.service
    qtbot.waitUntil(lambda: service.progress.complete, timeout=_MS)
    images, model = service.images, window.page.list.model
    names = [images.name(i) for i in range(len(images))]
    assert sorted(names) == sorted(name for name in expected if name in names)
    assert len(names) > 100
    for image, name in enumerate(names):
        opened = images.state(image) is ImageState.CLASSIFIED
        assert ("opens" if opened else "clear error") in expected[name], name
        words = model.index(model.row_of(image)).data(Qt.ItemDataRole.ToolTipRole)
        assert opened or images.reason(image) in words
    assert not window.notice.words
