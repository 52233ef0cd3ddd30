"""Mean and covariance of what each convolution of a graph multiplies its kernel with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.engine.openvino_classifier import open_core

PLACES = 64
"""Places of a map, at most, that one image adds."""
_ROWS = 1024


@dataclass
class Moments:
    """First and second moments of patches, summed up in bundles of rows.

    Args:
        width: Numbers in a patch: places of the kernel times channels.
    """

    width: int
    _rows: list[NDArray[np.float32]] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        self._sum = np.zeros(self.width)
        self._squares = np.zeros((self.width, self.width), np.float32)

    def add(self, patches: NDArray[np.float32]) -> None:
        """Take in patches, (n, width)."""
        self._rows.append(patches)
        if sum(map(len, self._rows)) >= _ROWS:
            self._flush()

    def mean_and_covariance(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return both, over all patches, (width,) and (width, width)."""
        self._flush()
        mean = self._sum / self._count
        return mean, self._squares / self._count - np.outer(mean, mean)

    def _flush(self) -> None:
        if self._rows:
            rows = np.concatenate(self._rows)
            self._rows.clear()
            self._count += len(rows)
            self._sum += rows.sum(0, dtype=np.float64)
            self._squares += rows.T @ rows


def input_moments(
    graph: Any, squares: Sequence[NDArray[np.uint8]], *, seed: int = 0
) -> Iterator[tuple[str, Moments]]:
    """Yield the moments of each convolution's inputs, by its name, from the first one on.

    Args:
        graph: In float, uint8 (n, s, s, 3) → anything.
        squares: Over which images.
        seed: Of the places that are looked at.
    """
    import openvino

    graph = graph.clone()
    convolutions = [n for n in graph.get_ordered_ops() if n.get_type_name() == "Convolution"]
    taps = list({_key(node): node.input_value(0) for node in convolutions}.items())
    places = {key: number for number, (key, _) in enumerate(taps)}
    tapped = openvino.Model([tap for _, tap in taps], graph.get_parameters(), "taps")
    tapped.reshape([1, *squares[0].shape])
    request = (
        open_core()
        .compile_model(tapped, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        .create_infer_request()
    )
    rng = np.random.default_rng(seed)
    moments = {
        node.get_friendly_name(): Moments(int(np.prod(node.input(1).get_shape()[1:])))
        for node in convolutions
    }
    for square in squares:
        request.infer([square[None]])
        for node in convolutions:
            maps = request.get_output_tensor(places[_key(node)]).data[0]
            moments[node.get_friendly_name()].add(_patches(maps, node, rng))
    while moments:
        name = next(iter(moments))
        yield name, moments.pop(name)


def _key(node: Any) -> tuple[str, int]:
    source = node.input_value(0)
    return source.get_node().get_friendly_name(), source.get_index()


def _patches(maps: NDArray[np.float32], node: Any, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return patches (n, places · channels) of maps (channels, h, w), at random places."""
    settings = node.get_attributes()
    kernel = node.input(1).get_shape()[2:]
    edges = list(zip(settings["pads_begin"], settings["pads_end"], strict=True))
    padded = np.pad(maps, ((0, 0), *edges))
    shape = node.output(0).get_partial_shape()
    height, width = shape[2].get_length(), shape[3].get_length()
    chosen = rng.permutation(height * width)[:PLACES]
    rows, columns = (
        (start * stride)[:, None] + np.arange(size) * dilation
        for start, stride, size, dilation in zip(
            (chosen // width, chosen % width),
            settings["strides"],
            kernel,
            settings["dilations"],
            strict=True,
        )
    )
    found = padded[:, rows[:, :, None], columns[:, None, :]]
    return np.ascontiguousarray(found.transpose(1, 2, 3, 0)).reshape(len(chosen), -1)
