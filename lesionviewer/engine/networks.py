"""The networks, built in code as flat Keras 3 graphs, and the reading and writing of their weights.

Nothing here asks for a particular Keras backend. Keras is imported when a network is built.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.card import head_of
from lesionviewer.core.errors import BundleError
from lesionviewer.engine.backbones import BACKBONES
from lesionviewer.engine.heads import (
    EMBEDDING,
    FEATURES,
    LOGITS,
    MAPS,
    DenseHead,
    layer_names,
)

if TYPE_CHECKING:
    import keras

WEIGHTS = "weights.safetensors"
_STORED_DTYPES = (np.dtype(np.float16), np.dtype(np.float32))


def build_network(
    architecture: Mapping[str, Any],
    *,
    diagnoses: int,
    input_px: int = 224,
    dropout: float = 0.0,
    dtype: str = "float32",
    pixels: str = "uint8",
) -> "keras.Model":
    """Return an untrained classifier: uint8 RGB (n, s, s, 3) → logits (n, k).

    The backbone's layers stand in the same graph under their own names, the preprocessing of the
    backbone too; then global average pooling (`embedding`), dropout and a dense layer (`logits`).
    A head of several layers has a dense layer with a ReLU (`head_1` and on) and dropout for each.

    Args:
        architecture: As in a model's card; `backbone` names an entry of `BACKBONES`, `head` has the
            outputs of the dense layers before the last, if there are any.
        diagnoses: How many classes the model tells apart, k.
        input_px: Edge of the square that the network takes, s.
        dropout: Share of each dense layer's input dropped while training, 0.0 to 1.0.
        dtype: Keras' dtype policy of the backbone, such as `mixed_bfloat16`.
        pixels: Type of the input; `float32` for methods that need a gradient at the pixels.

    Raises:
        BundleError: The backbone is unknown to this program.
    """
    backbone = BACKBONES.get(str(architecture.get("backbone")))
    if backbone is None:
        raise BundleError(
            f"The model needs the backbone {architecture.get('backbone')!r}; this program knows "
            f"{', '.join(BACKBONES)}. Use a version of lesionviewer that fits the model."
        )
    import keras

    head = head_of(architecture)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        image = keras.Input((input_px, input_px, 3), dtype=pixels, name="image")
        features = backbone.features(keras.ops.cast(image, "float32"))
        x = keras.layers.GlobalAveragePooling2D(name=EMBEDDING, dtype="float32")(features)
        for name, units in zip(layer_names(head), (*head, diagnoses), strict=True):
            drop = "dropout" if name == LOGITS else f"{name}_dropout"
            x = keras.layers.Dropout(dropout, name=drop, dtype="float32")(x)
            activation = None if name == LOGITS else "relu"
            x = keras.layers.Dense(units, activation=activation, name=name, dtype="float32")(x)
        return keras.Model(image, x, name=str(architecture["backbone"]))
    finally:
        keras.config.set_dtype_policy(before)


def build_explaining_network(model: "keras.Model") -> "keras.Model":
    """Return a network that shares `model`'s layers and explains itself in one pass.

    Its outputs are a dict: `logits` (n, k); `activation_maps` (n, h, w, k), the last feature map
    times the dense layer's kernel, with no bias and no ReLU; `embedding` (n, d). For a head of
    several layers there is the last feature map itself, `features` (n, h, w, d), in the place of
    the maps: `engine.heads` makes them from it.
    """
    import keras

    pooling, dense = model.get_layer(EMBEDDING), model.get_layer(LOGITS)
    features = keras.ops.cast(pooling.input, "float32")
    if architecture_of(model)["head"]:
        outputs = {LOGITS: model.output, FEATURES: features, EMBEDDING: pooling.output}
        return keras.Model(model.input, outputs, name=f"{model.name}_explaining")
    height, width, channels = feature_shape(model)
    # One flat product: OpenVINO's CPU plugin (2026.4) gives wrong features for a product that
    # keeps all four axes.
    places = keras.ops.reshape(features, (-1, channels))
    maps = keras.ops.reshape(
        keras.ops.matmul(places, dense.kernel), (-1, height, width, dense.units)
    )
    outputs = {LOGITS: model.output, MAPS: maps, EMBEDDING: pooling.output}
    return keras.Model(model.input, outputs, name=f"{model.name}_explaining")


def architecture_of(model: "keras.Model") -> dict[str, Any]:
    """Return what `build_network` needs to build `model` again: its backbone and its head."""
    import keras

    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    return {"backbone": model.name, "head": [int(layer.units) for layer in dense[:-1]]}


def feature_shape(model: "keras.Model") -> tuple[int, int, int]:
    """Return (height, width, channels) of the last feature map."""
    height, width, channels = model.get_layer(EMBEDDING).input.shape[1:]
    return int(height), int(width), int(channels)


def named_variables(model: "keras.Model") -> dict[str, "keras.Variable"]:
    """Return every weight of `model` by its name in a weights file, `<layer>/<variable>`."""
    return {
        f"{layer.name}/{variable.name}": variable
        for layer in model.layers
        for variable in layer.weights
        if variable.dtype.startswith("float")
    }


def write_weights(model: "keras.Model", path: Path) -> None:
    """Write the weights as safetensors: kernels as float16, vectors as float32."""
    from safetensors.numpy import save

    arrays = {
        name: np.ascontiguousarray(
            np.asarray(variable),
            dtype=np.float16 if len(variable.shape) > 1 else np.float32,
        )
        for name, variable in named_variables(model).items()
    }
    path.write_bytes(save(arrays))


def read_arrays(source: Path | bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of a safetensors file, or of its bytes.

    Raises:
        BundleError: It cannot be read, or holds something other than float16 and float32.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays: dict[str, NDArray[Any]] = load(
            source if isinstance(source, bytes) else source.read_bytes()
        )
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise BundleError(
            "The weights cannot be read: damaged, or not a safetensors file. Fetch or export the "
            "model again."
        ) from error
    if bad := [name for name, array in arrays.items() if array.dtype not in _STORED_DTYPES]:
        raise BundleError(
            f"The weights hold {bad[0]} as {arrays[bad[0]].dtype}; expected float16 or float32."
        )
    return arrays


def read_head(bundle: ModelBundle) -> DenseHead | None:
    """Return a bundle's head if its maps are made from the features, else None.

    Raises:
        BundleError: The weights are missing or damaged, or hold another head.
    """
    head = head_of(bundle.card.architecture)
    if not head:
        return None
    return DenseHead.read(read_arrays(bundle.read(WEIGHTS)), head, len(bundle.card.diagnoses))


def read_weights(source: Path | bytes, model: "keras.Model") -> None:
    """Give `model` the weights of a safetensors file, or of its bytes, all or none.

    Raises:
        BundleError: Names, shapes or types are not the network's; nothing was assigned.
    """
    arrays, variables = read_arrays(source), named_variables(model)
    if odd := sorted(arrays.keys() ^ variables.keys()):
        side = "lacks" if odd[0] in variables else "holds an unknown"
        raise BundleError(
            f"The weights file {side} {odd[0]} ({len(odd)} names differ in all). It belongs to "
            "another network; use the weights exported with this model."
        )
    check_shapes(arrays, variables)
    for name, variable in variables.items():
        variable.assign(arrays[name].astype(np.float32))


def check_shapes(
    arrays: Mapping[str, NDArray[Any]], variables: Mapping[str, "keras.Variable"]
) -> None:
    """Hold arrays against the variables of the same name.

    Raises:
        BundleError: One has another shape, or a value that is no number.
    """
    for name, array in arrays.items():
        if tuple(array.shape) != tuple(variables[name].shape):
            raise BundleError(
                f"The weights file has {name} of shape {tuple(array.shape)}; the network expects "
                f"{tuple(variables[name].shape)}. It belongs to another network."
            )
        if not np.isfinite(array).all():
            raise BundleError(f"The weights file has a value in {name} that is no number.")
