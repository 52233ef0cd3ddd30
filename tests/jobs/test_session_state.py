"""What the window holds of a session is what a session on the disk holds, in any order of work."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lesionviewer.core.store.store import SessionStore
from lesionviewer.jobs.session_state import SessionState, Steps

IMAGES = [f"{number:064x}" for number in range(3)]
CHANGES = st.sampled_from(
    [{"diagnosis": "mel"}, {"diagnosis": None}, {"unsure": True}, {"unsure": False}, {"star": True}]
)


class StateMachine(RuleBasedStateMachine):
    """A session with one reader, and the state that follows its answers late."""

    def __init__(self) -> None:
        super().__init__()
        self._place = tempfile.TemporaryDirectory()
        self.store = SessionStore.open(Path(self._place.name), busy_ms=0)
        self.session = self.store.session_for(["/images"], reader="Ada")
        self.state = SessionState()
        self.ticket = 0
        self.late: list[tuple[int, tuple, Steps]] = []

    def _answer(self, rows: tuple) -> None:
        self.ticket += 1
        self.state.asked(self.ticket)
        self.late.append((self.ticket, rows, Steps.of(self.session.history)))

    @rule(images=st.lists(st.sampled_from(IMAGES)), change=CHANGES)
    def decide(self, images: list[str], change: dict) -> None:
        self._answer(self.session.decide(images, change))

    @rule()
    def undo(self) -> None:
        self._answer(self.session.undo())

    @rule()
    def redo(self) -> None:
        self._answer(self.session.redo())

    @rule()
    def fail(self) -> None:
        self.ticket += 1
        self.state.asked(self.ticket)
        self.state.ended(self.ticket)

    @rule()
    def arrive(self) -> None:
        for answer in self.late:
            self.state.committed(*answer)
        self.late.clear()

    @rule()
    def reopen(self) -> None:
        self.arrive()
        self.store.close()
        self.store = SessionStore.open(Path(self._place.name), busy_ms=0)
        self.session = self.store.session_for(["/images"])
        self.state.restart(self.session.decisions(), Steps.of(self.session.history))

    @invariant()
    def the_state_is_what_was_committed(self) -> None:
        assert self.state.saved == (not self.late)
        if self.state.saved:
            decisions = self.session.decisions()
            assert self.state.decisions == decisions
            assert self.state.decided == sum(d.decided for d in decisions.values())
            assert self.state.undo_steps == len(self.session.history.undo)
            assert self.state.redo_steps == len(self.session.history.redo)

    def teardown(self) -> None:
        self.store.close()
        self._place.cleanup()


TestState = StateMachine.TestCase
TestState.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
