"""The section of similar cases: asked for on demand, honest where there is no picture."""

import numpy as np
import pytest
from doubt_helpers import made_doubts
from pytestqt.qtbot import QtBot
from review_helpers import HandDecoder

from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.jobs.similar_cases import SimilarCases
from lesionviewer.ui.similar_panel import SimilarPanel


@pytest.fixture
def search(qtbot: QtBot):
    made = SimilarCases(HandDecoder())
    yield made
    made.close()


@pytest.fixture
def panel(qtbot: QtBot, search: SimilarCases) -> SimilarPanel:
    made = SimilarPanel(search)
    qtbot.addWidget(made)
    made.resize(300, 400)
    made.set_diagnoses(HAM10000_DIAGNOSES)
    return made


@pytest.fixture
def library():
    return made_doubts().library


def test_the_nearest_are_named_with_diagnosis_and_confirmation(
    qtbot: QtBot, panel: SimilarPanel, search: SimilarCases, library
):
    search.set_libraries([library])
    with qtbot.waitSignal(search.found):
        panel.show_for(3, library.vectors[2])
    assert panel.shown[0] == (
        "Melanoma, similarity 1.00, case2, confirmed by histopathology, made-up, "
        "probably this very picture"
    )
    assert len(panel.shown) == 5
    assert not panel.row(0).has_picture
    panel.row(0).show_picture(np.full((30, 40, 3), 200, np.uint8))
    assert panel.row(0).has_picture
    assert not panel.row(0).grab().isNull()


def test_it_asks_only_while_it_is_unfolded(
    qtbot: QtBot, panel: SimilarPanel, search: SimilarCases, library
):
    search.set_libraries([library])
    panel.set_unfolded(False)
    with qtbot.assertNotEmitted(search.found):
        panel.show_for(3, library.vectors[2])
    assert panel.shown == []
    with qtbot.waitSignal(search.found):
        panel.set_unfolded(True)
    assert len(panel.shown) == 5


def test_it_is_absent_where_the_model_has_no_reference_images(panel: SimilarPanel, library):
    panel.show_for(0, library.vectors[0])
    assert panel.isHidden()


def test_another_image_clears_the_cases_of_the_last(
    qtbot: QtBot, panel: SimilarPanel, search: SimilarCases, library
):
    search.set_libraries([library])
    with qtbot.waitSignal(search.found):
        panel.show_for(3, library.vectors[2])
    panel.show_for(4, None)
    assert panel.shown == []
    assert panel.isHidden()
