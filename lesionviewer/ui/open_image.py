"""The open image: brings its picture, prediction and explanation together in the widgets."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QSize, Signal, Slot
from PySide6.QtGui import QPixmap

from lesionviewer.core.region import SquareRegion, centre_square
from lesionviewer.core.review_images import ImageState
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.pictures import Picture
from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.ui.explanation_panel import ExplanationPanel
from lesionviewer.ui.image_view import ImageView
from lesionviewer.ui.overlay_state import OverlayState
from lesionviewer.ui.prediction_panel import PredictionPanel
from lesionviewer.ui.shown_map import shown_map

log = logging.getLogger(__name__)


class OpenImage(QObject):
    """Shows one image of the service's set at a time."""

    described = Signal()  # what the caption says may have changed
    explained = Signal(int)  # picture, probabilities and overlay of the image are on their way
    state_changed = Signal(object)  # OverlayState that the reader chose

    def __init__(
        self,
        service: ReviewService,
        view: ImageView,
        prediction: PredictionPanel,
        explanation: ExplanationPanel,
        *,
        stand_in: Callable[[int], QPixmap | None],
    ) -> None:
        """Connect service and widgets.

        Args:
            service: Gives pictures and predictions.
            view: Shows the picture.
            prediction: Shows the probabilities.
            explanation: Shows how the overlay is made.
            stand_in: Gives the thumbnail of an image, if there is one.
        """
        super().__init__(view)
        self._service, self._view = service, view
        self._prediction, self._explanation = prediction, explanation
        self._stand_in = stand_in
        self._image = -1
        self._has_picture = self._has_stand_in = False
        service.picture_ready.connect(self._on_picture)
        service.picture_failed.connect(self._on_failure)
        service.engine_started.connect(self._on_engine)
        service.engine_failed.connect(self.refresh)
        view.region_chosen.connect(self._on_region)
        prediction.explain_requested.connect(self.explain)
        prediction.compare_requested.connect(self._compare)
        prediction.reset_region_requested.connect(view.reset_region)
        explanation.changed.connect(self._on_state)

    @property
    def image(self) -> int:
        """Position of the open image in the set, -1 if none is open."""
        return self._image

    @property
    def has_picture(self) -> bool:
        """Whether the picture itself is shown."""
        return self._has_picture

    def close(self) -> None:
        """Show no image."""
        self._image, self._has_picture = -1, False
        self._view.set_picture(None)
        self._show_prediction()

    def show(self, image: int, neighbours: Sequence[int]) -> None:
        """Show `image`; first a stand-in where the picture has still to be read."""
        self._image, self._has_picture, self._has_stand_in = image, False, False
        images = self._service.images
        thumbnail, size = self._stand_in(image), images.size(image)
        if images.state(image) is ImageState.FAILED:
            self._view.set_message("This image cannot be read", images.reason(image), "error")
        elif thumbnail is not None and size is not None:
            self._view.set_picture([thumbnail.toImage()], QSize(*size))
            self._has_stand_in = True
        else:
            self._view.set_message("Reading the image …", kind="wait")
        self._show_prediction()
        self._service.show(image, neighbours)

    @Slot()
    def refresh(self) -> None:
        """Show what changed of the open image."""
        if self._image < 0:
            return
        images = self._service.images
        if images.state(self._image) is ImageState.FAILED and not self._has_picture:
            self._view.set_message("This image cannot be read", images.reason(self._image), "error")
        self._show_prediction()

    def set_state(self, state: OverlayState) -> None:
        """Show the explanation in another way."""
        self._explanation.set_state(state)
        self._on_state(state)

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide the overlay."""
        self.set_state(replace(self._explanation.state, visible=visible))

    def explain(self, diagnosis: int | None) -> None:
        """Explain a diagnosis, by its place in the card; the most probable one if None."""
        if diagnosis is None or diagnosis < len(self._service.images.diagnoses):
            state = self._explanation.state
            self.set_state(replace(state, diagnosis=diagnosis, versus=None, visible=True))

    @Slot(int)
    def _compare(self, diagnosis: int) -> None:
        state = self._explanation.state
        self.set_state(replace(state.compared_with(diagnosis), visible=True))

    @Slot(object)
    def _on_state(self, state: OverlayState) -> None:
        self._view.set_overlay_visible(state.visible)
        self._view.set_overlay_opacity(state.opacity)
        self.show_overlay()
        self.state_changed.emit(state)

    @Slot(object)
    def _on_engine(self, chosen: Chosen) -> None:
        diagnoses = chosen.classifier.card.diagnoses
        self._prediction.set_diagnoses(diagnoses)
        self._explanation.set_diagnoses(diagnoses)
        self._show_prediction()

    @Slot(object)
    def _on_picture(self, picture: Picture) -> None:
        if picture.image != self._image:
            return
        height, width = picture.pixels.shape[:2]
        self._view.set_picture(picture.view, QSize(width, height), keep=self._has_stand_in)
        self._has_picture = True
        self._show_prediction()

    @Slot(int, str)
    def _on_failure(self, image: int, message: str) -> None:
        if image == self._image:
            self._view.set_message("This image cannot be read", message, "error")

    @Slot(object)
    def _on_region(self, region: SquareRegion) -> None:
        size = self._service.images.size(self._image)
        if size is not None and region == centre_square(*size):
            self._service.reset_region(self._image)
        elif self._image >= 0:
            self._service.choose_region(self._image, region)

    def _show_prediction(self) -> None:
        images, panel = self._service.images, self._prediction
        prediction = images.prediction(self._image) if self._image >= 0 else None
        panel.set_notices(images.notices(self._image) if self._image >= 0 else ())
        if prediction is not None:
            panel.set_prediction(prediction)
        elif self._image < 0:
            panel.show_empty()
        elif images.state(self._image) is ImageState.FAILED:
            panel.show_empty("No prediction: this image cannot be read.")
        elif self._service.engine_failure:
            panel.show_error(self._service.engine_failure)
        else:
            panel.show_waiting()
        self._explanation.set_top(None if prediction is None else prediction.top)
        self.show_overlay()
        self.described.emit()
        if prediction is not None and self._has_picture:
            self.explained.emit(self._image)

    def show_overlay(self) -> None:
        """Show the map that is chosen, as far as it is known."""
        prediction = self._service.images.prediction(self._image) if self._image >= 0 else None
        state = self._explanation.state
        if prediction is None:
            self._prediction.set_explained(None)
            self._view.set_region(None)
            self._view.set_overlay(None)
            return
        explained = prediction.top if state.diagnosis is None else state.diagnosis
        self._prediction.set_explained(explained, state.versus)
        self._view.set_region(prediction.region)
        if not state.visible:
            self._view.set_overlay(None)
            return
        explaining = self._service.explaining
        method, overlay = shown_map(explaining, self._image, prediction, state)
        self._explanation.set_shown(method, nothing=overlay.nothing)
        self._view.set_overlay(overlay)
