"""Folders and maps: the engine against the ways around it."""

from pathlib import Path
from typing import Any

from benchmarks.keras_side import KerasSide
from benchmarks.pictures import images_of, squares
from benchmarks.timing import Comparison, alternate, divided, seconds
from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.files import find_images
from lesionviewer.engine.openvino_classifier import (
    GRAPH,
    WEIGHTS,
    OpenVinoClassifier,
    open_core,
)
from lesionviewer.engine.pipeline import classify_files

TUTORIAL_IMAGES = 12
MAPPED_IMAGES = 8


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
