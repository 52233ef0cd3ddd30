"""Deciding: keys and buttons become requests, and what was committed becomes visible."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from PySide6.QtCore import QElapsedTimer, QObject, Signal, Slot

from lesionviewer.core.store.audit import REDO, UNDO
from lesionviewer.core.store.decision import Change, Circumstances
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.session_messages import Committed, OpenedSession, SessionFailure
from lesionviewer.jobs.session_service import SessionService
from lesionviewer.jobs.session_state import Steps
from lesionviewer.ui.actions import Actions
from lesionviewer.ui.decision_steps import DecisionSteps
from lesionviewer.ui.review_page import ReviewPage

_NONE: Change = {"diagnosis": None, "unsure": False, "poor_image": False}
_UNREAD = "An image can be decided once it was read. Try again in a moment."
_UNREADABLE = "An image that cannot be read cannot be decided."
_NO_SESSION = "Decisions cannot be saved: no session is open (yet)."


class Deciding(QObject):
    """Works on the open image, or on the selected ones."""

    refused = Signal(str)  # why nothing was decided, for the reader
    counted = Signal(int, int)  # images that are decided, of all

    def __init__(self, sessions: SessionService, page: ReviewPage, actions: Actions) -> None:
        """Connect the parts.

        Args:
            sessions: Keeps decisions.
            page: Shows the images.
            actions: What the reader can do.
        """
        super().__init__(page)
        self._sessions, self._page, self._panel = sessions, page, page.decision
        self._bundle = ""
        self._codes: tuple[str, ...] = ()
        self._session_open = False
        self._noting = -1
        self._asked: dict[int, list[int]] = {}
        self._looking = QElapsedTimer()
        self.steps = DecisionSteps(
            actions.undo,
            actions.redo,
            take_back=lambda: self._repeat(sessions.undo),
            do_again=lambda: self._repeat(sessions.redo),
        )
        sessions.opened.connect(self._on_opened)
        sessions.committed.connect(self._on_committed)
        sessions.failed.connect(self._on_failed)
        page.service.restarted.connect(self._on_restarted)
        sessions.known.connect(self._count)
        page.service.scanned.connect(self._count)
        page.service.digested.connect(self._on_digested)
        page.service.engine_started.connect(self._on_engine)
        page.opened.connect(self._on_image)
        page.open_image.described.connect(self._show)
        page.list.view.selection.changed.connect(self._show)
        self._connect_wishes(actions)

    def _connect_wishes(self, actions: Actions) -> None:
        panel, page = self._panel, self._page
        for action in actions.decide:
            action.triggered.connect(lambda _=False, n=action.data(): self._decide_place(n))
        panel.diagnosis_chosen.connect(self._decide_code)
        panel.note_written.connect(self._write)
        panel.note_left.connect(page.take_focus)
        actions.agree.triggered.connect(self.agree)
        actions.unsure.triggered.connect(lambda: self._judge({**_NONE, "unsure": True}))
        actions.poor_image.triggered.connect(lambda: self._judge({**_NONE, "poor_image": True}))
        actions.withdraw.triggered.connect(lambda: self._judge(_NONE, advance=False))
        actions.flag.triggered.connect(lambda: self._mark("flag"))
        actions.star.triggered.connect(lambda: self._mark("star"))
        actions.note.triggered.connect(panel.note.setFocus)
        actions.select_all.triggered.connect(page.list.view.selection.select_all)

    @property
    def is_ready(self) -> bool:
        """Whether a decision can be kept."""
        return self._session_open

    def settle(self) -> None:
        """Hand on what was written last, before another set is opened or the window closes."""
        self._panel.note.flush()

    @Slot()
    def agree(self) -> None:
        """Decide as the model does, each image for its own most probable diagnosis, and go on."""
        images, targets = self._page.service.images, self._page.list.targets
        by_code = defaultdict(list)
        for image in targets:
            if (top := images.top(image)) is not None:
                by_code[top[0].code].append(image)
        if by_code and self._may_decide(targets):
            for code, alike in by_code.items():
                self._ask(alike, {**_NONE, "diagnosis": code})
            self._go_on(targets)

    def _decide_place(self, place: int) -> None:
        if place < len(self._codes):
            self._decide_code(self._codes[place])

    @Slot(str)
    def _decide_code(self, code: str) -> None:
        self._judge({**_NONE, "diagnosis": code})

    def _judge(self, change: Change, *, advance: bool = True) -> None:
        targets = self._page.list.targets
        if self._may_decide(targets):
            self._ask(targets, change)
            if advance:
                self._go_on(targets)

    def _mark(self, what: str) -> None:
        """Set a mark on all images it is about, or take it off all where all have it."""
        reader, targets = self._page.service.images.reader, self._page.list.targets
        if self._may_decide(targets):
            column = reader.flag if what == "flag" else reader.star
            on = not all(column[image] for image in targets)
            self._ask(targets, {"flag": on} if what == "flag" else {"star": on})

    @Slot(str)
    def _write(self, text: str) -> None:
        if self._noting >= 0 and self._may_decide([self._noting]):
            self._ask([self._noting], {"note": text})

    def _may_decide(self, targets: Sequence[int]) -> bool:
        images = self._page.service.images
        if not targets:
            return False
        if not self._session_open:
            self.refused.emit(_NO_SESSION)
        elif any(not images.reader.digest(image) for image in targets):
            gone = any(images.reason(image) for image in targets)
            self.refused.emit(_UNREADABLE if gone else _UNREAD)
        else:
            return True
        return False

    def _ask(self, targets: Sequence[int], change: Change) -> None:
        images = self._page.service.images
        digests = {images.reader.digest(image): image for image in targets}
        tops = {digest: images.top(image) for digest, image in digests.items()}
        given = Circumstances(
            bundle=self._bundle,
            model_shown=any(top is not None for top in tops.values()),
            model_diagnoses={digest: top[0].code for digest, top in tops.items() if top},
            seconds=self._looking.elapsed() / 1000 if self._looking.isValid() else None,
        )
        ticket = self._sessions.decide(digests, change, given)
        self._asked[ticket] = list(targets)
        self._panel.show_saved("Saving …")

    def _repeat(self, step: Callable[[], int]) -> None:
        step()
        self._panel.show_saved("Saving …")

    def _go_on(self, targets: Sequence[int]) -> None:
        following = self._page.list.after(targets)
        self._page.list.view.selection.clear()
        if following >= 0:
            self._page.open(following)

    @Slot(int)
    def _on_image(self, image: int) -> None:
        self._panel.note.forget()
        self._noting = image
        self._looking.start()
        self._show()

    @Slot(int, str)
    def _on_digested(self, image: int, sha256: str) -> None:
        if sha256 in self._sessions.state.decisions:
            self._count()
            self._page.list.refresh([image])

    @Slot()
    def _on_restarted(self) -> None:
        self._noting = -1
        self._asked.clear()
        self._panel.note.forget()
        self._session_open = False
        self._panel.show_saved("")
        self._tell()

    @Slot(object)
    def _on_engine(self, chosen: Chosen) -> None:
        diagnoses = chosen.classifier.card.diagnoses
        self._bundle = chosen.bundle
        self._codes = tuple(diagnosis.code for diagnosis in diagnoses)
        self._panel.set_diagnoses(diagnoses)
        self._show()

    @Slot(object)
    def _on_opened(self, session: OpenedSession) -> None:
        self._session_open = True
        self._asked.clear()
        self._page.service.images.reader.hold(session.decisions)
        self.steps.follow(session.steps)
        self._panel.show_saved("")
        self._page.list.refresh_all()
        self._tell()

    @Slot(object)
    def _on_committed(self, done: Committed) -> None:
        self._asked.pop(done.ticket, None)
        reader = self._page.service.images.reader
        changed = reader.change({row.sha256: row.decision for row in done.rows})
        self.steps.follow(done.steps)
        if self._sessions.state.saved:
            self._panel.show_saved("Saved")
        self._page.list.refresh(changed)
        if changed and done.rows[0].kind in (UNDO, REDO):
            self._page.open(changed[0])
        self._tell()

    @Slot(object)
    def _on_failed(self, failure: SessionFailure) -> None:
        lost = self._asked.pop(failure.ticket, None)
        state = self._sessions.state
        # Qt's stack has moved already where it was an undo that failed.
        self.steps.follow(Steps(state.undo_steps, state.redo_steps))
        if lost:
            self._panel.show_saved("Not saved", tone="danger")
            self._page.open(lost[0])

    def _tell(self) -> None:
        self._show()
        self._count()

    @Slot()
    def _count(self) -> None:
        images = self._page.service.images
        self.counted.emit(images.columns.tally().decided, len(images))

    @Slot()
    def _show(self) -> None:
        images, image = self._page.service.images, self._page.open_image.image
        top = images.top(image) if image >= 0 else None
        self._panel.show_decision(
            images.reader.get(image) if image >= 0 else None,
            count=len(self._page.list.targets),
            top=top[0].code if top is not None else "",
        )
