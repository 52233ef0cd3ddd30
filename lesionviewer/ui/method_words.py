"""What the ways to make a map are called, and what each of them shows."""

from lesionviewer.engine.explain.further import FINE, GRAD_CAM
from lesionviewer.engine.explain.gradient_methods import GRAD_CAM_PP, SCORE_CAM, SMOOTHGRAD
from lesionviewer.engine.explain.keras_explainer import OCCLUSION

METHOD_NAMES = {
    GRAD_CAM: "Grad-CAM",
    FINE: "Fine map",
    OCCLUSION: "Occlusion",
    GRAD_CAM_PP: "Grad-CAM++",
    SCORE_CAM: "Score-CAM",
    SMOOTHGRAD: "SmoothGrad",
}
"""In the order in which they are offered."""
_FLOAT = "Of the float network, which may differ a little from the one that predicted."
METHOD_NOTES = {
    GRAD_CAM: "Not where the lesion ends.",
    FINE: "Made from a view twice as large, so of another pass than the figures. Not where the "
    "lesion ends.",
    OCCLUSION: "How much the probability falls when a patch is blurred.",
    GRAD_CAM_PP: _FLOAT,
    SCORE_CAM: f"{_FLOAT} From the 64 channels that vary most.",
    SMOOTHGRAD: f"{_FLOAT} How strongly pixels move the score, averaged over small cells: both "
    "ways, for and against.",
}
METHOD_WAITS = {
    FINE: "Making the fine map …",
    OCCLUSION: "Hiding one patch after the other …",
}
KERAS_WAITS = "Making the map with Keras; the first one takes longer …"
