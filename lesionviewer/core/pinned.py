"""Digests of the model cards that ship with the program."""

PINNED: dict[str, str] = {}
"""SHA-256 of `card.json`, by the bundle's folder name in `assets/models`."""
