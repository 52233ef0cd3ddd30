"""Weights of a network under way: at full precision, unlike those of a bundle."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.engine.networks import architecture_of, build_network, named_variables

if TYPE_CHECKING:
    import keras


def values_of(model: "keras.Model") -> dict[str, NDArray[np.float32]]:
    """Return a copy of all weights by name."""
    variables = named_variables(model)
    return {name: np.asarray(variable, np.float32).copy() for name, variable in variables.items()}


def assign(model: "keras.Model", arrays: Mapping[str, NDArray[Any]], *, prefix: str = "") -> None:
    """Give `model` the arrays whose names begin with `prefix`; its other weights stay."""
    for name, variable in named_variables(model).items():
        if prefix + name in arrays:
            variable.assign(arrays[prefix + name])


def write_full(model: "keras.Model", path: Path) -> None:
    """Write all weights, whole or not at all."""
    from safetensors.numpy import save

    partial = path.with_suffix(".partial")
    partial.write_bytes(save(dict(values_of(model))))
    partial.replace(path)


def in_float32(model: "keras.Model") -> "keras.Model":
    """Return a network with the same weights that computes in float32 throughout."""
    twin = build_network(
        architecture_of(model),
        diagnoses=model.output_shape[-1],
        input_px=model.input_shape[1],
    )
    assign(twin, values_of(model))
    return twin
