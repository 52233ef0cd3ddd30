"""The other side: what tutorials do with Keras and tf-keras-vis, in a process of its own.

`python -m benchmarks.keras_side BUNDLE` reads JSON lines and answers each with one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from benchmarks.timing import seconds
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

    def ask(self, do: str, paths: list[Path], diagnoses: Sequence[int] = ()) -> float:
        """Return the seconds that `do` took on the pictures `paths`."""
        request = {"do": do, "paths": list(map(str, paths)), "diagnoses": list(diagnoses)}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return float(answer["seconds"])


def float_twin(bundle: ModelBundle) -> Any:
    """Return the bundle's network with float pixels as its input.

    tf-keras-vis watches the input of the network, and a gradient tape watches no integers.
    """
    from lesionviewer.engine.networks import build_network, read_weights

    card = bundle.card
    twin = build_network(
        card.architecture,
        diagnoses=len(card.codes),
        input_px=card.input_px,
        pixels="float32",
    )
    read_weights(bundle.read("weights.safetensors"), twin)
    return twin


class TutorialSide:
    """What tutorials do, the model being warm."""

    def __init__(self, model: Any) -> None:
        from tf_keras_vis.gradcam import Gradcam

        self._model = model
        self._explain = Gradcam(model, clone=False)

    def one_by_one(self, paths: list[str]) -> float:
        """Classify: load, predict, next. Returns the seconds."""
        return seconds(lambda: [self._predicted(_loaded(path)) for path in paths])

    def explain_files(self, paths: list[str]) -> float:
        """Explain the most probable diagnosis of files. Returns the seconds."""

        def explain(path: str) -> None:
            pixels = _loaded(path)
            self._grad_cam(pixels, self._predicted(pixels))

        explain(paths[0])
        return seconds(lambda: [explain(path) for path in paths])

    def explain_pixels(self, paths: list[str], diagnoses: list[int]) -> float:
        """Explain given diagnoses of the arrays in one file. Returns the seconds."""
        import numpy as np

        images = np.load(paths[0]).astype(np.float32)
        both = [(image[None], chosen) for image, chosen in zip(images, diagnoses, strict=True)]
        self._grad_cam(*both[0])
        return seconds(lambda: [self._grad_cam(*one) for one in both])

    def _predicted(self, pixels: Any) -> int:
        return int(self._model.predict(pixels, verbose=0).argmax())

    def _grad_cam(self, pixels: Any, diagnosis: int) -> None:
        self._explain(
            lambda logits: logits[:, diagnosis],
            pixels,
            penultimate_layer=LAST_MAP,
            seek_penultimate_conv_layer=False,
        )


def _loaded(path: str) -> Any:
    import keras

    picture = keras.utils.load_img(path, target_size=(224, 224))
    return keras.utils.img_to_array(picture)[None]


def main() -> None:
    """Answer until the end of input."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    side = TutorialSide(float_twin(open_bundle(Path(sys.argv[1]))))
    for line in sys.stdin:
        request = json.loads(line)
        work = {
            "one by one": lambda r: side.one_by_one(r["paths"]),
            "explain files": lambda r: side.explain_files(r["paths"]),
            "explain pixels": lambda r: side.explain_pixels(r["paths"], r["diagnoses"]),
        }[request["do"]]
        print(json.dumps({"seconds": work(request)}), file=answers, flush=True)


if __name__ == "__main__":
    main()
