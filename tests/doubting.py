"""A tiny bundle with everything that doubt needs, fitted to the sample pictures."""

from pathlib import Path

import pytest
from bundles import make_tiny_bundle

from training.datasets import LabelledImage
from training.doubt.fit import add_doubt
from training.doubt.gather import DoubtData

CODES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


def sample_data(samples: list[Path]) -> DoubtData:
    """Return the samples as every part of a data set, with made-up diagnoses."""
    images = [
        LabelledImage(path, CODES[number % 7], path.stem, attributes={"dx_type": "histo"})
        for number, path in enumerate(samples)
    ]
    return DoubtData(
        train=images,
        sides={"val": images, "test": images},
        own_val=frozenset(samples),
        sources={str(samples[0].parent): "samples"},
    )


@pytest.fixture(scope="session")
def doubtful_bundle(tmp_path_factory: pytest.TempPathFactory, samples: list[Path]) -> Path:
    """A bundle for all tests of a session; copy it before changing it."""
    folder = make_tiny_bundle(tmp_path_factory.mktemp("bundles") / "doubtful")
    add_doubt(folder, sample_data(samples))
    return folder
