"""Which map lies over the picture: the chosen one, or Grad-CAM until that is there."""

from dataclasses import replace

from lesionviewer.core.prediction import Prediction
from lesionviewer.engine.explain.further import GRAD_CAM
from lesionviewer.jobs.explaining import Explaining
from lesionviewer.ui.image_view_overlay import Overlay, render_overlay
from lesionviewer.ui.overlay_state import OverlayState


def shown_map(
    explaining: Explaining, image: int, prediction: Prediction, state: OverlayState
) -> tuple[str, Overlay]:
    """Return the method that is shown, and its overlay.

    Args:
        explaining: Knows the maps that needed further passes.
        image: Position of the open image.
        prediction: Of that image.
        state: What the reader chose.
    """
    diagnosis = prediction.top if state.diagnosis is None else state.diagnosis
    found = None
    if state.method != GRAD_CAM:
        region = prediction.region
        found = explaining.map_of(state.method, diagnosis, image=image, region=region)
    if found is None:
        return GRAD_CAM, render_overlay(prediction.activation_maps, prediction.top, state)
    if found.ndim == 3:
        return state.method, render_overlay(found, prediction.top, state)
    alone = replace(state, diagnosis=0, versus=None)
    return state.method, render_overlay(found[..., None], 0, alone)
