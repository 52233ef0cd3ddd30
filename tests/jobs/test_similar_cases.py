"""Similar cases come for the image that was asked for last, with pictures where there are any."""

from pathlib import Path

import numpy as np
import pytest
from doubt_helpers import made_doubts
from pytestqt.qtbot import QtBot
from review_helpers import HandDecoder

from lesionviewer.engine.doubt.library import ReferenceLibrary
from lesionviewer.jobs.similar_cases import COUNT, SimilarCases


@pytest.fixture
def library() -> ReferenceLibrary:
    found = made_doubts(picture=Path("own/case0.jpg")).library
    assert found is not None
    return found


@pytest.fixture
def search(clean_end: None, decoder: HandDecoder):
    made = SimilarCases(decoder)
    yield made
    made.close()


def test_the_nearest_come_first_and_their_pictures_later(
    qtbot: QtBot, search: SimilarCases, library: ReferenceLibrary, decoder: HandDecoder
):
    search.set_libraries([library])
    with qtbot.waitSignal(search.found) as found:
        search.ask(7, library.vectors[0])
    image, cases = found.args
    assert image == 7
    assert cases[0].image.id == "case0"
    assert len(cases) == COUNT
    assert [c.similarity for c in cases] == sorted((c.similarity for c in cases), reverse=True)
    qtbot.waitUntil(lambda: decoder.names == ["case0.jpg"])
    with qtbot.waitSignal(search.pictured) as pictured:
        decoder.give()
    assert pictured.args[:2] == [7, 0]
    assert pictured.args[2].shape[2] == 3


def test_only_the_last_question_is_answered(
    qtbot: QtBot, search: SimilarCases, library: ReferenceLibrary
):
    search.set_libraries([library])
    answers = []
    search.found.connect(lambda image, _: answers.append(image))
    for image in range(5):
        search.ask(image, library.vectors[image])
    qtbot.waitUntil(lambda: 4 in answers)
    assert answers == [4]


def test_a_picture_that_is_gone_leaves_the_tile(
    qtbot: QtBot, search: SimilarCases, library: ReferenceLibrary, decoder: HandDecoder
):
    search.set_libraries([library])
    pictures = []
    search.pictured.connect(lambda *args: pictures.append(args))
    with qtbot.waitSignal(search.found):
        search.ask(0, library.vectors[0])
    qtbot.waitUntil(lambda: bool(decoder.names))
    decoder.fail("case0.jpg", "The file is gone.")
    with qtbot.waitSignal(search.found):
        search.ask(1, np.ones(6, np.float32))
    assert not pictures


def test_it_tells_whether_there_is_anything_to_look_in(qtbot: QtBot, search, library):
    assert not search.available
    with qtbot.waitSignal(search.offered) as told:
        search.set_libraries([library])
    assert told.args == [True]
