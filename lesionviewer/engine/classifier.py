"""What every engine is: pixels in, logits, activation maps and embedding out, in one pass."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.card import ModelCard


class RawOutput(NamedTuple):
    """What one forward pass gives for n images.

    Attributes:
        logits: Uncalibrated scores, (n, k) float32.
        activation_maps: Class activation maps, (n, h, w, k) float32: the gradient of each logit at
            the embedding (for one dense layer its weights) applied at every place of the last
            feature map. Their ReLU is Grad-CAM.
        embedding: Pooled features, (n, d) float32.
    """

    logits: NDArray[np.float32]
    activation_maps: NDArray[np.float32]
    embedding: NDArray[np.float32]


class Classifier(Protocol):
    """A model bundle, ready to work on one device. Several threads may call `predict` at once."""

    @property
    def card(self) -> ModelCard:
        """The card of the bundle that works here."""
        ...

    @property
    def name(self) -> str:
        """What works, for the status bar, such as `CPU · OpenVINO int8`."""
        ...

    @property
    def engine(self) -> str:
        """The engine for the CSV's last column: such as `openvino-int8` or `keras`."""
        ...

    @property
    def batch_size(self) -> int:
        """How many images to hand over at a time for full speed; fewer and more are fine."""
        ...

    def predict(self, batch: NDArray[np.uint8]) -> RawOutput:
        """Run the network forward, once for each image.

        Args:
            batch: RGB pixels as `core.preprocess.cut_square` gives, (n, size, size, 3), n ≥ 1.

        Raises:
            EngineError: The engine failed; the message says what to do.
        """
        ...

    def close(self) -> None:
        """Free the device and end helper processes. May be called twice."""
        ...
