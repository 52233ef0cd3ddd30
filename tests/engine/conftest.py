"""Fixtures for these tests."""

from bundles import tiny_bundle

__all__ = ["tiny_bundle"]
