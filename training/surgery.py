"""Changes to a graph around its quantisation: how pixels enter, and which weights it keeps."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.moments import Moments
from training.rounding import rounded

Floats = NDArray[np.float64]


def take_pixels(graph: Any) -> bool:
    """Move the preprocessing of `graph` into its first convolution, in place, if it can be.

    The convolution then takes the pixels as they are, in 8 bits, and nothing is lost on the way:
    scale and shift join its kernel and bias. Where it pads with zeros, the pixels are framed with
    the colour that becomes zero, rounded to a whole number.

    Returns:
        Whether the graph was of that kind: pixels, scales and shifts, a convolution.
    """
    from openvino import opset13 as ops

    image = graph.get_parameters()[0]
    convolution, scale, shift = _preprocessing(image)
    colour = np.rint(-shift / scale)
    if convolution is None or not ((colour >= 0) & (colour <= 255)).all():
        return False
    settings = convolution.get_attributes()
    framed = image.output(0)
    edges = zip(settings["pads_begin"], settings["pads_end"], strict=True)
    for axis, widths in enumerate(edges, start=1):
        framed = _framed(framed, axis, widths, colour.astype(np.uint8))
    kernel = convolution.input_value(1).get_node().get_data().astype(np.float64)
    fresh = ops.convolution(
        ops.convert(ops.transpose(framed, np.array([0, 3, 1, 2])), "f32"),
        ops.constant((kernel * scale.reshape(1, -1, 1, 1)).astype(np.float32)),
        settings["strides"],
        [0, 0],
        [0, 0],
        settings["dilations"],
    )
    fresh.set_friendly_name(convolution.get_friendly_name())
    convolution.output(0).replace(fresh.output(0))
    _add_to_bias(fresh, np.einsum("nchw,c->n", kernel, shift))
    graph.validate_nodes_and_infer_types()
    return True


def keep_pixels(graph: Any) -> None:
    """Let a quantised graph take the whole range of pixels, in steps of 1, in place."""
    from openvino import Type
    from openvino import opset13 as ops

    for node in graph.get_ordered_ops():
        if node.get_type_name() != "FakeQuantize":
            continue
        source = node.input_value(0).get_node()
        if source.get_type_name() == "Convert" and source.get_input_element_type(0) == Type.u8:
            for number, bound in enumerate((0, 255, 0, 255), start=1):
                fixed = ops.constant(np.float32(bound))
                node.input(number).replace_source_output(fixed.output(0))


def round_convolution(graph: Any, quantised: Any, name: str, moments: Moments) -> None:
    """Round a convolution's kernel anew, in place, if NNCF quantised it.

    What the rounding adds to the mean of an output is taken off its bias.

    Args:
        graph: In float.
        quantised: What NNCF made of it.
        name: The convolution's, in both graphs.
        moments: Of the convolution's inputs.
    """
    from openvino import opset13 as ops

    target = _find(quantised, name)
    if target.input_value(1).get_node().get_type_name() != "Multiply":
        return
    kernel = _find(graph, name).input_value(1).get_node().get_data().astype(np.float64)
    count, channels, height, width = kernel.shape
    flat = kernel.transpose(0, 2, 3, 1).reshape(count, height * width, channels)
    mean, covariance = moments.mean_and_covariance()
    numbers, steps = rounded(flat, covariance)
    lost = flat - numbers * steps[:, None, None]
    stored = numbers.reshape(count, height, width, channels).transpose(0, 3, 1, 2)
    weights = ops.multiply(
        ops.convert(ops.constant(np.ascontiguousarray(stored)), "f32"),
        ops.constant(steps.reshape(-1, 1, 1, 1).astype(np.float32)),
    )
    target.input(1).replace_source_output(weights.output(0))
    _add_to_bias(target, lost.reshape(count, -1) @ mean)


def _find(graph: Any, name: str) -> Any:
    return next(node for node in graph.get_ops() if node.get_friendly_name() == name)


def _preprocessing(image: Any) -> tuple[Any, Floats, Floats]:
    """Follow pixels to the first convolution.

    Returns:
        The convolution, None if something else lies on the way; and the scale and then the shift
        of each channel on the way.
    """
    scale, shift, node = np.ones(3), np.zeros(3), image
    while len(readers := list(node.output(0).get_target_inputs())) == 1:
        node = readers[0].get_node()
        kind = node.get_type_name()
        if kind == "Convolution":
            known = node.input_value(1).get_node().get_type_name() == "Constant"
            return (node if known else None), scale, shift
        if kind in ("Convert", "Transpose"):
            continue
        constant = node.input_value(1).get_node() if kind in ("Add", "Multiply") else None
        if constant is None or constant.get_type_name() != "Constant":
            break
        values = constant.get_data().astype(np.float64).reshape(-1)
        if values.size not in (1, 3):
            break
        scale, shift = (
            (scale, shift + values) if kind == "Add" else (scale * values, shift * values)
        )
    return None, scale, shift


def _framed(image: Any, axis: int, widths: tuple[int, int], colour: NDArray[np.uint8]) -> Any:
    """Return pixels (n, h, w, 3) with edges of a colour along an axis."""
    from openvino import opset13 as ops

    if not any(widths):
        return image
    shape = ops.shape_of(image)
    before, after = (
        ops.broadcast(
            ops.constant(colour), ops.scatter_update(shape, [axis], np.array([width]), np.int64(0))
        )
        for width in widths
    )
    return ops.concat([before, image, after], axis).output(0)


def _add_to_bias(convolution: Any, values: Floats) -> None:
    """Add `values`, (channels,), to what follows a convolution, in place."""
    from openvino import opset13 as ops

    readers = list(convolution.output(0).get_target_inputs())
    added = values.reshape(1, -1, 1, 1)
    reader = readers[0].get_node()
    if len(readers) == 1 and reader.get_type_name() == "Add":
        bias = reader.input_value(1).get_node()
        if bias.get_type_name() == "Constant":
            total = ops.constant((bias.get_data() + added).astype(np.float32))
            reader.input(1).replace_source_output(total.output(0))
            return
    shifted = ops.add(convolution, ops.constant(added.astype(np.float32)))
    for each in readers:
        each.replace_source_output(shifted.output(0))
