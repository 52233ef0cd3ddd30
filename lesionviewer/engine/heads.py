"""Heads of several dense layers: what they say of the pooled features, and why.

The head of one dense layer weighs every place of the last feature map the same way for all images,
so that its maps are part of the graph. With ReLUs between its layers the weights depend on the
image: they are the gradient of a logit at the embedding, computed here from the head's arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import BundleError
from lesionviewer.engine.classifier import RawOutput

Floats = NDArray[np.float32]
LOGITS, MAPS, FEATURES, EMBEDDING = "logits", "activation_maps", "features", "embedding"


def output_names(head: Sequence[int]) -> tuple[str, str, str]:
    """Return what a graph gives in one pass: a deep head's maps are made from the features."""
    return LOGITS, FEATURES if head else MAPS, EMBEDDING


def layer_names(head: Sequence[int]) -> tuple[str, ...]:
    """Return the names of a head's dense layers, from the embedding to the logits."""
    return (*(f"head_{number}" for number in range(1, len(head) + 1)), LOGITS)


@dataclass(frozen=True, slots=True)
class DenseHead:
    """Dense layers with a ReLU after each but the last.

    Attributes:
        kernels: (inputs, outputs) of each layer, from the embedding to the logits.
        biases: (outputs,) of each layer.
    """

    kernels: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]], head: Sequence[int], diagnoses: int) -> Self:
        """Return the head that stands among a network's weights.

        Args:
            arrays: By name, as `engine.networks.read_arrays` gives them.
            head: Outputs of the layers before the last.
            diagnoses: Outputs of the last.

        Raises:
            BundleError: A layer is missing, or has another shape.
        """
        found = [
            [np.asarray(arrays.get(f"{name}/{kind}", 0), np.float32) for kind in ("kernel", "bias")]
            for name in layer_names(head)
        ]
        kernels, biases = (tuple(column) for column in zip(*found, strict=True))
        sizes = [*kernels[0].shape[:1], *head, diagnoses]
        if [array.shape for array in (*kernels, *biases)] != [
            *pairwise(sizes),
            *((outputs,) for outputs in sizes[1:]),
        ]:
            raise BundleError(
                f"The weights do not hold a head of dense layers with {', '.join(map(str, head))} "
                f"and {diagnoses} outputs, as the card says. Export the model again."
            )
        return cls(kernels, biases)

    def explained(self, raw: RawOutput) -> RawOutput:
        """Return the output of a graph, with the maps in the place of the features."""
        return raw._replace(activation_maps=self.maps(raw.activation_maps, raw.embedding))

    def gradients(self, embedding: Floats) -> Floats:
        """Return how every logit changes with every feature: (n, d) → (n, d, k)."""
        hidden, alive = embedding, []
        for kernel, bias in zip(self.kernels[:-1], self.biases[:-1], strict=True):
            hidden = np.maximum(hidden @ kernel + bias, 0)
            alive.append(hidden > 0)
        last = self.kernels[-1]
        gradient: Floats = np.broadcast_to(last, (len(embedding), *last.shape))
        for kernel, through in zip(self.kernels[-2::-1], alive[::-1], strict=True):
            gradient = kernel @ (through[..., None] * gradient)
        return gradient

    def maps(self, features: Floats, embedding: Floats) -> Floats:
        """Return the class activation maps (n, h, w, k); their ReLU is Grad-CAM.

        Args:
            features: The last feature map, (n, h, w, d).
            embedding: Its mean over all places, (n, d).
        """
        n, height, width, channels = features.shape
        places = features.reshape(n, height * width, channels)
        return (places @ self.gradients(embedding)).reshape(n, height, width, -1)
