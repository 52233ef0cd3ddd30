"""AdamW whose rate falls from the head down to the input."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

_CLIP = 5.0


def layerwise_adamw(
    network: "keras.Model", rate: float, *, weight_decay: float, decay: float
) -> "keras.optimizers.Optimizer":
    """Return AdamW (Loshchilov and Hutter 2019) with a rate of its own for every layer.

    Args:
        network: What it will train.
        rate: Of the head.
        weight_decay: On every trained weight.
        decay: The input's rate as a share of the head's, 0 to 1; between them it falls evenly on a
            logarithmic scale (Howard and Ruder 2018, section 3.2, give each layer its own rate).
    """
    import keras

    depth = max(1, len(network.layers) - 1)
    place = {
        variable.path: number / depth
        for number, layer in enumerate(network.layers)
        for variable in layer.trainable_variables
    }
    factors = [decay ** (1 - place[variable.path]) for variable in network.trainable_variables]

    class LayerwiseAdamW(keras.optimizers.AdamW):  # type: ignore[misc, unused-ignore]
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            # On TensorFlow this is the backend's own variable: its place tells which one it is.
            factor = factors[self._get_variable_index(variable)]
            super().update_step(gradient, variable, learning_rate * factor)

    return LayerwiseAdamW(rate, weight_decay=weight_decay, global_clipnorm=_CLIP)
