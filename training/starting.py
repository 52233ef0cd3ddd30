"""Where a run's first weights come from: a bundle, a file, ImageNet, or chance."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import CARD, open_bundle
from lesionviewer.core.errors import BundleError, ConfigError
from lesionviewer.engine.networks import LOGITS, named_variables, read_arrays

if TYPE_CHECKING:
    import keras

_APPLICATIONS_FILES = {
    "resnet50": "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
}


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
        name = _APPLICATIONS_FILES.get(backbone, f"{backbone} weights")
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
    """Return the arrays of a `.h5` file as keras.applications publishes them."""
    import h5py  # type: ignore[import-untyped, unused-ignore]

    arrays: dict[str, NDArray[Any]] = {}

    def take(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            parts = name.removeprefix("model_weights/").split("/")
            variable = parts[-1].removesuffix(":0")
            arrays[f"{parts[0]}/{variable}"] = np.asarray(item)

    try:
        with h5py.File(source, "r") as file:
            file.visititems(take)
    except OSError as error:
        raise BundleError(f"{source.name} is no readable Keras weights file.") from error
    return arrays


def initialise(
    model: "keras.Model", arrays: Mapping[str, NDArray[Any]], *, seed: int
) -> tuple[int, int]:
    """Give `model` the arrays that fit by name, and random weights (He et al. 2015) elsewhere.

    A head for other diagnoses does not fit and starts anew. Batch norms that `arrays` lacks keep
    their neutral start.

    Returns:
        How many of the model's weights came from `arrays`, and of how many.

    Raises:
        BundleError: Nothing fits, or a weight of the backbone has another shape.
    """
    import keras

    variables = named_variables(model)
    head = {name for name in variables if name.startswith(f"{LOGITS}/")}
    if any(n in arrays and arrays[n].shape != tuple(variables[n].shape) for n in head):
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
            variable.assign(keras.initializers.HeNormal(seed + number)(variable.shape))
    return len(shared), len(variables)
