"""A model bundle small enough for tests: real OpenVINO graph, real digests, no TensorFlow.

Its activation maps follow brightness: a bright spot on a dark picture is Melanoma, and the heat
lies where the spot is. A dark picture is a Naevus.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lesionviewer.core.bundle import CARD
from lesionviewer.core.card import FileDigest, ModelCard
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES, Diagnosis
from lesionviewer.engine.openvino_classifier import GRAPH, open_core

CELLS = 7


def tiny_card(
    *, diagnoses: Sequence[Diagnosis] = HAM10000_DIAGNOSES, input_px: int = 224
) -> ModelCard:
    """Return a card that names no files yet."""
    return ModelCard(
        id="tiny",
        created="2026-01-01T00:00:00Z",
        architecture={"backbone": "brightness"},
        diagnoses=tuple(diagnoses),
        input_px=input_px,
        temperature=1.5,
        licence="CC0-1.0",
        intended_use="For tests.",
    )


def make_tiny_bundle(
    folder: Path,
    *,
    diagnoses: Sequence[Diagnosis] = HAM10000_DIAGNOSES,
    input_px: int = 224,
) -> Path:
    """Write a bundle to `folder` and return it."""
    folder.mkdir(parents=True)
    open_core()
    import openvino

    graph = _brightness_graph([d.code for d in diagnoses], input_px)
    openvino.save_model(graph, folder / GRAPH, compress_to_fp16=False)
    seal(folder, tiny_card(diagnoses=diagnoses, input_px=input_px))
    return folder


def make_keras_bundle(folder: Path, *, head: Sequence[int] = ()) -> Path:
    """Write a bundle of float weights only, of the network `tiny_cnn`, and return it.

    The layers of a deep `head` have no bias but the last.
    """
    from safetensors.numpy import save_file

    card = replace(
        tiny_card(input_px=64), architecture={"backbone": "tiny_cnn", "head": list(head)}
    )
    dice = np.random.default_rng(5)
    weights: dict[str, np.ndarray] = {}
    channels = 3
    for block, filters in enumerate((8, 16, 16), start=1):
        name = f"block{block}"
        weights[f"{name}_conv/kernel"] = dice.normal(0, 0.3, (3, 3, channels, filters))
        weights[f"{name}_conv/bias"] = dice.normal(0, 0.1, filters)
        weights[f"{name}_bn/gamma"] = dice.uniform(0.5, 1.5, filters)
        weights[f"{name}_bn/beta"] = dice.normal(0, 0.1, filters)
        weights[f"{name}_bn/moving_mean"] = dice.normal(0, 0.1, filters)
        weights[f"{name}_bn/moving_variance"] = dice.uniform(0.5, 1.5, filters)
        channels = filters
    for number, units in enumerate(head, start=1):
        weights[f"head_{number}/kernel"] = dice.normal(0, 0.5, (channels, units))
        weights[f"head_{number}/bias"] = np.zeros(units)
        channels = units
    weights["logits/kernel"] = dice.normal(0, 0.5, (channels, len(card.codes)))
    weights["logits/bias"] = dice.normal(0, 0.1, len(card.codes))
    folder.mkdir(parents=True)
    single = {name: value.astype(np.float32) for name, value in weights.items()}
    save_file(single, folder / "weights.safetensors")
    seal(folder, card)
    return folder


def seal(folder: Path, card: ModelCard) -> None:
    """Write `card` with the digests of the files that lie in `folder`."""
    files = {
        path.name: FileDigest(hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        for path in folder.iterdir()
        if path.name != CARD
    }
    (folder / CARD).write_text(replace(card, files=files).to_json(), encoding="utf-8")


def change_card(folder: Path, **fields: object) -> None:
    """Overwrite top-level fields of the card in `folder`, sound or not."""
    document = json.loads((folder / CARD).read_text(encoding="utf-8"))
    (folder / CARD).write_text(json.dumps(document | fields), encoding="utf-8")


def _brightness_graph(codes: Sequence[str], input_px: int):
    import openvino
    from openvino import opset13 as ops

    cell = input_px // CELLS
    pixels = ops.parameter([-1, input_px, input_px, 3], np.uint8, name="image")
    level = ops.divide(ops.convert(pixels, np.float32), np.float32(255))
    light = ops.relu(ops.subtract(level, np.float32(0.25)))
    dark = ops.relu(ops.subtract(np.float32(0.25), level))
    planes = ops.transpose(ops.concat([light, dark], 3), np.array([0, 3, 1, 2]))
    pooled = ops.avg_pool(planes, [cell, cell], [0, 0], [0, 0], [cell, cell], False)
    features = ops.transpose(pooled, np.array([0, 2, 3, 1]))
    maps = ops.matmul(features, ops.constant(_kernel(codes)), False, False)
    places = np.array([1, 2])
    outputs = {
        "logits": ops.reduce_mean(maps, places),
        "activation_maps": maps,
        "embedding": ops.reduce_mean(features, places),
    }
    for name, node in outputs.items():
        node.output(0).set_names({name})
    return openvino.Model([ops.result(node) for node in outputs.values()], [pixels], "tiny")


def _kernel(codes: Sequence[str]) -> np.ndarray:
    """Return (6, k): light in three colours and dark in three, to every diagnosis."""
    kernel = np.zeros((6, len(codes)), np.float32)
    kernel[0, ::2], kernel[1, 1::2], kernel[2, ::3] = 2, 2, 1
    kernel[:3, bright_index(codes)] = 400
    kernel[3:, dark_index(codes)] = 4
    return kernel


def bright_index(codes: Sequence[str]) -> int:
    """Return the place of the diagnosis that a bright spot stands for."""
    return list(codes).index("mel") if "mel" in codes else 0


def dark_index(codes: Sequence[str]) -> int:
    """Return the place of the diagnosis that a dark picture stands for."""
    return list(codes).index("nv") if "nv" in codes else 1


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for all tests of a session; copy it before changing it."""
    return make_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")
