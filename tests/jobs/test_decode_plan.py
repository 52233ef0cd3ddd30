"""What is decoded next."""

from pathlib import Path

from lesionviewer.jobs.decode_plan import DecodePlan, Rank, Task


def plan_for(count: int, *, limit: int = 2, ahead: int = 8) -> DecodePlan:
    plan = DecodePlan(limit=limit, ahead=ahead)
    plan.restart()
    plan.extend([Path(f"{i}.jpg") for i in range(count)])
    return plan


def drain(plan: DecodePlan) -> list[Task]:
    """Take and finish one task after the other."""
    tasks = []
    while (task := plan.take()) is not None:
        tasks.append(task)
        plan.landed(task, waits=task.classify)
        plan.classified(task.generation, [task.image] if task.classify else [])
    return tasks


def test_the_open_image_goes_first_then_its_neighbours_the_visible_and_the_rest():
    plan = plan_for(8)
    plan.want_visible([6, 7], [6])
    plan.want_full([3, 4, 2], have=())
    tasks = drain(plan)
    assert [task.image for task in tasks] == [3, 4, 2, 6, 7, 0, 1, 5]
    ranks = [Rank.OPEN, Rank.NEIGHBOUR, Rank.NEIGHBOUR, Rank.VISIBLE, Rank.VISIBLE]
    assert [task.rank for task in tasks[:5]] == ranks
    assert [task.full for task in tasks] == [True] * 3 + [False] * 5
    assert all(task.classify for task in tasks)


def test_every_image_is_classified_once_however_often_it_is_wished_for():
    plan = plan_for(5)
    plan.want_full([0, 1], have=())
    first = [plan.take(), plan.take()]
    plan.want_full([0, 1], have=())
    plan.want_visible([0, 1, 2], [0, 1, 2])
    for task in first:
        plan.landed(task, waits=True)
    plan.classified(plan.generation, [0, 1])
    later = drain(plan)
    assert sorted(t.image for t in [*first, *later] if t.classify) == [0, 1, 2, 3, 4]


def test_only_a_few_tasks_are_on_their_way_so_that_an_urgent_one_soon_has_its_turn():
    plan = plan_for(100, limit=3)
    taken = [plan.take() for _ in range(5)]
    assert [task.image for task in taken if task] == [0, 1, 2]
    plan.want_full([50, 51], have=())
    assert [plan.take().image, plan.take().image] == [50, 51]
    assert plan.take() is None


def test_decoding_pauses_while_too_many_images_wait_for_the_network():
    plan = plan_for(10, ahead=2)
    for _ in range(2):
        plan.landed(plan.take(), waits=True)
    assert plan.take() is None
    plan.classified(plan.generation, [0])
    assert plan.take().image == 2


def test_a_visible_image_keeps_its_turn_while_decoding_pauses():
    plan = plan_for(10, ahead=1)
    plan.landed(plan.take(), waits=True)
    plan.want_visible([9], [])
    assert plan.take() is None
    plan.classified(plan.generation, [0])
    assert plan.take().image == 9


def test_a_thumbnail_in_sight_is_made_even_if_the_image_is_classified():
    plan = plan_for(2)
    drain(plan)
    plan.want_visible([0, 1], [1])
    (task,) = drain(plan)
    assert (task.image, task.thumbnail, task.classify) == (1, True, False)


def test_a_thumbnail_that_is_on_its_way_is_not_made_twice():
    plan = plan_for(2, limit=4)
    flying = [plan.take(), plan.take()]
    plan.want_visible([0, 1], [0, 1])
    assert plan.take() is None
    plan.landed(flying[0], waits=True)
    plan.want_visible([0], [0])
    assert plan.take().thumbnail


def test_thumbnails_out_of_sight_are_made_only_while_there_is_room():
    plan = plan_for(3)
    assert plan.take().thumbnail
    plan.spare_thumbnails()
    assert not plan.take().thumbnail


def test_tasks_of_an_older_set_are_dropped():
    plan = plan_for(3)
    old = plan.take()
    plan.restart()
    assert plan.take() is None
    assert not plan.landed(old, waits=True)
    assert not plan.classified(old.generation, [old.image])
    plan.extend([Path("new.jpg")])
    assert plan.take().path == Path("new.jpg")


def test_a_stopped_plan_still_classifies_the_open_image_and_goes_on_later():
    plan = plan_for(4)
    plan.set_paused(True)
    plan.want_full([2, 3], have=())
    plan.want_visible([0], [0])
    tasks = drain(plan)
    assert [(t.image, t.classify) for t in tasks] == [(2, True), (3, False), (0, False)]
    plan.set_paused(False)
    assert [t.image for t in drain(plan)] == [0, 1, 3]


def test_an_open_picture_at_hand_is_read_again_only_to_be_classified():
    plan = plan_for(2)
    drain(plan)
    plan.want_full([0, 1], have={0})
    assert [t.image for t in drain(plan)] == [1]
    plan.renew()
    plan.want_full([0], have={0})
    assert plan.take().classify


def test_it_knows_whether_an_input_is_on_its_way():
    plan = plan_for(1)
    assert not plan.inputs_coming
    task = plan.take()
    assert plan.inputs_coming
    plan.landed(task, waits=True)
    assert not plan.inputs_coming


def test_renewing_lets_every_image_be_classified_again():
    plan = plan_for(3)
    drain(plan)
    old = plan.generation
    assert plan.renew() == old + 1
    assert [t.image for t in drain(plan)] == [0, 1, 2]
