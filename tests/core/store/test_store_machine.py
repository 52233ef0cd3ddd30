"""Any order of opening, deciding, undo, redo, kill and closing, against a plain model."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from reading_model import ReadingModel, shown

from lesionviewer.core.store.store import SessionStore

IMAGES = [f"{number:064x}" for number in range(4)]
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "diagnosis": st.sampled_from([None, "mel", "nv"]),
        "unsure": st.booleans(),
        "poor_image": st.booleans(),
        "flag": st.booleans(),
        "star": st.booleans(),
    },
).filter(bool)


class StoreMachine(RuleBasedStateMachine):
    """Two folders, two readers, one store that is closed and killed."""

    def __init__(self) -> None:
        super().__init__()
        self._temporary = tempfile.TemporaryDirectory()
        self._place = Path(self._temporary.name)
        self._lives = 0
        self._models: dict[tuple[str, str], ReadingModel] = {}
        self._opened, self._reader = "a", "Ada"

    @initialize()
    def begin(self) -> None:
        self.store = SessionStore.open(self._folder, busy_ms=0)
        self.open("a", "Ada")

    @property
    def _folder(self) -> Path:
        return self._place / f"data {self._lives}"

    @property
    def _model(self) -> ReadingModel:
        return self._models.setdefault((self._opened, self._reader), ReadingModel())

    @rule(name=st.sampled_from(["a", "b"]), reader=st.sampled_from(["Ada", "Ben"]))
    def open(self, name: str, reader: str) -> None:
        self._opened, self._reader = name, reader
        self.session = self.store.session_for([self._place / name], reader=reader)

    @rule(images=st.lists(st.sampled_from(IMAGES), min_size=1), change=CHANGES)
    def decide(self, images: list[str], change: dict[str, object]) -> None:
        rows = self.session.decide(images, change)
        assert len(rows) == self._model.decide(dict.fromkeys(images), change)

    @rule(image=st.sampled_from(IMAGES), text=st.text(max_size=20))
    def note(self, image: str, text: str) -> None:
        rows = self.session.decide([image], {"note": text})
        assert len(rows) == self._model.decide([image], {"note": text})

    @rule()
    def undo(self) -> None:
        assert len(self.session.undo()) == self._model.undo()

    @rule()
    def redo(self) -> None:
        assert len(self.session.redo()) == self._model.redo()

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = SessionStore.open(self._folder, busy_ms=0)
        self.open(self._opened, self._reader)

    @rule()
    def kill(self) -> None:
        """Go on with the files as they lie there while the store is open."""
        old, store = self._folder, self.store
        self._lives += 1
        self._folder.mkdir()
        for name in ("session.db", "session.db-wal"):
            if (old / name).exists():
                shutil.copyfile(old / name, self._folder / name)
        store.close()
        self.store = SessionStore.open(self._folder, busy_ms=0)
        self.open(self._opened, self._reader)

    @invariant()
    def the_store_is_as_the_model(self) -> None:
        if not hasattr(self, "session"):
            return
        assert shown(self.session.decisions()) == self._model.held
        history = self.session.history
        assert [step.images for step in history.undo] == [len(s) for s in self._model.done]
        assert [step.images for step in history.redo] == [len(s) for s in self._model.undone]

    def teardown(self) -> None:
        if hasattr(self, "store"):
            for info in self.store.sessions():
                assert self.store.verify(info.row).altered is None
            self.store.close()
        self._temporary.cleanup()


TestAnyOrderOfWork = StoreMachine.TestCase
TestAnyOrderOfWork.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
