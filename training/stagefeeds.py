"""Makes what a stage is fed: its frozen trunk, the maps of val, and a feed for training."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from training.config import INPUT, Stage, TrainingConfig
from training.datasets import LabelledImage
from training.feeds import (
    Feed,
    Maps,
    Material,
    PlainPixels,
    Rows,
    cached_feed,
    fresh_feed,
    kept_maps,
)
from training.ranges import RANGES
from training.squares import SquareStore
from training.trunk import build_trunk
from training.weights import in_float32

if TYPE_CHECKING:
    import keras

CACHE, START = "cache", "start.safetensors"

ProgressOf = Callable[[str], Callable[[int, int], None]]
"""From the name of some work to its callback for progress."""


def stage_feed(
    model: "keras.Model",
    stage: Stage,
    config: TrainingConfig,
    run: Path,
    squares: SquareStore,
    train: Sequence[LabelledImage],
    val: Sequence[LabelledImage],
    progress: ProgressOf,
) -> tuple[Feed, Rows]:
    """Return the stage's feed for training and its maps of val.

    Args:
        model: The whole network, with the weights that the stage begins from.
        stage: Says up to which layer the trunk is frozen.
        config: The run's settings.
        run: The run folder; maps are kept below it.
        squares: The images' squares.
        train: Images to train on.
        val: Images to choose the best epoch by.
        progress: Tells how far the maps are. What it raises ends the work.
    """
    to_train, to_choose = (
        Material(
            squares,
            [image.path for image in side],
            config.input_px,
            config.seed,
            RANGES[config.augmentation],
        )
        for side in (train, val)
    )

    if stage.cut == INPUT:
        return fresh_feed(to_train, lambda pixels: pixels, first_view=config.views), PlainPixels(
            to_choose
        )
    trunk = build_trunk(
        in_float32(model),
        stage.cut,
        batch_size=config.batch_size,
        threads=config.threads,
        bfloat16=config.dtype == "mixed_bfloat16",
    )
    # What lies below a cut is never trained: the weights that the run began with tell maps apart.
    start = hashlib.sha256((run / START).read_bytes()).hexdigest()

    def kept(material: Material, view: int | None, work: str) -> Maps:
        return kept_maps(
            material,
            trunk,
            run / CACHE,
            trunk_key=f"{start} {stage.cut} {config.dtype}",
            view=view,
            chunk=config.batch_size,
            progress=progress(work),
        )

    val_maps = kept(to_choose, None, "maps of val")
    if not stage.cached:
        return fresh_feed(to_train, trunk, first_view=config.views), val_maps
    views = [
        kept(to_train, view, f"maps of view {view + 1} of {config.views}")
        for view in range(config.views)
    ]
    return cached_feed(views, seed=config.seed), val_maps
