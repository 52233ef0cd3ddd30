"""Batches for the network."""

import numpy as np

from lesionviewer.core.region import SquareRegion
from lesionviewer.jobs.decode_plan import Rank
from lesionviewer.jobs.input_queue import InputQueue, NetworkInput


def item(image: int, rank: Rank = Rank.REST, *, side: int = 0) -> NetworkInput:
    region = SquareRegion(0, 0, side or 4)
    pixels = np.zeros((4, 4, 3), np.uint8)
    return NetworkInput(1, image, rank, pixels, region, chosen_region=bool(side))


def queue_of(*items: NetworkInput) -> InputQueue:
    queue = InputQueue()
    for one in items:
        queue.put(one)
    return queue


def test_a_batch_waits_until_it_is_full_while_more_are_coming():
    queue = queue_of(item(0), item(1))
    assert not queue.take(3, more_coming=True)
    assert [i.image for i in queue.take(3, more_coming=False)] == [0, 1]


def test_the_open_image_waits_for_nothing_and_goes_alone():
    queue = queue_of(item(0), item(1), item(2))
    queue.prefer(1)
    assert [i.image for i in queue.take(2, more_coming=True)] == [1]
    assert [i.image for i in queue.take(2, more_coming=True)] == [0, 2]


def test_an_engine_that_is_busy_takes_nothing_but_the_open_image():
    queue = queue_of(item(0), item(1))
    assert not queue.take(2, more_coming=False, urgent_only=True)
    queue.prefer(1)
    assert [i.image for i in queue.take(2, more_coming=False, urgent_only=True)] == [1]


def test_more_urgent_images_go_first_and_equals_in_order():
    queue = queue_of(item(0), item(1, Rank.VISIBLE), item(2), item(3, Rank.NEIGHBOUR))
    assert [i.image for i in queue.take(4, more_coming=True)] == [3, 1, 0, 2]


def test_an_image_that_is_no_longer_open_is_not_urgent_any_more():
    queue = queue_of(item(0, Rank.OPEN), item(1))
    queue.prefer(1)
    assert [i.image for i in queue.take(1, more_coming=True)] == [1]
    assert not queue.take(2, more_coming=True)


def test_a_newer_chosen_region_replaces_the_older_one():
    queue = queue_of(item(0, side=2), item(0, side=3), item(0))
    assert [i.region.side for i in queue.take(4, more_coming=True)] == [3]
    assert [i.chosen_region for i in queue.take(4, more_coming=False)] == [False]


def test_a_chosen_region_can_be_withdrawn():
    queue = queue_of(item(0, side=2))
    queue.drop_chosen(0)
    assert not queue.take(1, more_coming=False)
