"""Writes a bundle's card with the digests of the files beside it."""

import hashlib
from dataclasses import replace
from pathlib import Path

from lesionviewer.core.bundle import CARD
from lesionviewer.core.card import FileDigest, ModelCard


def seal(folder: Path, card: ModelCard) -> ModelCard:
    """Write `card` into the bundle in `folder`, and return it with the digests of all files."""
    files = {
        path.name: FileDigest(hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        for path in folder.iterdir()
        if path.name != CARD
    }
    card = replace(card, files=files)
    part = folder / f".{CARD}.part"
    part.write_text(card.to_json(), "utf-8")
    part.replace(folder / CARD)
    return card
