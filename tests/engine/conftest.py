"""Fixtures for these tests."""

from bundles import tiny_bundle
from doubting import doubtful_bundle

__all__ = ["doubtful_bundle", "tiny_bundle"]
