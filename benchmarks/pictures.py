"""The pictures that are measured with."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.assets import samples_dir
from lesionviewer.core.decode_pool import DecodePool, DecodeRequest
from lesionviewer.core.files import find_images

WIDTH, HEIGHT = 600, 450
"""The size of HAM10000's originals."""


def sample_folder(folder: Path, count: int, *, width: int = WIDTH, height: int = HEIGHT) -> Path:
    """Fill `folder` with `count` JPEGs made of the bundled samples, and return it."""
    folder.mkdir(parents=True)
    first: list[Path] = []
    for number, sample in enumerate(sorted(samples_dir().glob("*.jpg"))[:count]):
        path = folder / f"{number:06d}.jpg"
        with Image.open(sample) as picture:
            small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
            small.save(path, quality=92)
        first.append(path)
    for number in range(len(first), count):
        os.link(first[number % len(first)], folder / f"{number:06d}.jpg")
    return folder


def images_of(folder: Path) -> list[Path]:
    """Return the image files below `folder`."""
    return [found.path for found in find_images([folder])]


def squares(pool: DecodePool, paths: list[Path], input_px: int) -> NDArray[np.uint8]:
    """Return what the network sees of each file."""
    asked = [pool.submit(DecodeRequest(path=path, input_px=input_px)) for path in paths]
    return np.stack([future.result().model_input for future in asked])
