"""Qt's stack of steps follows what the session holds."""

import pytest
from PySide6.QtGui import QAction

from lesionviewer.jobs.session_state import Steps
from lesionviewer.ui.decision_steps import DecisionSteps


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def steps(qapp, asked) -> DecisionSteps:
    undo, redo = QAction(), QAction()
    made = DecisionSteps(
        undo, redo, take_back=lambda: asked.append("undo"), do_again=lambda: asked.append("redo")
    )
    made.keep = undo, redo
    return made


@pytest.mark.parametrize(
    "history",
    [
        [Steps(1, 0), Steps(2, 0), Steps(1, 1), Steps(2, 0)],
        [Steps(400, 20), Steps(401, 0)],
        [Steps(3, 0), Steps(0, 0), Steps(5, 2)],
    ],
)
def test_it_holds_as_many_steps_as_the_session_and_asks_for_none(steps, asked, history):
    for wanted in history:
        steps.follow(wanted)
        assert (steps.index(), steps.count() - steps.index()) == (wanted.undo, wanted.redo)
    assert asked == []


def test_what_the_reader_takes_back_is_asked_of_the_session_once(steps, asked):
    steps.follow(Steps(2, 0))
    undo, redo = steps.keep
    assert (undo.isEnabled(), redo.isEnabled()) == (True, False)
    undo.trigger()
    assert asked == ["undo"]
    steps.follow(Steps(1, 1))
    redo.trigger()
    assert asked == ["undo", "redo"]


def test_an_undo_that_failed_can_be_tried_again(steps, asked):
    steps.follow(Steps(1, 0))
    undo, _ = steps.keep
    undo.trigger()
    assert not undo.isEnabled()
    steps.follow(Steps(1, 0))
    assert undo.isEnabled()
    assert asked == ["undo"]
