"""Measures what a bundle's maps are worth on labelled images with lesion masks."""
