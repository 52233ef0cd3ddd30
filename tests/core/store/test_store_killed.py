"""Killed at any moment: no decision that was reported as saved is missing."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from reading_model import ReadingModel, shown

from lesionviewer.core.store.store import SessionStore

CHILD = Path(__file__).with_name("deciding_child.py")
ROUNDS = 6
ORDERS = 30


def random_order(chance: random.Random) -> dict[str, Any]:
    do = chance.choice(["decide", "decide", "decide", "undo", "redo"])
    if do != "decide":
        return {"do": do}
    images = [f"{chance.randrange(6):064x}" for _ in range(chance.randint(1, 3))]
    change = chance.choice(
        [{"diagnosis": chance.choice(["mel", "nv"])}, {"flag": chance.random() < 0.5}]
    )
    return {"do": do, "images": images, "change": change}


def follow(model: ReadingModel, order: dict[str, Any]) -> None:
    if order["do"] == "decide":
        model.decide(dict.fromkeys(order["images"]), order["change"])
    elif order["do"] == "undo":
        model.undo()
    else:
        model.redo()


def state_of(model: ReadingModel) -> tuple[dict[str, dict[str, Any]], int, int]:
    return model.held, len(model.done), len(model.undone)


def saved_until_killed(
    folder: Path, opened: Path, orders: list[dict[str, Any]], answers: int
) -> int:
    """Send all orders, kill the program after some answers. Returns how many it gave at last."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(folder), str(opened)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout.readline() == "ready\n"
        child.stdin.write("".join(json.dumps(order) + "\n" for order in orders))
        child.stdin.flush()
        lines = [child.stdout.readline() for _ in range(answers)]
        child.kill()
        lines += child.stdout.readlines()
    return lines.count("saved\n")


def test_what_was_reported_as_saved_is_there_after_a_kill_at_any_moment(folder, tmp_path):
    chance = random.Random(5)
    model = ReadingModel()
    for _ in range(ROUNDS):
        orders = [random_order(chance) for _ in range(ORDERS)]
        saved = saved_until_killed(folder, tmp_path, orders, chance.randrange(ORDERS))
        for order in orders[:saved]:
            follow(model, order)
        with SessionStore.open(folder) as store:
            session = store.session_for([tmp_path])
            history = session.history
            found = shown(session.decisions()), len(history.undo), len(history.redo)
            if found != state_of(model):
                # One more may have been saved without the time to say so.
                follow(model, orders[saved])
            assert found == state_of(model)
            assert store.verify(session.info.row).altered is None
