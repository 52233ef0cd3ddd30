"""The backbones that a classifier can stand on, and the facts that differ between them.

Everything on a backbone is in one table. Keras is imported when a network is built.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Build = Callable[[Any], Any]
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)
_NUMBERED = re.compile(
    r"(activation|average_pooling2d|batch_normalization|concatenate|conv2d|max_pooling2d"
    r"|normalization|rescaling)(?:_(\d+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """One backbone.

    Attributes:
        prepare: From RGB pixels as float (n, s, s, 3), 0 to 255, to what its first layer wants.
        layers: From there to the last feature map. The layers have the same names in every network.
        cuts: The layers up to which it is frozen in the first and in the second stage of training.
        input_px: Edge of the input that its makers chose.
        least_px: The smallest edge it takes; it takes every larger one.
        imagenet_file: Name of the weights that keras.applications publishes; empty if none.
    """

    prepare: Build
    layers: Build
    cuts: tuple[str, str]
    input_px: int = 224
    least_px: int = 32
    imagenet_file: str = ""

    def features(self, pixels: Any) -> Any:
        """Return the last feature map of RGB pixels as float, 0 to 255."""
        return self.layers(self.prepare(pixels))


def ranked_names(names: Iterable[str]) -> dict[str, str]:
    """Return names that do not depend on what Keras numbered before, by the given ones.

    Keras numbers a layer without a name over the whole process: the first `conv2d` of a network may
    be `conv2d_95`. Here it is `conv2d_1` always. Chosen names stay.
    """
    found = {name: name for name in names}
    kinds: dict[str, list[tuple[int, str]]] = {}
    for name in found:
        if match := _NUMBERED.fullmatch(name):
            kinds.setdefault(match[1], []).append((int(match[2] or 0), name))
    for kind, numbered in kinds.items():
        for rank, (_, name) in enumerate(sorted(numbered), start=1):
            found[name] = f"{kind}_{rank}"
    return found


def _blue_first(pixels: Any) -> Any:
    """Prepare pixels as Caffe's networks want them: BGR, less the mean of ImageNet."""
    import keras

    return keras.ops.take(pixels, [2, 1, 0], axis=-1) - np.array(IMAGENET_MEAN_BGR, np.float32)


def _around_zero(pixels: Any) -> Any:
    """Prepare pixels as TensorFlow's networks want them: -1 to 1."""
    return pixels / 127.5 - 1.0


def _as_it_is(pixels: Any) -> Any:
    """Leave pixels to a backbone that has its preprocessing in itself."""
    return pixels


def _application(name: str) -> Build:
    """Return what builds a network of keras.applications."""

    def build(prepared: Any) -> Any:
        import keras

        model = getattr(keras.applications, name)(
            include_top=False, weights=None, input_tensor=prepared
        )
        names = ranked_names(layer.name for layer in model.layers)
        for layer in model.layers:
            layer.name = names[layer.name]
        return model.output

    return build


def _five_layers(x: Any) -> Any:
    """Build the plain network of the tutorials: five convolutions, halved after all but the last.

    With a batch norm after each convolution, without which it hardly learns.
    """
    import keras

    for block, filters in enumerate((32, 64, 128, 128, 256), start=1):
        name = f"block{block}"
        if block > 1:
            x = keras.layers.MaxPooling2D(2, name=f"{name}_pool")(x)
        convolution = keras.layers.Conv2D(
            filters, 3, padding="same", use_bias=False, name=f"{name}_conv"
        )
        x = convolution(x)
        x = keras.layers.BatchNormalization(name=f"{name}_bn")(x)
        x = keras.layers.Activation("relu", name=f"{name}_out")(x)
    return x


def _three_small_layers(x: Any) -> Any:
    import keras

    for block, filters in enumerate((8, 16, 16), start=1):
        name = f"block{block}"
        x = keras.layers.Conv2D(filters, 3, strides=2, padding="same", name=f"{name}_conv")(x)
        x = keras.layers.BatchNormalization(name=f"{name}_bn")(x)
        x = keras.layers.Activation("relu", name=f"{name}_out")(x)
    return x


_KERNELS = "weights_tf_dim_ordering_tf_kernels"

BACKBONES: Mapping[str, Backbone] = {
    "resnet50": Backbone(
        prepare=_blue_first,
        layers=_application("ResNet50"),
        cuts=("conv4_block6_out", "conv4_block3_out"),
        imagenet_file=f"resnet50_{_KERNELS}_notop.h5",
    ),
    "resnet50v2": Backbone(
        prepare=_around_zero,
        layers=_application("ResNet50V2"),
        cuts=("conv4_block6_out", "conv4_block3_out"),
        imagenet_file=f"resnet50v2_{_KERNELS}_notop.h5",
    ),
    "resnet152": Backbone(
        prepare=_blue_first,
        layers=_application("ResNet152"),
        cuts=("conv4_block36_out", "conv4_block30_out"),
        imagenet_file=f"resnet152_{_KERNELS}_notop.h5",
    ),
    "vgg16": Backbone(
        prepare=_blue_first,
        layers=_application("VGG16"),
        cuts=("block4_pool", "block3_pool"),
        imagenet_file=f"vgg16_{_KERNELS}_notop.h5",
    ),
    "inceptionv3": Backbone(
        prepare=_around_zero,
        layers=_application("InceptionV3"),
        cuts=("mixed7", "mixed5"),
        input_px=299,
        least_px=75,
        imagenet_file=f"inception_v3_{_KERNELS}_notop.h5",
    ),
    "mobilenet": Backbone(
        prepare=_around_zero,
        layers=_application("MobileNet"),
        cuts=("conv_pw_11_relu", "conv_pw_7_relu"),
        imagenet_file="mobilenet_1_0_224_tf_no_top.h5",
    ),
    "mobilenetv2": Backbone(
        prepare=_around_zero,
        layers=_application("MobileNetV2"),
        cuts=("block_12_add", "block_9_add"),
        imagenet_file=f"mobilenet_v2_{_KERNELS}_1.0_224_no_top.h5",
    ),
    "efficientnetv2b0": Backbone(
        prepare=_as_it_is,
        layers=_application("EfficientNetV2B0"),
        cuts=("block5e_add", "block4c_add"),
        imagenet_file="efficientnetv2-b0_notop.h5",
    ),
    "plain_cnn": Backbone(
        prepare=_around_zero, layers=_five_layers, cuts=("block4_out", "block3_out")
    ),
    "tiny_cnn": Backbone(
        prepare=_around_zero, layers=_three_small_layers, cuts=("block2_out", "block1_out")
    ),
}
"""By the name in a card. `tiny_cnn` is for tests."""
