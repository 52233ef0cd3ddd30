"""Digests of the model cards that ship with the program."""

PINNED: dict[str, str] = {
    "ham10000-resnet50": "eaabe10cef6d668715260050c56caa4ec27e2f87ba22e6a2f4cec0f7e8436337",
}
"""SHA-256 of `card.json`, by the bundle's folder name in `assets/models`."""
