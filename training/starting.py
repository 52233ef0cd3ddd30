"""Where a run's first weights come from: a bundle, a file, ImageNet, or chance."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import CARD, open_bundle
from lesionviewer.core.errors import BundleError, ConfigError
from lesionviewer.engine.backbones import BACKBONES, ranked_names
from lesionviewer.engine.heads import layer_names
from lesionviewer.engine.networks import architecture_of, named_variables, read_arrays

if TYPE_CHECKING:
    import keras

_BRANCH = 0.2
"""Scale that the residual branches of a random network start with."""


def usual_init(backbone: str) -> str:
    """Return what `--init` means when it is left out: the shipped bundle if it fits, else none.

    Raises:
        BundleError: The shipped bundle is damaged.
    """
    folder = default_bundle_dir()
    if not (folder / CARD).is_file():
        return "none"
    fits = open_bundle(folder).card.architecture.get("backbone") == backbone
    return "bundle" if fits else "none"


def find_init(init: str, backbone: str) -> Path | None:
    """Return the file or bundle folder that `init` stands for; None for random weights.

    Raises:
        ConfigError: There is no such thing.
    """
    if init == "none":
        return None
    if init == "bundle":
        if not (default_bundle_dir() / CARD).is_file():
            raise ConfigError({"init": "no model ships with this installation; give a file"})
        return default_bundle_dir()
    if init == "imagenet":
        name = BACKBONES[backbone].imagenet_file
        if not name:
            raise ConfigError({"init": f"nobody publishes ImageNet weights of {backbone}"})
        path = Path.home() / ".keras" / "models" / name
        if not path.is_file():
            raise ConfigError(
                {
                    "init": f"the ImageNet weights are not on this machine, and nothing is fetched "
                    f"from a network here. Save keras.applications' {name} as {path}, or give "
                    "--init a weights file"
                }
            )
        return path
    path = Path(init)
    if not path.exists():
        raise ConfigError({"init": f"expected bundle, imagenet, none or a file, got {init!r}"})
    return path


def read_start(source: Path, backbone: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a bundle folder, a safetensors file or a Keras weights file.

    Raises:
        BundleError: It cannot be read, or belongs to another backbone.
    """
    if source.is_dir():
        bundle = open_bundle(source)
        if bundle.card.architecture.get("backbone") != backbone:
            raise BundleError(
                f"The bundle {source.name} has the backbone "
                f"{bundle.card.architecture.get('backbone')!r}; the run wants {backbone!r}."
            )
        return read_arrays(bundle.read("weights.safetensors"))
    return _read_h5(source) if source.suffix == ".h5" else read_arrays(source)


def _read_h5(source: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a `.h5` file as keras.applications publishes them.

    Some of these files are older than Keras' present names.
    """
    import h5py  # type: ignore[import-untyped, unused-ignore]

    arrays: dict[str, NDArray[Any]] = {}

    def take(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            parts = name.removeprefix("model_weights/").split("/")
            variable = parts[-1].removesuffix(":0").removeprefix("depthwise_")
            arrays[f"{parts[0]}/{variable}"] = np.asarray(item)

    try:
        with h5py.File(source, "r") as file:
            file.visititems(take)
    except OSError as error:
        raise BundleError(f"{source.name} is no readable Keras weights file.") from error
    names = ranked_names(name.split("/")[0] for name in arrays)
    split = ((name.split("/"), array) for name, array in arrays.items())
    return {f"{names[layer]}/{kind}": array for (layer, kind), array in split}


def initialise(
    model: "keras.Model", arrays: Mapping[str, NDArray[Any]], *, seed: int
) -> tuple[int, int]:
    """Give `model` the arrays that fit by name, and random weights (He et al. 2015) elsewhere.

    A head for other diagnoses, or of other layers, does not fit and starts anew. Batch norms that
    `arrays` lacks keep their neutral start; where all is random, those of residual branches start
    small.

    Returns:
        How many of the model's weights came from `arrays`, and of how many.

    Raises:
        BundleError: Nothing fits, or a weight of the backbone has another shape.
    """
    variables = named_variables(model)
    dense = layer_names(architecture_of(model)["head"])
    head = {name for name in variables if name.split("/")[0] in dense}
    if any(n not in arrays or arrays[n].shape != tuple(variables[n].shape) for n in head):
        arrays = {name: array for name, array in arrays.items() if name not in head}
    shared = [name for name in variables if name in arrays]
    if arrays and not shared:
        raise BundleError(
            f"No weight of the file fits the network: it names {next(iter(arrays))}, the network "
            f"{next(iter(variables))}. Give weights of the same backbone."
        )
    for name in shared:
        if arrays[name].shape != tuple(variables[name].shape):
            raise BundleError(
                f"The file has {name} of shape {arrays[name].shape}; the network expects "
                f"{tuple(variables[name].shape)}. Give weights of the same backbone."
            )
    for number, (name, variable) in enumerate(variables.items()):
        if name in arrays:
            variable.assign(arrays[name].astype(np.float32))
        elif name.endswith("/kernel"):
            variable.assign(_he_normal(model, name, variable.shape, seed + number))
    if not shared:
        _calm(model)
    return len(shared), len(variables)


def _calm(model: "keras.Model") -> None:
    """Let the residual branches of a random network add little to what they get.

    Goyal et al. (2017, section 5.1) start them at nothing, which could not be folded. Fifty blocks
    that each add as much as they get would leave the range of half floats, in which maps are kept.
    """
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.Add):
            last = layer.input[-1]._keras_history.operation
            if isinstance(last, keras.layers.BatchNormalization):
                last.gamma.assign(np.full(last.gamma.shape, _BRANCH, np.float32))


def _he_normal(model: "keras.Model", name: str, shape: tuple[int, ...], seed: int) -> Any:
    import keras

    draw = keras.initializers.HeNormal(seed)
    if isinstance(model.get_layer(name.split("/")[0]), keras.layers.DepthwiseConv2D):
        # Each output reads one channel, not all of them as the shape (h, w, c, m) seems to say.
        height, width, channels, each = shape
        return keras.ops.reshape(draw((height, width, 1, channels * each)), shape)
    return draw(shape)
