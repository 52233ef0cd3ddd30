"""Pictures drawn by chance: textures, noise, and what looks like a screen full of text."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Square = NDArray[np.uint8]
Floats = NDArray[np.float64]
_LEAST_SCREEN = 64
"""Half the edge that words and buttons need."""
_WORDS = "File Edit View Help Open Save Name Size Date 2024 Total 128 px OK Cancel Settings Report"


def texture(rng: np.random.Generator, size: int) -> Square:
    """Return a plain field, a grating, a chequerboard, cells or clouds in two colours, (s, s, 3).

    A quarter of them have the colours of skin.
    """
    kinds = (_plain, _grating, _chequers, _cells, _clouds)
    mix = kinds[int(rng.integers(len(kinds)))](rng, size)[..., None]
    if rng.random() < 0.25:
        first = rng.uniform((150, 100, 80), (240, 200, 185))
        second = first * rng.uniform(0.3, 0.9)
    else:
        first, second = rng.uniform(0, 255, (2, 3))
    return _bytes(mix * first + (1 - mix) * second)


def noise(rng: np.random.Generator, size: int) -> Square:
    """Return uniform, normal or salt-and-pepper noise, fine or coarse, grey or coloured."""
    grain = int(rng.choice([1, 2, 4, 8, 16]))
    edge, channels = -(-size // grain), int(rng.choice([1, 3]))
    shape = (edge, edge, channels)
    kind = int(rng.integers(3))
    field: Floats
    if kind == 0:
        field = rng.uniform(0, 255, shape)
    elif kind == 1:
        field = rng.normal(rng.uniform(60, 200, 3)[:channels], rng.uniform(10, 80), shape)
    else:
        field = np.where(rng.random(shape) < rng.uniform(0.05, 0.95), 255.0, 0.0)
    coarse = np.repeat(np.repeat(field, grain, axis=0), grain, axis=1)[:size, :size]
    return _bytes(np.broadcast_to(coarse, (size, size, 3)))


def screen(rng: np.random.Generator, size: int) -> Square:
    """Return what looks like a window: a bar, panes, lines of words, buttons, a curve."""
    edge = 2 * max(size, _LEAST_SCREEN)
    dark = rng.random() < 0.5
    ground, ink = ((32, 34, 38), (220, 222, 226)) if dark else ((246, 246, 248), (30, 30, 34))
    picture = Image.new("RGB", (edge, edge), ground)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size=int(rng.integers(12, 26)))
    words = _WORDS.split()
    accent = tuple(int(value) for value in rng.integers(40, 220, 3))
    draw.rectangle((0, 0, edge, int(rng.integers(20, 60))), fill=accent)
    split = int(rng.uniform(0.2, 0.8) * edge)
    draw.line((split, 0, split, edge), fill=ink)
    for row in range(70, edge, int(rng.integers(22, 44))):
        line = " ".join(str(word) for word in rng.choice(words, int(rng.integers(1, 9))))
        draw.text((int(rng.choice([8, split + 8])), row), line, fill=ink, font=font)
    for _ in range(int(rng.integers(1, 5))):
        left, top = (int(value) for value in rng.integers(0, edge - 90, 2))
        draw.rounded_rectangle((left, top, left + 84, top + 30), 6, outline=ink, fill=accent)
    if rng.random() < 0.5:
        heights = edge / 2 + np.cumsum(rng.normal(0, edge / 60, 60))
        draw.line([(8 * x, float(y)) for x, y in enumerate(heights)], fill=accent, width=3)
    small = picture.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(small)


def _plain(rng: np.random.Generator, size: int) -> Floats:
    return np.full((size, size), rng.random())


def _grating(rng: np.random.Generator, size: int) -> Floats:
    rows, columns = _places(size)
    angle, waves = rng.uniform(0, np.pi), rng.uniform(1, size / 6)
    phase = 2 * np.pi * waves * (np.cos(angle) * rows + np.sin(angle) * columns)
    return np.asarray(0.5 + 0.5 * np.sin(phase + rng.uniform(0, 6)))


def _chequers(rng: np.random.Generator, size: int) -> Floats:
    rows, columns = _places(size)
    fields = rng.integers(2, 24)
    return np.asarray((np.floor(rows * fields) + np.floor(columns * fields)) % 2)


def _cells(rng: np.random.Generator, size: int) -> Floats:
    rows, columns = _places(size)
    seeds = rng.random((int(rng.integers(5, 40)), 2))
    squares = (rows[..., None] - seeds[:, 0]) ** 2 + (columns[..., None] - seeds[:, 1]) ** 2
    return np.asarray(rng.random(len(seeds))[squares.argmin(axis=-1)])


def _clouds(rng: np.random.Generator, size: int) -> Floats:
    """Return noise whose power falls with frequency, 0.0 to 1.0."""
    rows = np.fft.fftfreq(size)[:, None]
    columns = np.fft.fftfreq(size)[None, :]
    fall = np.hypot(rows, columns)
    fall[0, 0] = 1.0
    spectrum = np.fft.fft2(rng.normal(size=(size, size))) / fall ** rng.uniform(0.6, 2.0)
    field = np.fft.ifft2(spectrum).real
    return np.asarray((field - field.min()) / np.ptp(field))


def _places(size: int) -> tuple[Floats, Floats]:
    rows, columns = np.mgrid[:size, :size] / size
    return rows, columns


def _bytes(values: Floats) -> Square:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
