"""Images in, predictions out, in the order in which a reader needs them."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from review_helpers import GatedClassifier, HandDecoder, chosen, until

from lesionviewer.core.errors import EngineError
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.review_images import ImageState
from lesionviewer.engine.fake_classifier import FakeClassifier

NAMES = [f"{i}.jpg" for i in range(12)]
SETS = {"old": NAMES, "new": ["a.jpg", "b.jpg"]}


@pytest.fixture
def open_set(qtbot: QtBot, start_service):
    """A service whose images of "old" are listed; nothing is decoded yet."""

    def open_it(**options):
        service = start_service(SETS, **options)
        with qtbot.waitSignal(service.scanned):
            service.open([Path("old")])
        return service

    return open_it


def states(service) -> list[ImageState]:
    return [service.images.state(i) for i in range(len(service.images))]


def finish(qtbot: QtBot, service, decoder: HandDecoder) -> None:
    """Decode whatever is asked for until the set is done."""

    def step() -> bool:
        decoder.give_all()
        return service.progress.complete

    qtbot.waitUntil(step, timeout=20_000)


def test_every_image_gets_its_prediction_and_the_end_is_told_once(
    qtbot: QtBot, open_set, decoder: HandDecoder
):
    service = open_set()
    ends = []
    service.finished.connect(lambda: ends.append(True))
    service.start_engine()
    finish(qtbot, service, decoder)
    qtbot.waitUntil(lambda: bool(ends))
    assert states(service) == [ImageState.CLASSIFIED] * len(NAMES)
    assert len(ends) == 1
    assert service.images.prediction(3).probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_images_decode_while_the_engine_starts(qtbot: QtBot, open_set, decoder: HandDecoder):
    service = open_set()
    assert decoder.names == ["0.jpg", "1.jpg", "2.jpg"]
    decoder.give_all()
    with qtbot.waitSignal(service.changed):
        service.start_engine()


def test_the_open_image_is_decoded_whole_and_before_all_others(
    qtbot: QtBot, open_set, decoder: HandDecoder
):
    service = open_set()
    service.show(7, [8])
    assert decoder.names == ["0.jpg", "1.jpg", "2.jpg", "7.jpg", "8.jpg"]
    assert [request.full for request in decoder.asked] == [False] * 3 + [True] * 2
    with qtbot.waitSignal(service.picture_ready) as ready:
        decoder.give("7.jpg")
    assert ready.args[0].image == 7
    assert ready.args[0].pixels.shape == (48, 64, 3)
    service.start_engine()
    qtbot.waitUntil(lambda: service.images.state(7) is ImageState.CLASSIFIED)
    assert service.images.counts.classified == 1


def test_a_neighbour_is_at_hand_when_it_is_opened(qtbot: QtBot, open_set, decoder: HandDecoder):
    service = open_set()
    service.show(0, [1])
    decoder.give_all()
    with qtbot.waitSignal(service.picture_ready) as ready:
        service.show(1, [2])
    assert ready.args[0].image == 1


def test_images_in_sight_go_before_the_rest_and_bring_thumbnails(
    qtbot: QtBot, open_set, decoder: HandDecoder
):
    service = open_set(workers=1)
    service.see([9, 10], thumbnails=[9, 10])
    given = []
    service.thumbnails.connect(lambda pairs: given.extend(image for image, _ in pairs))
    order = [decoder.give() for _ in range(4)]
    assert order == ["0.jpg", "1.jpg", "9.jpg", "10.jpg"]
    qtbot.waitUntil(lambda: {9, 10} <= set(given))


def test_opening_another_folder_drops_the_old_work_at_once(
    qtbot: QtBot, open_set, decoder: HandDecoder, classifier: GatedClassifier
):
    service = open_set()
    service.start_engine()
    classifier.gate.clear()
    for _ in range(4):
        decoder.give()
    late, seen = list(decoder.waiting), []
    service.changed.connect(seen.extend)
    with qtbot.waitSignal(service.scanned):
        service.open([Path("new")])
    assert [service.images.name(i) for i in range(2)] == ["a.jpg", "b.jpg"]
    assert states(service) == [ImageState.WAITING] * 2
    assert all(future.cancelled() for _, future in late)
    classifier.gate.set()
    finish(qtbot, service, decoder)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert sorted(seen) == [0, 1]
    asked = [request.path.name for request in decoder.asked]
    assert asked == [*NAMES[:7], "a.jpg", "b.jpg"]


def test_a_bad_image_is_reported_and_the_rest_go_on(qtbot: QtBot, open_set, decoder: HandDecoder):
    service = open_set()
    decoder.fail("1.jpg", "This is a web page.")
    service.start_engine()
    finish(qtbot, service, decoder)
    assert service.images.reason(1) == "This is a web page."
    assert service.images.counts.failed == 1
    assert service.images.counts.classified == len(NAMES) - 1


def test_a_bad_image_that_is_open_says_so_at_once(qtbot: QtBot, open_set, decoder: HandDecoder):
    service = open_set()
    service.show(1, [])
    with qtbot.waitSignal(service.picture_failed) as failure:
        while "1.jpg" in decoder.names:
            decoder.fail("1.jpg", "This is a web page.")
    assert failure.args == [1, "This is a web page."]


def test_an_image_that_cannot_be_read_is_not_tried_again(
    qtbot: QtBot, open_set, decoder: HandDecoder
):
    service = open_set()
    decoder.fail("1.jpg", "This took too long.")
    qtbot.waitUntil(lambda: service.images.state(1) is ImageState.FAILED)
    service.show(1, [0])
    service.see([1], thumbnails=[1])
    decoder.give_all()
    assert [request.path.name for request in decoder.asked].count("1.jpg") == 1


def test_an_engine_that_does_not_start_says_why_and_can_be_tried_again(
    qtbot: QtBot, open_set, decoder: HandDecoder, classifier: GatedClassifier
):
    broken = [True]

    def start():
        if broken:
            raise EngineError("OpenVINO is not installed. Install it.")
        return chosen(classifier)()

    service = open_set(engine=start)
    with qtbot.waitSignal(service.engine_failed) as failure:
        service.start_engine()
    assert failure.args == ["OpenVINO is not installed. Install it."]
    assert service.engine_failure
    broken.clear()
    service.start_engine()
    finish(qtbot, service, decoder)
    assert service.images.counts.classified == len(NAMES)


def test_an_engine_that_breaks_while_it_works_is_reported_and_can_be_started_again(
    qtbot: QtBot, open_set, decoder: HandDecoder, classifier: GatedClassifier
):
    failures = [EngineError("The device is gone.")]
    work = classifier.predict

    def predict(batch):
        if failures:
            raise failures.pop()
        return work(batch)

    classifier.predict = predict
    service = open_set()
    with qtbot.waitSignal(service.engine_failed) as failure:
        service.start_engine()
        decoder.give_all()
    assert failure.args == ["The device is gone."]
    assert classifier.closed
    service.start_engine()
    finish(qtbot, service, decoder)
    assert service.images.counts.classified == len(NAMES)


def test_an_unexpected_failure_of_the_engine_becomes_one_plain_sentence(
    qtbot: QtBot, open_set, decoder: HandDecoder
):
    def start():
        raise ZeroDivisionError("/home/someone/Jane Doe")

    service = open_set(engine=start)
    with qtbot.waitSignal(service.engine_failed) as failure:
        service.start_engine()
    assert "log file" in failure.args[0]
    assert "Jane" not in failure.args[0]


def test_a_stopped_service_still_classifies_the_open_image_and_goes_on_when_told(
    qtbot: QtBot, open_set, decoder: HandDecoder
):
    service = open_set()
    service.start_engine()
    service.set_paused(True)
    service.show(9, [])
    decoder.give_all()
    qtbot.waitUntil(lambda: service.images.state(9) is ImageState.CLASSIFIED)
    decoder.give_all()
    assert service.images.counts.classified < len(NAMES)
    assert service.progress.paused
    assert not decoder.waiting
    service.set_paused(False)
    finish(qtbot, service, decoder)
    assert service.images.counts.classified == len(NAMES)


def test_an_image_whose_maps_were_dropped_is_predicted_again_when_it_is_opened(
    qtbot: QtBot, open_set, decoder: HandDecoder, monkeypatch
):
    service = open_set()
    service.start_engine()
    finish(qtbot, service, decoder)
    monkeypatch.setattr(service.images._predicted, "_room", -1)
    service.show(5, [])
    finish(qtbot, service, decoder)
    service.choose_region(5, SquareRegion(0, 0, 10))
    qtbot.waitUntil(lambda: service.images.prediction(5).chosen_region)
    # Batches may come in any order; the maps that came first are gone.
    (gone,) = (image for image in range(len(NAMES)) if service.images.lacks_maps(image))
    assert service.images.counts.classified == len(NAMES)
    service.show(gone, [])
    decoder.give_all()
    qtbot.waitUntil(lambda: service.images.prediction(gone) is not None)
    assert service.images.counts.classified == len(NAMES)


def test_a_chosen_region_is_predicted_and_the_centre_comes_back(
    qtbot: QtBot, open_set, decoder: HandDecoder
):
    service = open_set()
    service.start_engine()
    service.show(0, [])
    finish(qtbot, service, decoder)
    centre = service.images.prediction(0)
    service.choose_region(0, SquareRegion(2, 3, 20))
    qtbot.waitUntil(lambda: service.images.prediction(0).chosen_region)
    moved = service.images.prediction(0)
    assert moved.region == SquareRegion(2, 3, 20)
    service.reset_region(0)
    back = service.images.prediction(0)
    assert not back.chosen_region
    assert back.region == centre.region


def test_a_region_that_was_given_up_meanwhile_is_never_shown(
    qtbot: QtBot, open_set, decoder: HandDecoder, classifier: GatedClassifier
):
    service = open_set()
    service.start_engine()
    service.show(0, [])
    finish(qtbot, service, decoder)
    shown = []
    service.changed.connect(lambda _: shown.append(service.images.prediction(0).region.left))
    classifier.gate.clear()
    entered = classifier.entered
    service.choose_region(0, SquareRegion(2, 3, 20))
    until(lambda: classifier.entered > entered, "the network has the first region")
    service.reset_region(0)
    service.choose_region(0, SquareRegion(5, 3, 20))
    classifier.gate.set()
    qtbot.waitUntil(lambda: 5 in shown)
    assert set(shown) == {8, 5}


def test_batches_fill_while_images_keep_coming(
    qtbot: QtBot, open_set, decoder: HandDecoder, classifier: GatedClassifier
):
    service = open_set(workers=6)
    classifier.gate.clear()
    with qtbot.waitSignal(service.engine_started):
        service.start_engine()
    until(lambda: len(decoder.waiting) > 4, "enough images are asked for")
    for _ in range(4):
        decoder.give()
    classifier.gate.set()
    finish(qtbot, service, decoder)
    assert max(classifier.batches) == classifier.batch_size


@pytest.fixture
def busy_service(qtbot: QtBot, open_set, decoder: HandDecoder, classifier: GatedClassifier):
    """A service whose engine holds as many full batches as it is given."""
    classifier.gate.clear()
    service = open_set(workers=6)
    with qtbot.waitSignal(service.engine_started):
        service.start_engine()
    for _ in range(2 * classifier.batch_size):
        until(lambda: bool(decoder.names), "another image is asked for")
        decoder.give()
    until(lambda: classifier.entered == 2, "the engine has the next batch beside the first")
    return service


def test_the_engine_has_the_next_batch_while_it_works_on_the_first(
    qtbot: QtBot, busy_service, decoder: HandDecoder, classifier: GatedClassifier
):
    classifier.gate.set()
    finish(qtbot, busy_service, decoder)
    assert classifier.batches[:2] == [classifier.batch_size] * 2
    assert busy_service.images.counts.classified == len(NAMES)


def test_the_open_image_does_not_wait_for_the_batches_before_it(
    qtbot: QtBot, busy_service, decoder: HandDecoder, classifier: GatedClassifier
):
    busy_service.show(11, [])
    until(lambda: "11.jpg" in decoder.names, "the open image is asked for")
    decoder.give("11.jpg")
    until(lambda: classifier.entered == 3, "the engine has the open image beside the batches")
    classifier.gate.set()
    finish(qtbot, busy_service, decoder)
    assert 1 in classifier.batches


def test_an_engine_that_breaks_with_two_batches_is_reported_once(
    qtbot: QtBot, busy_service, classifier: GatedClassifier, monkeypatch
):
    def fail(*_):
        raise EngineError("The device is gone.")

    failures = []
    busy_service.engine_failed.connect(failures.append)
    monkeypatch.setattr(FakeClassifier, "predict", fail)
    with qtbot.waitSignal(busy_service.engine_failed):
        classifier.gate.set()
    assert failures == ["The device is gone."]
    assert classifier.closed


def test_closing_ends_the_classifier(qtbot: QtBot, open_set, classifier: GatedClassifier):
    service = open_set()
    with qtbot.waitSignal(service.engine_started):
        service.start_engine()
    assert service.close(grace_ms=5000)
    assert classifier.closed
