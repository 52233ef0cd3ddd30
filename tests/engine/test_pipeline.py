import itertools
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from bundles import tiny_card

from lesionviewer.core.decoded import DecodedFile, DecodeFailure, DecodeRequest
from lesionviewer.core.errors import EngineError
from lesionviewer.core.files import FoundImage
from lesionviewer.core.region import SquareRegion
from lesionviewer.engine.classifier import RawOutput
from lesionviewer.engine.fake_classifier import FakeClassifier
from lesionviewer.engine.pipeline import Outcome, classify_files

Decoded = DecodedFile | DecodeFailure


def files(count: int) -> list[FoundImage]:
    return [FoundImage(Path(f"{n}.png"), f"in/{n}.png", f"{n}.png") for n in range(count)]


def level_of(path: Path) -> int:
    return int(path.stem) % 251


def decoded(path: Path) -> DecodedFile:
    return DecodedFile(
        path=path,
        sha256=f"{int(path.stem):064x}",
        bytes=1,
        width=32,
        height=32,
        region=SquareRegion(0, 0, 32),
        model_input=np.full((32, 32, 3), level_of(path), np.uint8),
        thumbnail=None,
        pixels=None,
        notices=(),
    )


class Pool:
    """Decodes at once, but for one picture that it holds back until it is told."""

    def __init__(
        self,
        *,
        bad: frozenset[int] = frozenset(),
        hold: int | None = None,
        release_at: int | None = None,
    ) -> None:
        self.bad, self.hold, self.release_at = bad, hold, release_at
        self.asked = 0
        self.held: tuple[Future[Decoded], Path] | None = None

    def submit(self, request: DecodeRequest) -> Future[Decoded]:
        self.asked += 1
        future: Future[Decoded] = Future()
        number = int(request.path.stem)
        if number == self.hold:
            self.held = future, request.path
        elif number in self.bad:
            failure = DecodeFailure(path=request.path, sha256="", reason="Not a picture.")
            future.set_result(failure)
        else:
            future.set_result(decoded(request.path))
        if self.asked == self.release_at:
            self.release()
        return future

    def release(self) -> None:
        if self.held:
            future, path = self.held
            self.held = None
            future.set_result(decoded(path))


class Counting(FakeClassifier):
    def __init__(self, batch_size: int = 8, *, release: Pool | None = None) -> None:
        super().__init__(tiny_card(input_px=32), batch_size=batch_size)
        self.sizes: list[int] = []
        self.release = release

    def predict(self, batch: np.ndarray) -> RawOutput:
        self.sizes.append(len(batch))
        if self.release:
            self.release.release()
        return super().predict(batch)


def names(outcomes: Iterator[Outcome]) -> list[str]:
    return [outcome.found.shown for outcome in outcomes]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 200])
def test_every_file_comes_once_and_in_order(count: int) -> None:
    outcomes = classify_files(files(count), Pool(), Counting())
    assert names(outcomes) == [f"in/{n}.png" for n in range(count)]


def test_each_file_gets_the_prediction_of_its_own_pixels() -> None:
    classifier = Counting()
    for outcome in classify_files(files(30), Pool(), classifier):
        alone = classifier.predict(decoded(outcome.found.path).model_input[None])
        assert outcome.prediction is not None
        np.testing.assert_array_equal(outcome.prediction.activation_maps, alone.activation_maps[0])


def test_a_file_that_cannot_be_read_has_no_prediction_and_costs_no_other() -> None:
    outcomes = list(classify_files(files(40), Pool(bad=frozenset({0, 5, 39})), Counting()))
    without = [n for n, outcome in enumerate(outcomes) if outcome.prediction is None]
    assert without == [0, 5, 39]
    assert isinstance(outcomes[5].decoded, DecodeFailure)


def test_a_folder_without_a_readable_file_never_reaches_the_engine() -> None:
    classifier = Counting()
    pool = Pool(bad=frozenset(range(100)))
    assert len(list(classify_files(files(100), pool, classifier))) == 100
    assert classifier.sizes == []


def test_batches_are_full_but_for_the_last() -> None:
    classifier = Counting(batch_size=8)
    list(classify_files(files(43), Pool(), classifier))
    assert classifier.sizes == [8, 8, 8, 8, 8, 3]


@pytest.mark.parametrize("held", [0, 3, 150])
def test_a_slow_file_does_not_hold_up_the_engine(held: int) -> None:
    pool = Pool(hold=held)
    outcomes = classify_files(files(300), pool, Counting(release=pool))
    assert names(outcomes) == [f"in/{n}.png" for n in range(300)]


def test_a_full_window_with_less_than_a_batch_in_it_does_not_stall() -> None:
    pool = Pool(hold=0, bad=frozenset(range(1, 59)), release_at=64)
    assert len(names(classify_files(files(70), pool, Counting()))) == 70


def test_files_are_asked_for_only_as_fast_as_they_are_worked_off() -> None:
    pool = Pool()
    outcomes = classify_files(itertools.repeat(files(1)[0]), pool, Counting())
    for _ in range(20):
        next(outcomes)
    assert pool.asked < 150
    outcomes.close()


def test_a_failing_engine_ends_the_work_with_its_error() -> None:
    class Broken(Counting):
        def predict(self, batch: np.ndarray) -> RawOutput:
            raise EngineError("The engine failed.")

    with pytest.raises(EngineError, match="The engine failed"):
        list(classify_files(files(20), Pool(), Broken()))


def test_closing_early_drops_what_has_not_begun() -> None:
    pool = Pool(hold=63)
    outcomes = classify_files(files(1000), pool, Counting())
    next(outcomes)
    outcomes.close()
    assert pool.held is not None
    assert pool.held[0].cancelled()
