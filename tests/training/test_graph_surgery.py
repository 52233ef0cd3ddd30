"""What is done to a graph around its quantisation, on small graphs and real pictures."""

from pathlib import Path

import numpy as np
import pytest

from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.networks import build_network
from lesionviewer.engine.openvino_classifier import open_core
from training.graphs import float_graph, int8_graph
from training.moments import PLACES, input_moments
from training.pixels import read_pixels
from training.rounding import PAIR_SUM, pair_sums
from training.starting import initialise
from training.surgery import take_pixels


@pytest.fixture(scope="module")
def squares(samples: list[Path]) -> list[np.ndarray]:
    return [cut_square(read_pixels(path)[0], size=64) for path in samples]


def small_network():
    model = build_network({"backbone": "plain_cnn"}, diagnoses=3, input_px=64)
    initialise(model, {}, seed=0)
    return model


@pytest.fixture(scope="module")
def graph():
    return float_graph(small_network())


def outputs(graph, squares: list[np.ndarray], name: str) -> np.ndarray:
    compiled = open_core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.asarray(compiled(np.stack(squares))[name])


def test_pixels_that_enter_unchanged_give_the_same(graph, squares: list[np.ndarray]):
    direct = graph.clone()
    assert take_pixels(direct)
    before, after = (outputs(g, squares, "activation_maps") for g in (graph, direct))
    # What pads the first maps is a grey of 128, where 127.5 would become zero.
    np.testing.assert_allclose(after, before, atol=0.02 * np.abs(before).max())


def test_a_graph_that_does_not_begin_with_a_convolution_is_left_alone(squares: list[np.ndarray]):
    import openvino
    from openvino import opset13 as ops

    image = ops.parameter([1, 64, 64, 3], np.uint8)
    doubled = ops.multiply(ops.convert(image, "f32"), np.float32(2))
    plain = openvino.Model([ops.relu(doubled)], [image], "plain")
    before = plain.get_ordered_ops()
    assert not take_pixels(plain)
    assert plain.get_ordered_ops() == before


def test_moments_predict_the_mean_and_the_variance_of_a_convolution(squares: list[np.ndarray]):
    import openvino
    from openvino import opset13 as ops

    kernel = np.random.default_rng(0).normal(0, 1, (4, 3, 3, 3)).astype(np.float32)
    image = ops.parameter([-1, 16, 16, 3], np.uint8)
    pixels = ops.convert(ops.transpose(image, np.array([0, 3, 1, 2])), "f32")
    convolution = ops.convolution(pixels, ops.constant(kernel), [2, 2], [1, 1], [1, 1], [1, 1])
    convolution.set_friendly_name("first")
    small = openvino.Model([convolution], [image], "small")
    small.outputs[0].get_tensor().set_names({"maps"})
    corners = [square[:16, :16] for square in squares]
    maps = outputs(small, corners, "maps")
    assert maps[0, 0].size == PLACES
    ((name, moments),) = input_moments(small, corners)
    assert name == "first"
    mean, covariance = moments.mean_and_covariance()
    flat = kernel.transpose(0, 2, 3, 1).reshape(4, -1)
    np.testing.assert_allclose(flat @ mean, maps.mean(axis=(0, 2, 3)), rtol=1e-4, atol=1e-3)
    spread = np.einsum("nj,jk,nk->n", flat, covariance, flat)
    np.testing.assert_allclose(spread, maps.var(axis=(0, 2, 3)), rtol=1e-3)


def test_every_convolution_of_an_int8_graph_has_safe_weights_and_pixels_come_as_they_are(
    graph, squares: list[np.ndarray]
):
    quantised = int8_graph(graph, squares)
    found = [n for n in quantised.get_ordered_ops() if n.get_type_name() == "Convolution"]
    assert found
    for node in found:
        convert = node.input_value(1).get_node().input_value(0).get_node()
        numbers = convert.input_value(0).get_node().get_data()
        assert numbers.dtype == np.int8
        flat = numbers.transpose(0, 2, 3, 1).reshape(len(numbers), -1, numbers.shape[1])
        assert pair_sums(flat).max() <= PAIR_SUM
    pixels = found[0].input_value(0).get_node()
    assert (pixels.get_type_name(), pixels.get_levels()) == ("FakeQuantize", 256)
    bounds = [source.get_node().get_data().item() for source in pixels.input_values()[1:]]
    assert bounds == [0, 255, 0, 255]


def test_an_int8_graph_is_made_the_same_twice(graph, squares: list[np.ndarray]):
    twice = [int8_graph(graph, squares[:6]) for _ in range(2)]
    np.testing.assert_array_equal(*(outputs(g, squares, "logits") for g in twice))
