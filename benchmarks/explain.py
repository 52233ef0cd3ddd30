"""One explained image: this program against tf-keras-vis, from the file and on ready pixels."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.keras_side import KerasSide
from benchmarks.pictures import squares
from benchmarks.timing import Comparison, alternate, divided, seconds
from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.heat import enlarge, heat_of
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier

IMAGES = 2
TURNS_A_ROUND = 4
GOAL = "≥ 40 ×"


def per_image(work: Callable[[], object]) -> float:
    """Return the milliseconds that `work` takes for each of its images."""
    return 1000 * seconds(work) / IMAGES


def explain_figures(
    bundle: ModelBundle, paths: list[Path], keras: KerasSide, rounds: int, scratch: Path
) -> list[Comparison]:
    """Compare one explained image with tf-keras-vis, twice.

    A side explains the first image once more, unmeasured, at the start of each of its turns: the
    other side has just had all caches.
    """
    few, px = paths[:IMAGES], bundle.card.input_px
    classifier = OpenVinoClassifier(bundle)

    def explain(image: NDArray[np.uint8], diagnosis: int | None = None) -> int:
        raw = classifier.predict(image[None])
        chosen = int(raw.logits[0].argmax()) if diagnosis is None else diagnosis
        enlarge(heat_of(raw.activation_maps[0], chosen), px, px)
        return chosen

    with DecodePool(1) as pool:
        ready = squares(pool, few, px)
        diagnoses = [explain(image) for image in ready]
        arrays = scratch / "ready.npy"
        np.save(arrays, ready)

        def from_file() -> float:
            explain(squares(pool, few[:1], px)[0])
            return per_image(lambda: [explain(squares(pool, [path], px)[0]) for path in few])

        def on_pixels() -> float:
            explain(ready[0], diagnoses[0])
            return per_image(lambda: [explain(*one) for one in zip(ready, diagnoses, strict=True)])

        def keras_from_file() -> float:
            return 1000 * keras.ask("explain files", few) / IMAGES

        def keras_on_pixels() -> float:
            return 1000 * keras.ask("explain pixels", [arrays], diagnoses) / IMAGES

        keras_from_file(), keras_on_pixels()
        turns = rounds * TURNS_A_ROUND
        files = alternate(turns, from_file, keras_from_file)
        pixels = alternate(turns, on_pixels, keras_on_pixels)
    classifier.close()
    return [
        Comparison(
            "One explained image from its file: decode, cut, predict, heat of the most probable "
            "diagnosis",
            "`load_img`, `model.predict`, tf-keras-vis `Gradcam` of the most probable diagnosis",
            GOAL,
            "ms",
            *files,
            divided(*files[::-1]),
        ),
        Comparison(
            "One explained image on ready pixels: predict, heat of a given diagnosis",
            "tf-keras-vis `Gradcam` of that diagnosis on the same pixels, without `model.predict`",
            GOAL,
            "ms",
            *pixels,
            divided(*pixels[::-1]),
        ),
    ]
