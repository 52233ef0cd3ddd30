"""Rate and time left."""

from lesionviewer.jobs.progress import Progress, RateMeter


def test_the_rate_is_that_of_the_last_seconds():
    meter = RateMeter()
    for second in range(21):
        meter.note(second * (10 if second <= 10 else 40), now=float(second))
    assert meter.rate is not None
    assert round(meter.rate) == 40


def test_there_is_no_rate_before_enough_was_seen():
    meter = RateMeter()
    assert meter.rate is None
    meter.note(0, now=0.0)
    meter.note(5, now=0.1)
    assert meter.rate is None


def test_work_that_stands_still_has_no_rate():
    meter = RateMeter()
    meter.note(5, now=0.0)
    meter.note(5, now=2.0)
    assert meter.rate is None


def test_work_is_complete_only_when_no_more_images_can_be_found():
    assert Progress(done=3, total=3).complete
    assert not Progress(done=3, total=3, scanning=True).complete
    assert not Progress(done=2, total=3).complete
