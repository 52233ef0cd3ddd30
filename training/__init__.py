"""Datasets, splits, fitting, evaluation and export. Runs without Qt, on a server too."""
