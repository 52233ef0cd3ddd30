"""Holds activation maps against Grad-CAM as tf-keras-vis computes it."""

import numpy as np
from scipy.ndimage import zoom

from benchmarks.keras_side import LAST_MAP, float_twin
from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.heat import grad_cam


def hold_against_gradcam(bundle: ModelBundle, squares: np.ndarray, maps: np.ndarray) -> None:
    """Assert that the maps (n, h, w, k) of pixels (n, s, s, 3) are the float model's Grad-CAM."""
    from tf_keras_vis.gradcam import Gradcam

    oracle = Gradcam(float_twin(bundle), clone=False)
    compared = 0
    for diagnosis in range(len(bundle.card.codes)):
        theirs = oracle(
            lambda logits, diagnosis=diagnosis: logits[:, diagnosis],
            squares.astype(np.float32),
            penultimate_layer=LAST_MAP,
            seek_penultimate_conv_layer=False,
            normalize_cam=False,
        )
        for index, expected in enumerate(theirs):
            small = grad_cam(maps[index, ..., diagnosis])
            # The oracle enlarges by scipy's zoom; so does this side, to compare the maps alone.
            ours = zoom(small, expected.shape[0] / small.shape[0], order=1)
            if not small.any():
                assert not np.any(expected > 1e-6)
                continue
            assert np.corrcoef(ours.ravel(), expected.ravel())[0, 1] >= 0.999
            compared += 1
    assert compared >= len(squares)
