"""Looking through images: the list, the picture, what the model says and where it looked."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.ui.actions import Actions
from lesionviewer.ui.caption_bar import CaptionBar
from lesionviewer.ui.columns import Columns, Side
from lesionviewer.ui.decision_panel import DecisionPanel
from lesionviewer.ui.explanation_panel import ExplanationPanel
from lesionviewer.ui.faithfulness_panel import FaithfulnessPanel
from lesionviewer.ui.figures_column import FiguresColumn
from lesionviewer.ui.further_looks import FurtherLooks
from lesionviewer.ui.image_list import ImageListPanel
from lesionviewer.ui.image_list_delegate import SHEET_TILE_PX, TILE_PX, Layout
from lesionviewer.ui.image_view import ImageView
from lesionviewer.ui.open_image import OpenImage
from lesionviewer.ui.prediction_panel import PredictionPanel
from lesionviewer.ui.similar_panel import SimilarPanel
from lesionviewer.ui.window_state import WindowState

_AHEAD = (1, -1, 2)


class ReviewPage(QWidget):
    """Three columns; the middle one has the picture and is never squeezed out."""

    opened = Signal(int)  # position of the image that is open now

    def __init__(self, service: ReviewService, actions: Actions, state: WindowState) -> None:
        super().__init__()
        self.service, self._actions, self._state = service, actions, state
        self._side_actions = {Side.IMAGES: actions.images, Side.FIGURES: actions.figures}
        self._kind, self._was_sheet = Layout.GRID, False
        self.list = ImageListPanel(service.images)
        self.view = ImageView()
        self.caption = CaptionBar(
            [
                actions.previous,
                actions.next,
                None,
                actions.zoom_fit,
                actions.zoom_actual,
                None,
                actions.region,
                actions.overlay,
            ],
            spare=[actions.zoom_fit, actions.zoom_actual],
        )
        self.prediction, self.explanation = PredictionPanel(), ExplanationPanel()
        self.similar, self.testing = SimilarPanel(service.similar), FaithfulnessPanel()
        self.decision = DecisionPanel(actions)
        self.open_image = OpenImage(
            service,
            self.view,
            self.prediction,
            self.explanation,
            stand_in=self.list.thumbnail,
        )
        self.looks = FurtherLooks(
            service, self.open_image, self.explanation, self.testing, self.prediction.spread
        )
        self.columns = Columns(self.list, self._make_middle(), self._make_right())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.columns)
        self._restore()
        self._connect()

    def _make_middle(self) -> QWidget:
        column = QWidget()
        layout = self.middle = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.caption)
        return column

    def _make_right(self) -> QWidget:
        panels = [self.prediction, self.similar, self.explanation, self.testing]
        return FiguresColumn(panels, self.decision)

    def _connect(self) -> None:
        service, actions = self.service, self._actions
        service.restarted.connect(self._on_restarted)
        service.listed.connect(self._on_listed)
        service.changed.connect(self._on_changed)
        service.thumbnails.connect(self.list.put_thumbnails)
        self.list.chosen.connect(self.open)
        self.list.model.modelReset.connect(self._caption)
        self.list.wanted.connect(self._on_wanted)
        self.list.thumbnail_px_changed.connect(service.set_thumbnail_px)
        self.list.full.connect(service.spare_thumbnails)
        self.list.view.doubleClicked.connect(lambda _: self.set_contact_sheet(False))
        self.list.view.confirmed.connect(self._on_confirmed)
        self.open_image.described.connect(self._caption)
        self.open_image.described.connect(self._on_described)
        self.similar.unfolded.connect(actions.similar.setChecked)
        actions.similar.triggered.connect(self.similar.set_unfolded)
        service.engine_started.connect(self._on_engine)
        self.prediction.threshold_requested.connect(actions.operating.trigger)
        self.open_image.state_changed.connect(self._on_overlay_state)
        self.view.zoom_changed.connect(lambda _: self._caption())
        self.view.region_mode_changed.connect(actions.region.setChecked)
        actions.next.triggered.connect(lambda: self.step(1))
        actions.previous.triggered.connect(lambda: self.step(-1))
        actions.overlay.triggered.connect(self.open_image.set_overlay_visible)
        actions.region.triggered.connect(self.view.set_region_mode)
        actions.zoom_in.triggered.connect(self.view.zoom_in)
        actions.zoom_out.triggered.connect(self.view.zoom_out)
        actions.zoom_fit.triggered.connect(self.view.zoom_fit)
        actions.zoom_actual.triggered.connect(self.view.zoom_actual)
        actions.sheet.triggered.connect(lambda: self.set_contact_sheet(True))
        actions.single.triggered.connect(lambda: self.set_contact_sheet(False))
        actions.panels.triggered.connect(self.set_panels_shown)
        for side, action in self._side_actions.items():
            action.triggered.connect(lambda on, side=side: self.columns.set_shown(side, on))
        self.columns.changed.connect(self._on_columns)
        actions.explain_top.triggered.connect(lambda: self.open_image.explain(None))
        for action in actions.explain:
            action.triggered.connect(lambda _=False, n=action.data(): self.open_image.explain(n))

    @Slot(int)
    def open(self, image: int) -> None:
        """Open `image`, and have its neighbours in the list ready."""
        if image < 0 or image >= len(self.service.images):
            return
        self.list.open(image)
        near = [self.list.step(by) for by in _AHEAD]
        self.open_image.show(image, [other for other in near if other >= 0])
        self.opened.emit(image)

    def step(self, by: int) -> None:
        """Open the image `by` rows further in the list, if there is one."""
        self.list.view.selection.clear()
        self.open(self.list.step(by))

    def set_contact_sheet(self, on: bool) -> None:
        """Give the list the room of the picture, or give it back."""
        if on == self.columns.is_sheet:
            return
        if on:
            self._kind = self.list.view.layout_kind
        self.columns.set_sheet(on)
        self.take_focus()

    def take_focus(self) -> None:
        """Give the keyboard to the picture; to the contact sheet where it has the room."""
        (self.list.view if self.columns.is_sheet else self.view).setFocus()

    def set_panels_shown(self, shown: bool) -> None:
        """Show or hide both sides."""
        self.columns.set_both_shown(shown)

    def set_threshold(self, threshold: float) -> None:
        """Flag images from another malignant probability on, 0.0 to 1.0."""
        self.service.images.set_threshold(threshold)
        self.prediction.set_threshold(threshold)
        self.list.rethreshold()

    def show_flagged(self, key: str) -> None:
        """List the images that a quality figure flags, and open the first of them."""
        self.columns.set_shown(Side.IMAGES, True)
        self.list.show_flag(key)
        if not self.list.position()[0]:
            self.open(self.list.step(0))

    def save(self) -> None:
        """Remember widths and choices."""
        kind = self._kind if self.columns.is_sheet else self.list.view.layout_kind
        self._state.set_numbers("page/widths", self.columns.widths)
        self._state.set_word("page/list", kind.value)
        self._state.set_overlay(self.explanation.state)
        self._state.set_threshold(self.service.images.threshold)
        self._state.set_flag("page/similar", self.similar.is_unfolded)
        self._state.set_flag("page/testing", self.testing.is_unfolded)

    def _restore(self) -> None:
        state = self._state
        self.columns.set_widths(state.numbers("page/widths", self.columns.widths))
        kinds = [kind.value for kind in Layout]
        self.list.set_layout_kind(Layout(state.word("page/list", Layout.GRID.value, kinds)))
        self.open_image.set_state(state.overlay)
        self.set_threshold(state.threshold)
        self.similar.set_unfolded(state.flag("page/similar", default=True))
        self._actions.similar.setChecked(self.similar.is_unfolded)
        self.testing.set_unfolded(state.flag("page/testing", default=False))
        self._actions.overlay.setChecked(state.overlay.visible)
        self._on_columns()

    @Slot()
    def _on_columns(self) -> None:
        """Show which columns there are; the contact sheet has larger tiles."""
        for side, action in self._side_actions.items():
            action.setChecked(self.columns.shows(side))
        self._actions.panels.setChecked(any(map(self.columns.shows, Side)))
        sheet = self.columns.is_sheet
        if sheet != self._was_sheet:
            self._was_sheet = sheet
            self.list.view.set_tile_px(SHEET_TILE_PX if sheet else TILE_PX)
            self.list.set_layout_kind(Layout.GRID if sheet else self._kind)

    @Slot()
    def _on_confirmed(self) -> None:
        """Enter opens the image that is marked on the contact sheet; else it agrees."""
        if self.columns.is_sheet and len(self.list.targets) < 2:
            self.set_contact_sheet(False)
        else:
            self._actions.agree.trigger()

    @Slot()
    def _on_restarted(self) -> None:
        # The open image is one of the old set: nothing may ask the new one for it.
        self.open_image.close()
        self.list.set_images(self.service.images)

    @Slot(int)
    def _on_listed(self, count: int) -> None:
        self.list.append(count)
        if self.open_image.image < 0:
            self.open(0)
        self._caption()

    @Slot(object)
    def _on_changed(self, images: Sequence[int]) -> None:
        self.list.refresh(images)
        if self.open_image.image in images:
            self.open_image.refresh()

    @Slot(object, object)
    def _on_wanted(self, images: Sequence[int], thumbnails: Sequence[int]) -> None:
        self.service.see(images, thumbnails=thumbnails)

    @Slot(object)
    def _on_overlay_state(self) -> None:
        self._actions.overlay.setChecked(self.explanation.state.visible)

    @Slot(object)
    def _on_engine(self, chosen: Chosen) -> None:
        self.similar.set_diagnoses(chosen.classifier.card.diagnoses)

    @Slot()
    def _on_described(self) -> None:
        image = self.open_image.image
        prediction = self.service.images.prediction(image) if image >= 0 else None
        doubt = prediction.doubt if prediction is not None else None
        self.similar.show_for(image, doubt.reduced if doubt is not None else None)

    @Slot()
    def _caption(self) -> None:
        image = self.open_image.image
        if image < 0:
            self.caption.clear()
            return
        images = self.service.images
        self.caption.show_image(
            images.name(image),
            position=self.list.position(),
            size=images.size(image),
            zoom=self.view.zoom if self.open_image.has_picture else None,
        )
        if self.open_image.has_picture:
            self.view.setAccessibleDescription(self.caption.words)
