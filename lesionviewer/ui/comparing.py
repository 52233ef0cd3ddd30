"""Comparing: the selected images take the place of the open one until another is opened."""

from PySide6.QtCore import QObject, QSize, Signal, Slot

from lesionviewer.jobs.pictures import Picture
from lesionviewer.ui.actions import Actions
from lesionviewer.ui.compare_view import MOST, CompareView
from lesionviewer.ui.image_list_marks import decision_words
from lesionviewer.ui.image_view_overlay import render_overlay
from lesionviewer.ui.review_page import ReviewPage

_HOW = f"Select two to {MOST} images to compare: click them with Ctrl."


class Comparing(QObject):
    """Works on the page it is given; decisions are about the one that is open, as ever."""

    refused = Signal(str)  # why there is nothing to compare

    def __init__(self, page: ReviewPage, actions: Actions) -> None:
        """Put the view beside the picture, hidden.

        Args:
            page: Shows the images.
            actions: Begin and end it, zoom it.
        """
        super().__init__(page)
        self._page, self._action = page, actions.compare
        self.view = CompareView()
        self.view.hide()
        page.middle.insertWidget(0, self.view, 1)
        side_by_side = self._pictures = page.service.side_by_side
        side_by_side.pictured.connect(self._on_picture)
        side_by_side.failed.connect(self._on_failure)
        self.view.opened.connect(page.open)
        page.opened.connect(self._on_opened)
        page.open_image.state_changed.connect(self._show_overlays)
        page.service.restarted.connect(self.end)
        page.service.changed.connect(self._on_changed)
        page.list.model.dataChanged.connect(self._tell)
        actions.compare.triggered.connect(self._on_triggered)
        actions.single.triggered.connect(self.end)
        actions.sheet.triggered.connect(self.end)
        for action, steps in ((actions.zoom_in, 1), (actions.zoom_out, -1), (actions.zoom_fit, 0)):
            action.triggered.connect(lambda _=False, steps=steps: self.view.zoom(steps))

    @property
    def is_on(self) -> bool:
        """Whether images are compared."""
        return not self.view.isHidden()

    @Slot(bool)
    def _on_triggered(self, on: bool) -> None:
        selected = self._page.list.targets
        if not on:
            self.end()
        elif not 2 <= len(selected) <= MOST:
            self._action.setChecked(False)
            self.refused.emit(_HOW)
        else:
            self._begin(selected)

    def _begin(self, images: list[int]) -> None:
        page = self._page
        page.set_contact_sheet(False)
        page.list.view.selection.clear()
        self.view.set_images(images)
        page.view.hide()
        self.view.show()
        self._action.setChecked(True)
        self._pictures.ask([(image, page.service.images.path(image)) for image in images])
        if page.open_image.image not in images:
            page.open(images[0])
        self._tell()

    @Slot()
    def end(self) -> None:
        """Give the open image its room back."""
        self._pictures.drop()
        if self.is_on:
            self.view.hide()
            self.view.set_images([])
            self._page.view.show()
            self._page.take_focus()
        self._action.setChecked(False)

    @Slot(int)
    def _on_opened(self, image: int) -> None:
        if self.is_on and image not in self.view.images:
            self.end()
        self._tell()

    @Slot(object)
    def _on_picture(self, picture: Picture) -> None:
        height, width = picture.pixels.shape[:2]
        self.view.show_picture(picture.image, picture.view, QSize(width, height))
        self._show_overlays()

    @Slot(int, str)
    def _on_failure(self, image: int, message: str) -> None:
        self.view.view(image).set_message("This image cannot be read", message, "error")

    @Slot(object)
    def _on_changed(self, images: list[int]) -> None:
        if set(images) & set(self.view.images):
            self._show_overlays()
            self._tell()

    @Slot()
    def _show_overlays(self) -> None:
        state = self._page.explanation.state
        for image in self.view.images:
            view = self.view.view(image)
            prediction = self._page.service.images.prediction(image)
            view.set_region(None if prediction is None else prediction.region)
            view.set_overlay_visible(state.visible)
            view.set_overlay_opacity(state.opacity)
            overlay = None
            if prediction is not None and state.visible:
                overlay = render_overlay(prediction.activation_maps, prediction.top, state)
            view.set_overlay(overlay)

    @Slot()
    def _tell(self) -> None:
        """Write below each image its name, what the model says and what was decided."""
        images = self._page.service.images
        for image in self.view.images:
            top = images.top(image)
            words = [images.name(image)]
            words += [f"{top[0].code} {top[1]:.0%}"] if top is not None else []
            words += decision_words(images.reader.get(image), images)
            strong = image == self._page.open_image.image
            self.view.show_caption(image, " · ".join(words), strong=strong)
