"""Do the maps change when the network forgets what it learnt? (Adebayo et al. 2018)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.card import head_of
from lesionviewer.core.heat import enlarge, heat_of
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.heads import DenseHead, output_names
from lesionviewer.engine.networks import (
    WEIGHTS,
    build_explaining_network,
    build_network,
    named_variables,
    read_weights,
)

if TYPE_CHECKING:
    import keras

_GROUP = re.compile(r".*?block\d+|[^_]+(?:_\d+)?")
_BATCH = 16
Heats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Step:
    """How alike the maps still are, from the top down to one group of layers made random.

    Attributes:
        layers: The group that was made random last, such as `conv5_block3`.
        rank_correlation: Spearman's, over the places of the map, (n,), -1.0 to 1.0; 0.0 where one
            of both maps is flat.
        similarity: Structural similarity of the enlarged maps (SSIM; Wang et al. 2004), (n,).
        kept: Whether the diagnosis is still the first, (n,).
    """

    layers: str
    rank_correlation: NDArray[np.float64]
    similarity: NDArray[np.float64]
    kept: NDArray[np.bool_]


def randomised_steps(
    bundle: ModelBundle, squares: NDArray[np.uint8], *, seed: int = 0
) -> Iterator[Step]:
    """Make the network random group by group from the logits down, and yield each step.

    Cascading randomisation (Adebayo et al. 2018, section 3.1): the weights of a group become those
    of an untrained network. Compared is Grad-CAM of the diagnosis that the trained network names.
    The first step, `none`, changes nothing.

    Args:
        bundle: With float weights.
        squares: What the network sees, (n, s, s, 3).
        seed: Of the untrained network.

    Raises:
        BundleError: The bundle has no usable float weights.
    """
    import keras

    card = bundle.card
    size, count = card.input_px, len(card.codes)
    keras.utils.set_random_seed(seed)
    untrained = build_network(card.architecture, diagnoses=count, input_px=size)
    network = build_network(card.architecture, diagnoses=count, input_px=size)
    read_weights(bundle.read(WEIGHTS), network)
    run = _Run(network, head_of(card.architecture), count)
    before = run.outputs(squares)
    diagnoses = before.logits.argmax(axis=1)
    trained = _heats(before, diagnoses)
    yield _step("none", before, trained, trained, diagnoses, size)
    for group, names in _groups(network):
        for name in names:
            network.get_layer(name).set_weights(untrained.get_layer(name).get_weights())
        after = run.outputs(squares)
        yield _step(group, after, _heats(after, diagnoses), trained, diagnoses, size)


class _Run:
    def __init__(self, network: "keras.Model", head: tuple[int, ...], diagnoses: int) -> None:
        self._network, self._head, self._diagnoses = network, head, diagnoses
        self._explaining = build_explaining_network(network)

    def outputs(self, squares: NDArray[np.uint8]) -> RawOutput:
        found = self._explaining.predict(squares, batch_size=_BATCH, verbose=0)
        raw = RawOutput(*(np.asarray(found[name], np.float32) for name in output_names(self._head)))
        if not self._head:
            return raw
        arrays = {name: np.asarray(v) for name, v in named_variables(self._network).items()}
        return DenseHead.read(arrays, self._head, self._diagnoses).explained(raw)


def _groups(network: "keras.Model") -> list[tuple[str, list[str]]]:
    """Return the layers that have weights, by blocks, from the top down."""
    groups: dict[str, list[str]] = {}
    for layer in reversed(network.layers):
        match = _GROUP.match(layer.name)
        if layer.weights and match is not None:
            groups.setdefault(match[0], []).append(layer.name)
    return list(groups.items())


def _heats(raw: RawOutput, diagnoses: NDArray[np.intp]) -> Heats:
    both = zip(raw.activation_maps, diagnoses, strict=True)
    return np.stack([heat_of(np.nan_to_num(maps), int(diagnosis)) for maps, diagnosis in both])


def _step(
    layers: str,
    raw: RawOutput,
    heats: Heats,
    trained: Heats,
    diagnoses: NDArray[np.intp],
    size: int,
) -> Step:
    pairs = list(zip(heats, trained, strict=True))
    return Step(
        layers,
        np.array([_rank_correlation(*pair) for pair in pairs]),
        _similarities(heats, trained, size),
        raw.logits.argmax(axis=1) == diagnoses,
    )


def _rank_correlation(one: Heats, other: Heats) -> float:
    from scipy.stats import spearmanr

    if one.min() == one.max() or other.min() == other.max():
        return 0.0
    return float(spearmanr(one, other, axis=None).statistic)


def _similarities(heats: Heats, trained: Heats, size: int) -> NDArray[np.float64]:
    import tensorflow as tf

    def large(maps: Heats) -> Any:
        return np.stack([enlarge(heat, size, size) for heat in maps])[..., None]

    return np.asarray(tf.image.ssim(large(heats), large(trained), max_val=1.0), np.float64)
