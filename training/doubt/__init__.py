"""Fits and measures what a bundle gives a reader to doubt it by."""
