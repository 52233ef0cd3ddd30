"""Brings further passes to the open image: other maps, the test of a map, the spread."""

from PySide6.QtCore import QObject, QTimer, Slot

from lesionviewer.core.prediction import Prediction
from lesionviewer.engine.explain.further import (
    EVERY_METHOD,
    GRAD_CAM,
    Kind,
    Question,
    Subject,
    map_question,
)
from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.ui.explanation_panel import ExplanationPanel
from lesionviewer.ui.faithfulness_panel import FaithfulnessPanel
from lesionviewer.ui.method_words import METHOD_NAMES
from lesionviewer.ui.open_image import OpenImage
from lesionviewer.ui.spread_part import SpreadPart

_REST_MS = 400
"""How long an image must be looked at before anything more is computed of it."""
_SPREAD = Question(Kind.SPREAD)


class FurtherLooks(QObject):
    """Asks what the widgets want to show once an image rests, and shows what comes."""

    def __init__(
        self,
        service: ReviewService,
        open_image: OpenImage,
        explanation: ExplanationPanel,
        testing: FaithfulnessPanel,
        spread: SpreadPart,
    ) -> None:
        """Connect the parts.

        Args:
            service: Has pictures, predictions and what answers.
            open_image: The image that is asked about.
            explanation: Where a method is chosen.
            testing: Where the test of a map is shown.
            spread: Where the spread is shown.
        """
        super().__init__(open_image)
        self._service, self._explaining = service, service.explaining
        self._open, self._explanation = open_image, explanation
        self._testing, self._spread = testing, spread
        self._wanted: tuple[str, int | None] = (GRAD_CAM, None)
        self._asked: tuple[Question, ...] = ()
        self._by_hand = False
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._ask)
        open_image.described.connect(self._on_described)
        open_image.explained.connect(self._on_explained)
        open_image.state_changed.connect(self._on_state)
        explanation.asked.connect(lambda: self._ask(by_hand=True))
        testing.unfolded.connect(self._on_unfolded)
        testing.asked.connect(lambda: self._ask(by_hand=True))
        spread.asked.connect(lambda: self._explaining.ask(_SPREAD, by_hand=True))
        self._explaining.changed.connect(self._on_changed)
        self._explaining.offered.connect(self._on_offered)

    def _prediction(self) -> Prediction | None:
        image = self._open.image
        return self._service.images.prediction(image) if image >= 0 else None

    def _questions(self) -> tuple[Question, Question] | None:
        """The map that is chosen, and its test; None without a prediction."""
        prediction, state = self._prediction(), self._explanation.state
        if prediction is None:
            return None
        diagnosis = prediction.top if state.diagnosis is None else state.diagnosis
        test = Question(Kind.FAITHFULNESS, state.method, diagnosis)
        return map_question(state.method, diagnosis), test

    def _ask(self, *, by_hand: bool = False) -> None:
        questions = self._questions()
        if questions is None or (self._rest.isActive() and not by_hand):
            return
        self._asked, self._by_hand = questions, by_hand
        chosen, test = questions
        if chosen.method != GRAD_CAM:
            self._explaining.ask(chosen, by_hand=by_hand)
        if self._testing.is_unfolded:
            self._explaining.ask(test, by_hand=by_hand)

    @Slot()
    def _on_described(self) -> None:
        if self._prediction() is None:
            self._explaining.open(None)
        self._show()

    @Slot(int)
    def _on_explained(self, image: int) -> None:
        prediction, picture = self._prediction(), self._service.picture(image)
        if prediction is None or picture is None:
            return
        maps, region = prediction.activation_maps, prediction.region
        if self._explaining.open(Subject(image, picture.pixels, region, maps)):
            self._rest.start()
        self._show()

    @Slot(object)
    def _on_state(self) -> None:
        state = self._explanation.state
        wanted = state.method, state.diagnosis
        if wanted != self._wanted:
            self._wanted = wanted
            for question in self._asked:
                if question not in (self._questions() or ()):
                    self._explaining.drop(question)
            self._ask(by_hand=True)
        self._show()

    @Slot(bool)
    def _on_unfolded(self, unfolded: bool) -> None:
        questions = self._questions()
        if unfolded:
            self._ask(by_hand=True)
        elif questions is not None:
            self._explaining.drop(questions[1])

    @Slot()
    def _on_offered(self) -> None:
        against = {method: self._explaining.reason_against(method) for method in EVERY_METHOD}
        self._explanation.set_methods(against)
        self._spread.set_diagnoses(self._service.images.diagnoses)

    @Slot(object)
    def _on_changed(self, question: Question) -> None:
        questions = self._questions()
        if questions is None:
            return
        chosen, test = questions
        if question == chosen:
            self._open.show_overlay()
            if self._testing.is_unfolded and self._explaining.has(chosen):
                self._explaining.ask(test, by_hand=self._by_hand)
        if question in (chosen, test, _SPREAD):
            self._show()

    def _show(self) -> None:
        questions = self._questions()
        if questions is None:
            self._explanation.set_look(None)
            self._testing.show_state(None, "")
            self._spread.show_state(None)
            return
        chosen, test = questions
        ask = self._explaining.state
        self._explanation.set_look(ask(chosen))
        name = self._service.images.diagnoses[test.diagnosis].name
        self._testing.show_state(ask(test), name, METHOD_NAMES[test.method])
        self._spread.show_state(ask(_SPREAD))
