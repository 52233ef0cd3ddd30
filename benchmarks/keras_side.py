"""The other side: what tutorials do with Keras and tf-keras-vis, in a process of its own.

`python -m benchmarks.keras_side BUNDLE` reads JSON lines and answers each with one.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from lesionviewer.core.bundle import ModelBundle, open_bundle

LAST_MAP = "conv5_block3_out"


class KerasSide:
    """The parent's end of that process."""

    def __init__(self, bundle: Path) -> None:
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.keras_side", str(bundle)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def ask(self, do: str, paths: list[Path]) -> float:
        """Return the seconds that `do` took on the pictures `paths`."""
        self._process.stdin.write(json.dumps({"do": do, "paths": list(map(str, paths))}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return float(answer["seconds"])


def float_twin(bundle: ModelBundle) -> Any:
    """Return the bundle's network with float pixels as its input.

    tf-keras-vis watches the input of the network, and a gradient tape watches no integers.
    """
    import keras

    from lesionviewer.engine.networks import BACKBONES, EMBEDDING, LOGITS, read_weights

    card = bundle.card
    image = keras.Input((card.input_px, card.input_px, 3), name="image")
    features = BACKBONES[card.architecture["backbone"]](image)
    pooled = keras.layers.GlobalAveragePooling2D(name=EMBEDDING)(features)
    twin = keras.Model(image, keras.layers.Dense(len(card.codes), name=LOGITS)(pooled))
    read_weights(bundle.read("weights.safetensors"), twin)
    return twin


def one_by_one(model: Any, paths: list[str]) -> None:
    """Classify as tutorials do: load, predict, next."""
    import keras

    for path in paths:
        pixels = keras.utils.img_to_array(keras.utils.load_img(path, target_size=(224, 224)))
        model.predict(pixels[None], verbose=0)


def grad_cam(model: Any, paths: list[str]) -> None:
    """Explain the most probable diagnosis with tf-keras-vis, the model being warm."""
    import keras
    import numpy as np
    from tf_keras_vis.gradcam import Gradcam

    explain = Gradcam(model, clone=False)
    for path in paths:
        pixels = keras.utils.img_to_array(keras.utils.load_img(path, target_size=(224, 224)))
        top = int(np.argmax(model.predict(pixels[None], verbose=0)))
        explain(
            lambda logits, top=top: logits[:, top],
            pixels[None],
            penultimate_layer=LAST_MAP,
            seek_penultimate_conv_layer=False,
        )


def main() -> None:
    """Answer until the end of input."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    model = float_twin(open_bundle(Path(sys.argv[1])))
    work = {"one by one": one_by_one, "grad-cam": grad_cam}
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        work[request["do"]](model, request["paths"])
        print(json.dumps({"seconds": time.perf_counter() - start}), file=answers, flush=True)


if __name__ == "__main__":
    main()
