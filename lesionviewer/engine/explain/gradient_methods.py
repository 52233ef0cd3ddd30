"""Methods of tf-keras-vis on a float network, for the process that holds Keras.

Keras and tf-keras-vis are imported when a map is made.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import EngineError
from lesionviewer.engine.backbones import BACKBONES
from lesionviewer.engine.heads import EMBEDDING
from lesionviewer.engine.networks import architecture_of, build_network

if TYPE_CHECKING:
    import keras

GRAD_CAM_PP, LAYER_CAM, SCORE_CAM = "grad-cam++", "layercam", "score-cam"
SMOOTHGRAD = "smoothgrad"
METHODS = (GRAD_CAM_PP, LAYER_CAM, SCORE_CAM, SMOOTHGRAD)
MISSING = (
    "This map needs tf-keras-vis with TensorFlow. Install lesionviewer with its extra [train], or "
    "choose Grad-CAM, the fine map or occlusion."
)
_CHANNELS = 64
"""Score-CAM takes one pass for each channel; these are the ones that vary most over the picture
(tf-keras-vis' Faster Score-CAM). A ResNet50 has 2,048."""
_SAMPLES, _NOISE = 20, 0.2
"""Of SmoothGrad: noisy copies, and the noise over the range of the pixels (Smilkov et al. 2017,
section 3.2, which finds 10 to 20 % and fewer than 50 copies best)."""
_BATCH = 16


class GradientMethods:
    """Explains a network with methods that need a gradient, or many passes."""

    def __init__(self, network: "keras.Model") -> None:
        """Make a twin of `network` that takes its pixels as float: no tape watches integers.

        Raises:
            EngineError: tf-keras-vis is missing, or Keras works on another backend.
        """
        import keras

        if keras.backend.backend() != "tensorflow":
            raise EngineError(MISSING)
        try:
            import tf_keras_vis
        except ImportError as error:
            raise EngineError(MISSING) from error
        del tf_keras_vis
        architecture = architecture_of(network)
        self._earlier = BACKBONES[str(architecture["backbone"])].cuts[0]
        self._network = build_network(
            architecture,
            diagnoses=int(network.output.shape[-1]),
            input_px=int(network.input.shape[1]),
            pixels="float32",
        )
        self._network.set_weights(network.get_weights())
        # The layer's own output, not the pooling's input: tf-keras-vis asks for a layer by name.
        pooled = self._network.get_layer(EMBEDDING).input
        self._last_map = str(pooled._keras_history.operation.name)

    def explain(
        self, square: NDArray[np.uint8], diagnosis: int, method: str
    ) -> NDArray[np.float32]:
        """Return the heat of a diagnosis, (h, w) float32, 0.0 and more, not scaled.

        Args:
            square: What the network sees, (s, s, 3).
            diagnosis: Its place among the logits, 0 to k - 1.
            method: One of `METHODS`. SmoothGrad has a value for each pixel, LayerCAM for each
                place of the map before the last stage, the others of the last feature map.

        Raises:
            EngineError: There is no such method.
        """
        call = {
            GRAD_CAM_PP: self._grad_cam_pp,
            LAYER_CAM: self._layer_cam,
            SCORE_CAM: self._score_cam,
            SMOOTHGRAD: self._smoothgrad,
        }.get(method)
        if call is None:
            raise EngineError(f"There is no method {method!r}; choose of {', '.join(METHODS)}.")
        heat = call(lambda logits: logits[:, diagnosis], square.astype(np.float32)[None])
        found: NDArray[np.float32] = np.nan_to_num(np.asarray(heat, np.float32)[0])
        return found

    def _grad_cam_pp(self, score: Any, pixels: Any) -> Any:
        from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus

        return GradcamPlusPlus(self._network, clone=False)(score, pixels, **self._last)

    def _layer_cam(self, score: Any, pixels: Any) -> Any:
        from tf_keras_vis.layercam import Layercam

        # Jiang et al. 2021: before the last stage, where places are half as wide.
        before = {**self._last, "penultimate_layer": self._earlier}
        return Layercam(self._network, clone=False)(score, pixels, **before)

    def _score_cam(self, score: Any, pixels: Any) -> Any:
        from tf_keras_vis.scorecam import Scorecam

        channels = self._network.get_layer(EMBEDDING).output.shape[-1]
        return Scorecam(self._network, clone=False)(
            score, pixels, batch_size=_BATCH, max_N=min(_CHANNELS, int(channels)), **self._last
        )

    def _smoothgrad(self, score: Any, pixels: Any) -> Any:
        from tf_keras_vis.saliency import Saliency

        # It draws its noise from NumPy's global generator; the same picture gets the same map.
        np.random.seed(0)
        return Saliency(self._network, clone=False)(
            score, pixels, smooth_samples=_SAMPLES, smooth_noise=_NOISE, normalize_map=False
        )

    @property
    def _last(self) -> Mapping[str, Any]:
        return {
            "penultimate_layer": self._last_map,
            "seek_penultimate_conv_layer": False,
            "expand_cam": False,
            "normalize_cam": False,
        }
