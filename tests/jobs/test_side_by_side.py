"""Whole pictures of a few images at once."""

from pathlib import Path

import pytest
from review_helpers import HandDecoder

from lesionviewer.jobs.side_by_side import SideBySide

A, B = (0, Path("a.jpg")), (1, Path("b.jpg"))


@pytest.fixture
def pictures(clean_end: None, decoder: HandDecoder) -> SideBySide:
    return SideBySide(decoder, lambda pixels: pixels.shape)


def test_every_picture_comes_prepared(qtbot, pictures, decoder):
    pictures.ask([A, B])
    with qtbot.waitSignals([pictures.pictured] * 2):
        decoder.give_all()
    with qtbot.waitSignal(pictures.pictured) as told:
        pictures.ask([B])
        decoder.give()
    assert (told.args[0].image, told.args[0].view) == (1, (48, 64, 3))


def test_a_picture_that_cannot_be_read_says_why(qtbot, pictures, decoder):
    pictures.ask([A])
    with qtbot.waitSignal(pictures.failed) as told:
        decoder.fail("a.jpg", "The file ends early.")
    assert told.args == [0, "The file ends early."]


def test_what_was_asked_for_before_does_not_come_any_more(qtbot, pictures, decoder):
    shown = []
    pictures.pictured.connect(lambda picture: shown.append(picture.image))
    pictures.ask([A])
    pictures.ask([B])
    with qtbot.waitSignal(pictures.pictured):
        decoder.give_all()
    assert shown == [1]
