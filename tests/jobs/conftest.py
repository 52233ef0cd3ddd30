"""Fixtures for tests of background work."""

from collections.abc import Callable, Iterator

import pytest
from leftovers import nothing_left_behind
from pytestqt.qtbot import QtBot
from review_helpers import GatedClassifier, HandDecoder, chosen, instant_finder

from lesionviewer.jobs.folder_scan import FolderScan
from lesionviewer.jobs.review_service import ReviewService

Starter = Callable[..., ReviewService]


@pytest.fixture(autouse=True)
def clean_end(qtbot: QtBot) -> Iterator[None]:
    with nothing_left_behind():
        yield


@pytest.fixture
def decoder() -> HandDecoder:
    return HandDecoder()


@pytest.fixture
def classifier() -> GatedClassifier:
    return GatedClassifier()


@pytest.fixture
def start_service(
    clean_end: None, decoder: HandDecoder, classifier: GatedClassifier
) -> Iterator[Starter]:
    """Make services that work on made-up folders; they are closed at the end."""
    services: list[ReviewService] = []

    def start(sets=None, *, pool=None, engine=None, scan=None, workers=2) -> ReviewService:
        service = ReviewService(
            pool or decoder,
            engine or chosen(classifier),
            prepare=lambda pixels: pixels,
            workers=workers,
            scan=scan or FolderScan(finder=instant_finder(sets or {})),
        )
        services.append(service)
        return service

    yield start
    classifier.gate.set()
    for service in services:
        assert service.close(grace_ms=5000)
