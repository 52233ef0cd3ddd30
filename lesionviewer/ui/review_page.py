"""Looking through images: the list, the picture, what the model says and where it looked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QVBoxLayout, QWidget

from lesionviewer.jobs.review_service import ReviewService
from lesionviewer.ui.actions import Actions
from lesionviewer.ui.caption_bar import CaptionBar
from lesionviewer.ui.explanation_panel import ExplanationPanel
from lesionviewer.ui.image_list import ImageListPanel
from lesionviewer.ui.image_list_delegate import SHEET_TILE_PX, TILE_PX, Layout
from lesionviewer.ui.image_view import ImageView
from lesionviewer.ui.open_image import OpenImage
from lesionviewer.ui.prediction_panel import PredictionPanel
from lesionviewer.ui.window_state import WindowState

_MIDDLE = 1
_WIDTHS = [296, 760, 340]
_RIGHT_MINIMUM = 300
_AHEAD = (1, -1, 2)


class ReviewPage(QWidget):
    """Three columns; the middle one has the picture and is never squeezed out."""

    opened = Signal(int)  # position of the image that is open now

    def __init__(self, service: ReviewService, actions: Actions, state: WindowState) -> None:
        super().__init__()
        self.service, self._actions, self._state = service, actions, state
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
            ]
        )
        self.prediction, self.explanation = PredictionPanel(), ExplanationPanel()
        self.open_image = OpenImage(
            service,
            self.view,
            self.prediction,
            self.explanation,
            stand_in=self.list.thumbnail,
        )
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(True)
        self._middle, self._right = self._make_middle(), self._make_right()
        for column in (self.list, self._middle, self._right):
            self._splitter.addWidget(column)
        self._splitter.setCollapsible(_MIDDLE, False)
        self._splitter.setStretchFactor(_MIDDLE, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        self._restore()
        self._connect()

    def _make_middle(self) -> QWidget:
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.caption)
        return column

    def _make_right(self) -> QWidget:
        panels = QWidget()
        panels.setProperty("surface", "plain")
        column = QVBoxLayout(panels)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.prediction)
        column.addWidget(self.explanation)
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumWidth(_RIGHT_MINIMUM)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(panels)
        return scroll

    def _connect(self) -> None:
        service, actions = self.service, self._actions
        service.restarted.connect(self._on_restarted)
        service.listed.connect(self._on_listed)
        service.changed.connect(self._on_changed)
        service.thumbnails.connect(self.list.put_thumbnails)
        self.list.chosen.connect(self.open)
        self.list.wanted.connect(self._on_wanted)
        self.list.full.connect(service.spare_thumbnails)
        self.list.view.doubleClicked.connect(lambda _: self.set_contact_sheet(False))
        self.open_image.described.connect(self._caption)
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
        self.open(self.list.step(by))

    def set_contact_sheet(self, on: bool) -> None:
        """Give the list the room of the picture, or give it back."""
        if on == self._middle.isHidden():
            return
        if on:
            self._state.set_bytes("page/columns", self._splitter.saveState())
            self.list.setVisible(True)
            self.list.set_layout_kind(Layout.GRID)
            self.list.view.set_tile_px(SHEET_TILE_PX)
        self._middle.setHidden(on)
        if on:
            self._splitter.setSizes([self.width() - _WIDTHS[-1], 0, _WIDTHS[-1]])
        else:
            self.list.view.set_tile_px(TILE_PX)
            self._splitter.restoreState(self._state.bytes_of("page/columns"))
        self.list.view.setFocus() if on else self.view.setFocus()

    def set_panels_shown(self, shown: bool) -> None:
        """Show or hide both sides."""
        if not shown:
            self.set_contact_sheet(False)
        for side in (self.list, self._right):
            side.setVisible(shown)
        self._actions.panels.setChecked(shown)

    def save(self) -> None:
        """Remember widths and choices."""
        if not self._middle.isHidden():
            self._state.set_bytes("page/columns", self._splitter.saveState())
        self._state.set_word("page/list", self.list.view.layout_kind.value)
        self._state.set_overlay(self.explanation.state)

    def _restore(self) -> None:
        state = self._state
        if not self._splitter.restoreState(state.bytes_of("page/columns")):
            self._splitter.setSizes(_WIDTHS)
        kinds = [kind.value for kind in Layout]
        self.list.set_layout_kind(Layout(state.word("page/list", Layout.GRID.value, kinds)))
        self._actions.panels.setChecked(True)
        self.open_image.set_state(state.overlay)
        self._actions.overlay.setChecked(state.overlay.visible)

    @Slot()
    def _on_restarted(self) -> None:
        self.list.set_images(self.service.images)
        self.service.set_thumbnail_px(self.list.thumbnail_px)
        self.open_image.close()

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
