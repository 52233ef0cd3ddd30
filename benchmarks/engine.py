"""Folders, maps and single images: the engine against the ways around it."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.keras_side import KerasSide
from benchmarks.pictures import images_of
from benchmarks.timing import Comparison, alternate, divided, seconds
from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.decode_pool import DecodePool, DecodeRequest
from lesionviewer.core.files import find_images
from lesionviewer.core.heat import enlarge, heat_of
from lesionviewer.engine.openvino_classifier import (
    GRAPH,
    WEIGHTS,
    OpenVinoClassifier,
    open_core,
)
from lesionviewer.engine.pipeline import classify_files

TUTORIAL_IMAGES = 12
EXPLAINED_IMAGES = 2
MAPPED_IMAGES = 8


def squares(pool: DecodePool, paths: list[Path], input_px: int) -> NDArray[np.uint8]:
    """Return what the network sees of each file."""
    asked = [pool.submit(DecodeRequest(path=path, input_px=input_px)) for path in paths]
    return np.stack([future.result().model_input for future in asked])


def folder_figures(
    bundle: ModelBundle, folder: Path, keras: KerasSide, rounds: int, name: str
) -> list[Comparison]:
    """Compare a folder to probabilities and maps with one by one, and with the engine alone."""
    paths = images_of(folder)
    few = paths[:TUTORIAL_IMAGES]
    classifier = OpenVinoClassifier(bundle)
    with DecodePool() as pool:
        ready = squares(pool, paths, bundle.card.input_px)

        def whole() -> float:
            outcomes = classify_files(find_images([folder]), pool, classifier)
            return len(paths) / seconds(lambda: sum(1 for _ in outcomes))

        def alone() -> float:
            size = classifier.batch_size
            starts = range(0, len(ready), size)
            return len(ready) / seconds(
                lambda: [classifier.predict(ready[at : at + size]) for at in starts]
            )

        def tutorial() -> float:
            return len(few) / keras.ask("one by one", few)

        tutorial(), whole(), alone()
        ours, theirs = alternate(rounds, whole, tutorial)
        again, engine = alternate(rounds, whole, alone)
    classifier.close()
    what = f"Folder of {len(paths)} JPEGs ({name}) to probabilities and all maps"
    return [
        Comparison(
            what,
            f"`load_img` + `model.predict`, one by one ({len(few)} of them a round)",
            "≥ 10 ×",
            "images/s",
            ours,
            theirs,
            divided(ours, theirs),
        ),
        Comparison(
            what,
            "the engine alone on ready tensors",
            "≥ 0.75",
            "images/s",
            again,
            engine,
            divided(again, engine),
        ),
    ]


def maps_figure(bundle: ModelBundle, paths: list[Path], rounds: int) -> Comparison:
    """Compare the whole graph with one that gives probabilities only."""
    import openvino

    core, px = open_core(), bundle.card.input_px
    graph = core.read_model(model=bundle.read(GRAPH), weights=bundle.read(WEIGHTS))
    settings = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": "f32"}
    requests = []
    for outputs in ([graph.output("logits")], list(graph.outputs)):
        part = openvino.Model(outputs, graph.get_parameters(), "part")
        part.reshape([1, px, px, 3])
        requests.append(core.compile_model(part, "CPU", settings).create_infer_request())
    with DecodePool() as pool:
        images = squares(pool, paths[:MAPPED_IMAGES], px)

    def run(request: Any) -> float:
        return 1000 * seconds(lambda: [request.infer([image[None]]) for image in images])

    for request in requests * 3:
        run(request)
    logits_only, whole = requests
    ours, theirs = alternate(rounds * 10, lambda: run(whole), lambda: run(logits_only))
    return Comparison(
        f"Probabilities and the maps of all diagnoses, {len(images)} images on one thread",
        "probabilities alone, the same graph without the other outputs",
        "≤ 1.05 × the time",
        "ms",
        ours,
        theirs,
        divided(ours, theirs),
    )


def explain_figure(
    bundle: ModelBundle, paths: list[Path], keras: KerasSide, rounds: int
) -> Comparison:
    """Compare one explained image with tf-keras-vis."""
    few = paths[:EXPLAINED_IMAGES]
    classifier = OpenVinoClassifier(bundle)
    px = bundle.card.input_px
    with DecodePool(1) as pool:

        def explain(path: Path) -> None:
            raw = classifier.predict(squares(pool, [path], px))
            enlarge(heat_of(raw.activation_maps[0], int(raw.logits[0].argmax())), px, px)

        def ours() -> float:
            return 1000 * seconds(lambda: [explain(path) for path in few]) / len(few)

        def theirs() -> float:
            return 1000 * keras.ask("grad-cam", few) / len(few)

        ours(), theirs()
        mine, other = alternate(rounds, ours, theirs)
    classifier.close()
    return Comparison(
        "One image from file to probabilities and heat",
        "tf-keras-vis `Gradcam` of the same diagnosis",
        "≥ 40 ×",
        "ms",
        mine,
        other,
        divided(other, mine),
    )
